"""Papers of this room made into documents: the supervision order as an official letter, the three suggestions."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Unit, User
from dispatch.models import Clock, Suggestion, SupervisionOrder
from dispatch.supervision import SuggestionKind
from petitions.actions import documents
from petitions.documents.kinds import CHECK, SIGN, DocumentKind, Place, register_kind
from petitions.documents.places import chinese_date
from petitions.documents.subjects import register_subject
from petitions.models import Document, Petition
from petitions.states import Refused

SUPERVISION = register_kind(
    DocumentKind(
        "supervision_order",
        gettext_lazy("Supervision letter"),
        "",
        (
            Place("own_number", gettext_lazy("its number"), "甬信督〔2026〕12号"),
            Place("level", gettext_lazy("level of supervision"), "督办函"),
            Place(
                "order_text",
                gettext_lazy("what is ordered"),
                "请立即组织整改，并书面说明逾期原因",
                widget="text",
            ),
            Place("answer_by", gettext_lazy("answer by"), "2026年12月10日", widget="date"),
        ),
        "信访督办函",
        "关于“{{ summary }}”信访事项（登记编号：{{ petition_no }}），依据《信访工作条例》第四十条规定，"
        "现对你单位予以督办（{{ level }}）：\n{{ order_text }}\n请于{{ answer_by }}前书面报送办理情况。逾期不报或者办理不力的，"
        "将依照有关规定提出改进工作、追究责任的建议。",
        chain=(CHECK, SIGN),
        is_for_citizen=False,
        is_to_unit=True,
        is_offered=False,
        place=72,
    )
)
_SUGGESTIONS = {
    SuggestionKind.IMPROVE_WORK: "suggest_improve",
    SuggestionKind.IMPROVE_POLICY: "suggest_policy",
    SuggestionKind.PURSUE_LIABILITY: "suggest_liability",
}

register_subject("supervision", lambda actor: SupervisionOrder.objects.whole_to(actor))
register_subject("suggestion", lambda actor: Suggestion.objects.visible_to(actor))


def letter_of(row: SupervisionOrder, *, actor: User, at: datetime) -> Document:
    """The letter of a supervision order on a case: the one there is, or its draft begun now.

    Raises Refused for a supervision at large, which has no file to stand in, and for who may not draft.
    """
    if row.petition_id is None:
        raise Refused(_("A supervision at large belongs to no file; print its page instead."))
    values = {
        "own_number": row.number,
        "level": row.get_level_display(),
        "order_text": row.text,
        "answer_by": _due("supervision", row.pk),
    }
    return _paper(row.petition_id, "supervision_order", f"supervision:{row.pk}", values, row.unit, actor, at)


def suggestion_of(row: Suggestion, *, actor: User, at: datetime) -> Document:
    """The paper of a suggestion, in the file of its first petition. Raises Refused like `letter_of`."""
    first = row.petitions.order_by("pk").first()
    if first is None:
        raise Refused(_("A suggestion without a petition belongs to no file; print its page instead."))
    values = {
        "own_number": row.number,
        "issue": row.issue,
        "evidence": row.evidence,
        "proposal": row.proposal,
        "answer_by": _due("suggestion", row.pk),
    }
    kind = _SUGGESTIONS[SuggestionKind(row.kind)]
    return _paper(first.pk, kind, f"suggestion:{row.pk}", values, row.addressee, actor, at)


def _due(kind: str, pk: int) -> str:
    """The running deadline of the answer as a letter writes it; empty when none runs."""
    clock = Clock.objects.filter(subject=kind, subject_id=pk, state=Clock.State.RUNNING).order_by("due_at").first()
    return chinese_date(clock.due_at if clock else None)


def _paper(
    petition_id: int, kind: str, subject: str, values: dict[str, str], unit: Unit, actor: User, at: datetime
) -> Document:
    if not Petition.objects.visible_to(actor).filter(pk=petition_id).exists():
        raise Refused(_("Your role may not do this for this petition."), code="forbidden")
    there = Document.objects.filter(petition=petition_id, kind=kind, subject=subject).exclude(state="void").first()
    if there is not None:
        return there
    return documents.draft(petition_id, kind, values=values, subject=subject, addressee_unit=unit, actor=actor, at=at)
