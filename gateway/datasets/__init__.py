"""De-identified data sets for assessments (domain-facts §9 item 21). Docs: docs/adr/0047-data-sets-are-one-partition.md."""
