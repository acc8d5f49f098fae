"""Copies of personal words that documents keep, made known to the retention of files (domain-facts §1.18)."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.storage import default_storage

from petitions.models import Delivery, DocumentVersion, SignOff
from petitions.retention import register_copy

# What stands in the place of words the law has taken out.
GONE = "（依法匿名化）"


def anonymise(petition_ids: Sequence[int], _at: datetime) -> int:
    """Empty the versions' wording and values, delete their files, forget who signed receipts. Checksums stay."""
    versions = DocumentVersion.objects.filter(document__petition__in=list(petition_ids)).exclude(body=GONE)
    count = 0
    for version in versions:
        for file in (version.pdf, version.docx):
            if file and default_storage.exists(str(file.name)):
                default_storage.delete(str(file.name))
        version.body, version.values_text, version.title = GONE, "{}", GONE
        version.pdf, version.docx = "", ""
        version.save(update_fields=["body", "values_text", "title", "pdf", "docx"])
        count += 1
    deliveries = Delivery.objects.filter(document__petition__in=list(petition_ids))
    for row in deliveries:
        if row.receiver or row.remark:
            row.receiver, row.remark = "", ""
            row.save(update_fields=["receiver", "remark"])
            count += 1
    signed = SignOff.objects.filter(document__petition__in=list(petition_ids)).exclude(comment="")
    return count + signed.update(comment="")


def find(petition_ids: Sequence[int]) -> int:
    """How many rows still hold words of these petitions."""
    ids = list(petition_ids)
    versions = DocumentVersion.objects.filter(document__petition__in=ids).exclude(body=GONE).count()
    deliveries = [row for row in Delivery.objects.filter(document__petition__in=ids) if row.receiver or row.remark]
    signed = SignOff.objects.filter(document__petition__in=ids).exclude(comment="").count()
    return versions + len(deliveries) + signed


register_copy("documents", anonymise=anonymise, find=find)
