"""What a petitioner may do with a running matter, as data: form, action, words. One view serves them all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from petitions import actions
from petitions.actions import course, hearings, recusals, reviews
from petitions.models import Petition
from petitions.permissions import citizen
from petitions.states import legal_moves
from portal import forms


@dataclass(frozen=True)
class CitizenStep:
    """One step. `moves`: any one that is legal offers it; empty: `is_open` alone decides."""

    key: str
    title: Promise
    icon: str
    # What it means and what happens then, before anything is typed.
    words: Promise
    form: type[forms.StepForm]
    run: Callable[[int, dict[str, Any], datetime], Any]
    submit: Promise
    done: Promise
    moves: tuple[str, ...] = ()
    is_open: Callable[[Petition, datetime], bool] = lambda _petition, _at: True
    # Not for accusations, whose course is not told (domain-facts §1.17).
    of_accusations: bool = True
    # Steps that end something stand apart.
    is_grave: bool = False
    # What is typed may be kept as long as the session and gone on with.
    keeps_draft: bool = False

    def is_offered(self, petition: Petition, at: datetime) -> bool:
        """Whether the matter's page offers it now."""
        if petition.is_restricted and not self.of_accusations:
            return False
        legal = {move.name for move in legal_moves(petition.state)}
        return (not self.moves or bool(legal & set(self.moves))) and self.is_open(petition, at)


def _supplement(pk: int, data: dict[str, Any], at: datetime) -> None:
    actions.supplement(pk, text=data["text"], uploads=data["files"], actor=citizen(pk), at=at)


def _withdraw(pk: int, data: dict[str, Any], at: datetime) -> None:
    actions.withdraw(pk, reason=data["reason"], actor=citizen(pk), at=at)


def _review(pk: int, data: dict[str, Any], at: datetime) -> None:
    words = {key: data[key] for key in ("request", "facts", "new_facts", "agent", "excuse")}
    reviews.request(pk, **words, uploads=data["files"], actor=citizen(pk), at=at)


def _hearing(pk: int, data: dict[str, Any], at: datetime) -> None:
    hearings.ask(pk, subject=data["subject"], actor=citizen(pk), at=at)


def _recusal(pk: int, data: dict[str, Any], at: datetime) -> None:
    words = {key: data[key] for key in ("named", "ground", "reason")}
    recusals.ask_recusal(pk, **words, actor=citizen(pk), at=at)


def _may_ask_review(petition: Petition, at: datetime) -> bool:
    right = reviews.right_of(petition)
    return bool(right.stage) and (right.until is None or at <= right.until)


def _no_hearing_open(petition: Petition, _at: datetime) -> bool:
    return petition.hearing_since is None and not petition.hearings.open().exists()


def _is_of_one(petition: Petition, _at: datetime) -> bool:
    # One of several does not withdraw for all of them.
    return not course.is_joint(petition)


STEPS: dict[str, CitizenStep] = {
    step.key: step
    for step in (
        CitizenStep(
            "review",
            _("Ask for review"),
            "scale",
            _("You do not agree with the opinion? The organ one level above looks at it anew and decides in writing."),
            forms.ReviewForm,
            _review,
            _("Ask for it"),
            _("Your request is on its way. You read here what becomes of it."),
            moves=("ask_review", "ask_rereview"),
            is_open=_may_ask_review,
            of_accusations=False,
            keeps_draft=True,
        ),
        CitizenStep(
            "supplement",
            _("Hand in more"),
            "paperclip",
            _("Further facts, papers, photographs. Who handles your matter is told at once."),
            forms.SupplementForm,
            _supplement,
            _("Hand it in"),
            _("It has been added to your matter."),
            moves=("supplement",),
            keeps_draft=True,
        ),
        CitizenStep(
            "hearing",
            _("Ask for a hearing"),
            "messages-square",
            _("In major, complicated or difficult matters. The organ decides whether one is held, and tells you."),
            forms.HearingForm,
            _hearing,
            _("Ask for it"),
            _("Your wish has been recorded; you are told what is decided."),
            moves=("ask_hearing",),
            is_open=_no_hearing_open,
            of_accusations=False,
        ),
        CitizenStep(
            "recusal",
            _("Ask that an officer keeps out"),
            "user-x",
            _("If somebody who works on your matter is kin to the other side or has a stake in it (art. 28)."),
            forms.RecusalForm,
            _recusal,
            _("Ask for it"),
            _("Your wish has been recorded. Whom it is about does not decide on it."),
            moves=("supplement",),
        ),
        CitizenStep(
            "withdraw",
            _("Withdraw my matter"),
            "undo-2",
            _("Work on it ends. Your right to come again with it stays."),
            forms.WithdrawForm,
            _withdraw,
            _("Withdraw it"),
            _("Your matter is withdrawn."),
            moves=("withdraw",),
            is_open=_is_of_one,
            is_grave=True,
        ),
    )
}


def offered(petition: Petition, at: datetime) -> list[CitizenStep]:
    """The steps this matter's page offers, in order."""
    return [step for step in STEPS.values() if step.is_offered(petition, at)]
