"""The life of a document as data: draft, sign-off, issue, delivery (domain-facts §1.8)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states.base import Move


class DocumentState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("document", "Draft")
    IN_REVIEW = "in_review", pgettext_lazy("document", "In sign-off")
    SIGNED = "signed", pgettext_lazy("document", "Signed, to be issued")
    ISSUED = "issued", pgettext_lazy("document", "Issued, to be delivered")
    DELIVERED = "delivered", pgettext_lazy("document", "Delivered")
    VOID = "void", pgettext_lazy("document", "Void")


OPEN_DOCUMENT_STATES = frozenset({DocumentState.DRAFT, DocumentState.IN_REVIEW, DocumentState.SIGNED})
# What the petitioner may read.
PUBLIC_DOCUMENT_STATES = frozenset({DocumentState.ISSUED, DocumentState.DELIVERED})

DOCUMENT_TONES = {
    DocumentState.DRAFT: "grey",
    DocumentState.IN_REVIEW: "amber",
    DocumentState.SIGNED: "violet",
    DocumentState.ISSUED: "blue",
    DocumentState.DELIVERED: "green",
    DocumentState.VOID: "grey",
}

_S = DocumentState
_ROWS = (
    Move(
        "amend",
        _("Change the draft"),
        _("changed the draft of"),
        frozenset({_S.DRAFT}),
        None,
        "petitions.document_draft",
    ),
    Move(
        "submit",
        _("Submit for sign-off"),
        _("submitted for sign-off"),
        frozenset({_S.DRAFT}),
        _S.IN_REVIEW,
        "petitions.document_draft",
    ),
    # One step of the chain has passed; more are to come.
    Move(
        "check",
        _("Pass on"),
        _("checked and passed on"),
        frozenset({_S.IN_REVIEW}),
        _S.IN_REVIEW,
        "petitions.document_check",
    ),
    Move(
        "sign",
        _("Sign"),
        _("signed"),
        frozenset({_S.IN_REVIEW}),
        _S.SIGNED,
        "petitions.document_sign",
    ),
    Move(
        "send_back",
        _("Send back"),
        _("sent back the draft of"),
        frozenset({_S.IN_REVIEW, _S.SIGNED}),
        _S.DRAFT,
        "petitions.document_check",
    ),
    Move(
        "issue",
        _("Number and issue"),
        _("issued"),
        frozenset({_S.SIGNED}),
        _S.ISSUED,
        "petitions.document_issue",
    ),
    Move(
        "deliver",
        _("Record the delivery"),
        _("delivered"),
        frozenset({_S.ISSUED}),
        _S.DELIVERED,
        "petitions.document_deliver",
    ),
    Move(
        "void",
        _("Declare void"),
        _("declared void"),
        frozenset({_S.DRAFT, _S.IN_REVIEW, _S.SIGNED, _S.ISSUED}),
        _S.VOID,
        "petitions.document_void",
    ),
)
DOCUMENT_MOVES: dict[str, Move] = {row.name: row for row in _ROWS}
