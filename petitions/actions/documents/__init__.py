"""The only code that writes the letters of a case: drafting, sign-off, issue with its number, delivery, templates."""

from petitions.actions.documents.delivering import deliver, end_public_notices, read_by_citizen, receive, send_returned
from petitions.actions.documents.drafting import amend, draft, draft_for_move, draft_if_none
from petitions.actions.documents.filing import document_pdf, document_word, file_document, file_pending
from petitions.actions.documents.moves import lock_document, move
from petitions.actions.documents.signing import issue, send_back, sign, submit, void
from petitions.actions.documents.templates import restore_template, save_template
from petitions.documents.kinds import DocumentKind, register_kind

__all__ = [
    "DocumentKind",
    "amend",
    "deliver",
    "document_pdf",
    "document_word",
    "draft",
    "draft_for_move",
    "draft_if_none",
    "end_public_notices",
    "file_document",
    "file_pending",
    "issue",
    "lock_document",
    "move",
    "read_by_citizen",
    "receive",
    "register_kind",
    "restore_template",
    "save_template",
    "send_back",
    "send_returned",
    "sign",
    "submit",
    "void",
]
