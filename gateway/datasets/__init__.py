"""De-identified data sets for assessments (domain-facts §9 item 21)."""
