"""Supervision and the three suggestions as data: levels, states, moves, who may be addressed (domain-facts §1.16)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states import Move


class SupervisionLevel(models.TextChoices):
    """The levels in rising order (domain-facts §2.6; Regulation on Petition Work, art. 39 and 40)."""

    LETTER = "letter", _("Reminder letter")
    ORDER = "order", _("Supervision order")
    LISTED = "listed", _("Listed supervision")
    INTERVIEW = "interview", _("Summons for talk")
    CIRCULAR = "circular", _("Circular of criticism")


@dataclass(frozen=True)
class Level:
    """What a level needs and whom it tells.

    `tells`: leaders, handlers, superior (the unit above), government (of the unit's district), scope (the circular's
    readers). `days`: working days for the unit's written answer; the clock itself is a rule in policies/supervision.py.
    """

    value: str
    permission: str
    tells: tuple[str, ...]
    days: int
    tone: str

    @property
    def rank(self) -> int:
        """0 for the lowest."""
        return SupervisionLevel.values.index(self.value)

    @property
    def issue_move(self) -> str:
        return f"issue_{self.value}"

    @property
    def raise_move(self) -> str:
        return f"raise_{self.value}"


_LOW, _HIGH = "dispatch.supervise", "dispatch.supervise_high"
_UNIT = ("leaders", "handlers")
LEVELS: dict[str, Level] = {
    row.value: row
    for row in (
        Level(SupervisionLevel.LETTER, _LOW, _UNIT, 3, "amber"),
        Level(SupervisionLevel.ORDER, _LOW, (*_UNIT, "superior"), 5, "orange"),
        # Listing, interview and circular are the joint conference's and the city office's (R22 art. 39).
        Level(SupervisionLevel.LISTED, _HIGH, (*_UNIT, "superior", "government"), 10, "red"),
        Level(SupervisionLevel.INTERVIEW, _HIGH, (*_UNIT, "superior", "government"), 5, "red"),
        Level(SupervisionLevel.CIRCULAR, _HIGH, (*_UNIT, "superior", "government", "scope"), 10, "red"),
    )
}


class SupervisionState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("supervision", "Waiting for the answer")
    ANSWERED = "answered", pgettext_lazy("supervision", "Answered, to be checked")
    ENDED = "ended", pgettext_lazy("supervision", "Answer accepted, ended")
    LIFTED = "lifted", pgettext_lazy("supervision", "Lifted")


OPEN_SUPERVISION = frozenset({SupervisionState.WAITING, SupervisionState.ANSWERED})
SUPERVISION_TONES = {
    SupervisionState.WAITING: "amber",
    SupervisionState.ANSWERED: "violet",
    SupervisionState.ENDED: "green",
    SupervisionState.LIFTED: "grey",
}


def _table(rows: Iterable[Move]) -> dict[str, Move]:
    return {row.name: row for row in rows}


_WAITING, _ANSWERED = SupervisionState.WAITING, SupervisionState.ANSWERED
_OPEN: frozenset[str] = frozenset(OPEN_SUPERVISION)
_RAISES = {
    "order": (_("Raise to a supervision order"), _("raised the supervision to a supervision order")),
    "listed": (_("List publicly"), _("put the supervision on the list")),
    "interview": (_("Summon for a talk"), _("summoned the unit for a talk")),
    "circular": (_("Circulate a criticism"), _("circulated a criticism of the unit")),
}
SUPERVISION_MOVES = _table(
    (
        Move(
            "answer",
            _("Answer the supervision"),
            _("answered the supervision"),
            frozenset({_WAITING}),
            _ANSWERED,
            "dispatch.answer_supervision",
        ),
        Move(
            "accept",
            _("Accept the answer"),
            _("accepted the answer and ended the supervision"),
            frozenset({_ANSWERED}),
            SupervisionState.ENDED,
            "dispatch.supervise_decide",
        ),
        Move(
            "send_back",
            _("Send the answer back"),
            _("sent the answer to the supervision back"),
            frozenset({_ANSWERED}),
            _WAITING,
            "dispatch.supervise_decide",
        ),
        *(
            Move(LEVELS[level].raise_move, label, done, _OPEN, _WAITING, LEVELS[level].permission)
            for level, (label, done) in _RAISES.items()
        ),
        Move("record_talk", _("Record the talk"), _("recorded the talk"), _OPEN, None, "dispatch.supervise_high"),
        Move(
            "lift",
            _("Lift the supervision"),
            _("lifted the supervision"),
            _OPEN,
            SupervisionState.LIFTED,
            "dispatch.supervise_decide",
        ),
    )
)
# How a supervision begins, one for each level; the rules of its clock start by these names.
ISSUED = {
    "letter": _("issued a reminder letter to"),
    "order": _("issued a supervision order to"),
    "listed": _("put on the supervision list:"),
    "interview": _("summoned for a talk:"),
    "circular": _("circulated a criticism of"),
}


class SuggestionKind(models.TextChoices):
    """The three suggestions (Regulation on Petition Work, art. 40)."""

    IMPROVE_WORK = "improve_work", _("Improve work")
    IMPROVE_POLICY = "improve_policy", _("Improve policy")
    PURSUE_LIABILITY = "pursue_liability", _("Pursue responsibility")


# To whom each may be addressed: the unit concerned; party committee and government; the body with cadre authority.
ADDRESSEES: dict[str, Q] = {
    SuggestionKind.IMPROVE_WORK: Q(is_active=True) & ~Q(kind__in=["hotline", "conference", "judiciary"]),
    SuggestionKind.IMPROVE_POLICY: Q(is_active=True, kind="government"),
    SuggestionKind.PURSUE_LIABILITY: Q(is_active=True)
    & (Q(kind="government") | Q(duty__in=["discipline", "organization"])),
}
ADDRESSEE_WORDS = {
    SuggestionKind.IMPROVE_WORK: _("the unit whose work is to improve"),
    SuggestionKind.IMPROVE_POLICY: _("a government; policy is not a bureau's to change"),
    SuggestionKind.PURSUE_LIABILITY: _(
        "the body with authority over the cadres: a government, discipline, organisation"
    ),
}


class SuggestionState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("suggestion", "Waiting for the answer")
    ANSWERED = "answered", pgettext_lazy("suggestion", "Answered")
    WITHDRAWN = "withdrawn", pgettext_lazy("suggestion", "Taken back")


SUGGESTION_TONES = {
    SuggestionState.WAITING: "amber",
    SuggestionState.ANSWERED: "green",
    SuggestionState.WITHDRAWN: "grey",
}


class Verdict(models.TextChoices):
    ADOPTED = "adopted", _("Adopted")
    PARTLY = "partly", _("Adopted in part")
    REJECTED = "rejected", _("Not adopted")


SUGGESTION_MOVES = _table(
    (
        Move(
            "answer",
            _("Answer the suggestion"),
            _("answered the suggestion"),
            frozenset({SuggestionState.WAITING}),
            SuggestionState.ANSWERED,
            "dispatch.answer_suggestion",
        ),
        Move(
            "follow_up",
            _("Record what came of it"),
            _("recorded what came of the suggestion"),
            frozenset({SuggestionState.ANSWERED}),
            None,
            "dispatch.suggest",
        ),
        Move(
            "publish",
            _("Publish or hide"),
            _("changed whether the suggestion is published"),
            frozenset({SuggestionState.ANSWERED}),
            None,
            "dispatch.suggest",
        ),
        Move(
            "withdraw",
            _("Take the suggestion back"),
            _("took the suggestion back"),
            frozenset({SuggestionState.WAITING}),
            SuggestionState.WITHDRAWN,
            "dispatch.suggest",
        ),
    )
)


@dataclass(frozen=True)
class Threshold:
    """A number the finder goes by; an office changes it on the administrator's pages, and the history is kept."""

    default: int
    label: Promise


# Ours where no source gives a figure (domain-facts §2.3, §2.6 leave them to the office).
THRESHOLDS: dict[str, Threshold] = {
    "grace_hours": Threshold(24, _("Overdue: hours after the deadline before it is a finding")),
    "grace_hours_urgent": Threshold(1, _("Overdue: the same for urgent and extra urgent orders")),
    "send_backs": Threshold(2, _("Could be solved: feedback sent back so many times")),
    "repeated_count": Threshold(5, _("Raised again: so many petitions of one class in one place")),
    "repeated_days": Threshold(30, _("Raised again: within so many days")),
    "look_back_days": Threshold(60, _("Nothing older than so many days is found anew")),
}
