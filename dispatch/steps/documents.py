"""Steps of a document: form, action, words. What is legal the move table says (petitions/states/documents.py)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.forms import documents as forms
from dispatch.steps.supervision import RowStep
from petitions.actions import documents
from petitions.models import Document, Petition
from petitions.states.documents import DOCUMENT_MOVES, DocumentState

_PAGE = "dispatch/documents/step.html"


def _without_version(action: Any) -> Any:
    def run(pk: int, *, version: int | None = None, **arguments: Any) -> Any:
        return action(pk, **arguments)

    return run


DOCUMENT_STEPS: dict[str, RowStep] = {
    step.name: step
    for step in (
        RowStep(
            "submit", _("Submit for sign-off"), "file-up", forms.SubmitForm, documents.submit, _("Submit"),
            _("Submitted. Whoever is next is told."), moves=("submit",), template=_PAGE,
        ),
        RowStep(
            "sign", _("Check or sign"), "signature", forms.SignForm, documents.sign, _("Pass and sign"),
            _("Signed off."), moves=("check", "sign"), template=_PAGE,
        ),
        RowStep(
            "issue", _("Number and issue"), "stamp", forms.PlainForm, documents.issue, _("Number and issue"),
            _("Issued, with its number. Now it is to be delivered."), moves=("issue",), template=_PAGE,
        ),
        RowStep(
            "deliver", _("Record the delivery"), "mail-open", forms.DeliverForm, documents.deliver,
            _("Record the delivery"), _("The delivery is recorded."), moves=("deliver",), template=_PAGE,
        ),
        RowStep(
            "receive", _("It has arrived"), "mail-check", forms.ReceiveForm, _without_version(documents.receive),
            _("Record the receipt"), _("Delivered."), moves=("deliver",), template=_PAGE,
        ),
        RowStep(
            "returned", _("It came back"), "undo-2", forms.ReturnedForm, _without_version(documents.send_returned),
            _("Record the return"), _("Recorded. Another way may be tried now."), moves=("deliver",), is_rare=True,
            template=_PAGE,
        ),
        RowStep(
            "send_back", _("Send back"), "corner-down-left", forms.ReasonForm, documents.send_back, _("Send back"),
            _("Sent back to the drafter; the text is kept."), moves=("send_back",), template=_PAGE,
        ),
        RowStep(
            "void", _("Declare void"), "file-x", forms.ReasonForm, documents.void, _("Declare void"),
            _("Void. A number once given stays in the register."), moves=("void",), tone="danger", is_rare=True,
            template=_PAGE,
        ),
    )
}  # fmt: skip


def options(user: User, document: Document, *, is_under_way: bool) -> list[RowStep]:
    """The steps this person may take on the document now, the one that leads on first."""
    reach: dict[str, bool] = {}
    found = []
    for step in DOCUMENT_STEPS.values():
        if not any(document.state in DOCUMENT_MOVES[name].sources for name in step.moves):
            continue
        if step.name in {"receive", "returned"} and not is_under_way:
            continue
        if step.name == "deliver" and is_under_way:
            continue
        permission = permission_of(step, document)
        if permission not in reach:
            rows = Petition.objects.filter(pk=document.petition_id)
            reach[permission] = user.may(permission) and rows.within(user, permission).exists()
        is_own = permission == "petitions.document_deliver" or document.unit_id == user.unit_id
        if reach[permission] and is_own and _is_turn(step, user, document):
            found.append(step)
    return found


def permission_of(step: RowStep, document: Document) -> str:
    """The permission the step needs on this document."""
    from petitions.actions.documents.signing import next_step

    if step.name == "sign":
        due = next_step(document)
        return due.permission if due else DOCUMENT_MOVES["sign"].permission
    return DOCUMENT_MOVES[step.moves[0]].permission


def _is_turn(step: RowStep, user: User, document: Document) -> bool:
    """A signature is offered to whoever can give it; the action says why not to the others."""
    if step.name != "sign" or document.state != DocumentState.IN_REVIEW:
        return True
    return Document.objects.waiting_for(user).filter(pk=document.pk).exists()
