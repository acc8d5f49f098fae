"""Files of documents: made outside any lock, kept under their checksum, bound into the history of the case."""

import hashlib
import logging
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from petitions.actions.documents.moves import lock_document, record
from petitions.documents.composing import paper_of
from petitions.documents.rendering import pages_in, pdf_of
from petitions.documents.word import word_of
from petitions.models import Document, DocumentVersion
from petitions.models.documents import document_path
from petitions.states import Refused

log = logging.getLogger(__name__)
TRY_AGAIN = timedelta(hours=1)


def _kept(version: DocumentVersion, content: bytes, ending: str) -> tuple[str, str]:
    """Storage name and checksum. The same bytes under the same name are the same file: a retry finds it again."""
    digest = hashlib.sha256(content).hexdigest()
    path = document_path(version, f"{digest}.{ending}")
    name = path if default_storage.exists(path) else default_storage.save(path, ContentFile(content))
    return name, digest


def file_document(document_id: int, *, at: datetime) -> Document:
    """Make and keep PDF and Word of an issued document, once. Call it after the transaction of the issue.

    Whatever keeps it from being made (a worker killed, a store away) leaves the document to `file_pending`.
    """
    document = Document.objects.select_related("petition", "unit").get(pk=document_id)
    if document.issued_at is None or document.filed_at is not None:
        return document
    version = document.versions.order_by("-no")[0]
    version.document = document
    paper = paper_of(document, version)
    pdf, word = pdf_of(paper, at=document.issued_at), word_of(paper)
    pdf_name, pdf_sha256 = _kept(version, pdf, "pdf")
    docx_name, docx_sha256 = _kept(version, word, "docx")
    with transaction.atomic():
        locked = lock_document(document_id)
        if locked.filed_at is not None:
            return locked
        version.pdf.name, version.pdf_sha256 = pdf_name, pdf_sha256
        version.docx.name, version.docx_sha256 = docx_name, docx_sha256
        version.pages, version.missing = pages_in(pdf), "".join(paper.missing)[:100]
        version.save(update_fields=["pdf", "pdf_sha256", "docx", "docx_sha256", "pages", "missing"])
        Document.objects.filter(pk=document_id).update(filed_at=at)
        locked.filed_at = at
        data = {"pdf": pdf_sha256, "docx": docx_sha256, "pages": version.pages}
        record(locked, "file", Actor.system(), at, data=data)
    return locked


def file_pending(*, at: datetime, limit: int = 200) -> int:
    """Make the files of issued documents that have none yet, each on its own. Returns how many.

    One that cannot be made waits an hour for its next try, so that it keeps no other from its turn.
    """
    waiting = Document.objects.filter(issued_at__isnull=False, filed_at=None)
    due = waiting.filter(Q(file_tried_at=None) | Q(file_tried_at__lte=at - TRY_AGAIN)).order_by("pk")
    count = 0
    for document_id in list(due.values_list("pk", flat=True)[:limit]):
        # Noted before the try: a document at which the worker itself dies steps back, too.
        Document.objects.filter(pk=document_id).update(file_tried_at=at)
        try:
            file_document(document_id, at=at)
            count += 1
        except Exception:
            log.exception("the files of document %s could not be made", document_id)
    return count


def document_pdf(version: DocumentVersion, *, is_masked: bool = False) -> bytes:
    """The PDF of a version: the kept one where there is one, else set now from what was kept of it.

    Raises Refused when the kept file is not what was filed.
    """
    if version.pdf and not is_masked and version.document.state != "void":
        return _read(version.pdf.name, version.pdf_sha256)
    paper = paper_of(version.document, version, is_masked=is_masked)
    return pdf_of(paper, at=version.document.issued_at or version.made_at)


def document_word(version: DocumentVersion, *, is_masked: bool = False) -> bytes:
    """The Word file of a version, like `document_pdf`."""
    if version.docx and not is_masked and version.document.state != "void":
        return _read(version.docx.name, version.docx_sha256)
    return word_of(paper_of(version.document, version, is_masked=is_masked))


def _read(name: str | None, sha256: str) -> bytes:
    with default_storage.open(str(name), "rb") as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Refused(_("The kept file is not what was filed: its checksum differs. Tell the administrators."))
    return content
