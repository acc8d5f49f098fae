"""What a petitioner may read of their matter: an allowlist of moves, in words made for them (domain-facts §1.18).

Nothing reaches this page because it was not thought of: a kind of event that has no row here is not shown, names of
staff are never read, and of an accusation only acceptance and answer are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts.models import Unit
from dispatch.models import Clock
from dispatch.states import ORDER_MOVES
from petitions.models import Event, Petition, RecordEntry
from petitions.states import MOVES, State

TITLES: dict[str, Promise] = {
    "register": gettext_lazy("We have received what you wrote"),
    "dispatch": gettext_lazy("Given to the responsible unit"),
    "change_lead": gettext_lazy("Another unit leads"),
    "assist": gettext_lazy("Further units help"),
    "lead_out": gettext_lazy("Belongs to another legal route"),
    "notify_receipt": gettext_lazy("You have been told how it goes on"),
    "accept": pgettext_lazy("citizen", "Accepted"),
    "not_accept": pgettext_lazy("citizen", "Not accepted"),
    "no_longer_accept": pgettext_lazy("citizen", "No longer accepted"),
    "answer_at_once": pgettext_lazy("citizen", "Answered"),
    "reply": pgettext_lazy("citizen", "Answered"),
    "deliver_opinion": gettext_lazy("Written opinion delivered"),
    "rework": gettext_lazy("Handled once more"),
    "close": pgettext_lazy("citizen", "Closed"),
    "reopen": gettext_lazy("Taken up again"),
    "withdraw": gettext_lazy("You have withdrawn it"),
    "merge": gettext_lazy("Handled together with an earlier matter"),
    "rate": gettext_lazy("You have rated it"),
    "rerate": gettext_lazy("You have rated it once more"),
    "put_right": pgettext_lazy("citizen", "Put right"),
    "supplement": gettext_lazy("You have handed in more"),
    "ask_review": pgettext_lazy("citizen", "Review asked for"),
    "ask_rereview": gettext_lazy("Re-review asked for"),
    "decide_review": pgettext_lazy("citizen", "Review decided"),
    "revoke_review": pgettext_lazy("citizen", "Review decided"),
    "decide_rereview": gettext_lazy("Re-review decided"),
    "revoke_rereview": gettext_lazy("Re-review decided"),
    "change_review": pgettext_lazy("citizen", "Review decided"),
    "change_rereview": gettext_lazy("Re-review decided"),
    "admit_review": gettext_lazy("Your request is taken up"),
    "refuse_review": gettext_lazy("Review not taken up"),
    "refuse_rereview": gettext_lazy("Re-review not taken up"),
    "drop_review": gettext_lazy("You have taken your request back"),
    "drop_rereview": gettext_lazy("You have taken your request back"),
    "deliver_review": gettext_lazy("Opinion of the review delivered"),
    "deliver_rereview": gettext_lazy("Opinion of the re-review delivered"),
    "deliver_revocation": gettext_lazy("Opinion of the review delivered"),
    "lapse_review": gettext_lazy("The time to ask for review is over"),
    "lapse_rereview": gettext_lazy("The time to ask for re-review is over"),
    "ask_hearing": gettext_lazy("A hearing is asked for"),
    "decline_hearing": gettext_lazy("No hearing is held"),
    "postpone_hearing": gettext_lazy("The hearing is put off"),
    "break_off_hearing": gettext_lazy("The hearing is put off"),
    "give_up_hearing": gettext_lazy("The hearing is given up"),
    "drop_hearing": gettext_lazy("No hearing is held"),
    "publish_hearing": gettext_lazy("Result of the hearing published"),
    "settle": gettext_lazy("Settled by agreement"),
    "certify": gettext_lazy("Certified as ended"),
    "hold_hearing": gettext_lazy("A hearing is set"),
    "sit_hearing": gettext_lazy("The hearing has begun"),
    "end_hearing": gettext_lazy("The hearing is over"),
    "order.sign": gettext_lazy("The unit has taken it up"),
    "order.pause": gettext_lazy("Work rests for a time"),
    "order.resume": gettext_lazy("Work goes on"),
    "order.extend": gettext_lazy("More time has been allowed"),
}
PROGRESS = pgettext_lazy("citizen", "Progress")
# Of an accusation: that it came in, whether it was taken up, what came of it (domain-facts §1.17; DJ20).
OF_ACCUSATIONS = frozenset(
    {"register", "notify_receipt", "accept", "not_accept", "no_longer_accept", "answer_at_once", "reply", "withdraw"}
    | {"deliver_opinion", "rate", "rerate", "supplement"}
)
# The words of these were written for the petitioner; those of every other step stay inside.
_TOLD = frozenset(
    {"notify_receipt", "accept", "not_accept", "no_longer_accept", "answer_at_once", "reply", "lead_out"}
    | {"decide_review", "revoke_review", "decide_rereview", "revoke_rereview", "change_review", "change_rereview"}
    | {"refuse_review", "refuse_rereview", "decline_hearing", "supplement"}
)


@dataclass(frozen=True)
class Step:
    """One line of the progress, newest first on the page."""

    kind: str
    at: datetime
    title: str
    text: str = ""
    units: Sequence[str] = ()


@dataclass(frozen=True)
class Promised:
    """A date the petitioner can hold us to, or a right of theirs that ends with it."""

    text: str
    due: datetime
    is_right: bool = False
    is_over: bool = False


def steps_of(petition: Petition) -> list[Step]:
    """The public life of a matter, newest first, with the lines the record book has for the petitioner. Two queries."""
    kinds = OF_ACCUSATIONS if petition.is_restricted else TITLES.keys()
    rows = petition.events.filter(kind__in=[*kinds, "take_back"]).select_related("words").order_by("seq")
    shown = [_step(event, petition) for event in _undone_out(list(rows))]
    # An accusation's progress is told by its few steps alone.
    lines = RecordEntry.objects.public_lines(petition) if not petition.is_restricted else ()
    told = [Step("record", line.at, str(PROGRESS), line.public_line) for line in lines]
    return sorted([*told, *reversed(shown)], key=lambda step: step.at, reverse=True)


def _undone_out(rows: list[Event]) -> list[Event]:
    """A dispatch taken back at once was a slip of the hand and no transfer."""
    kept: list[Event] = []
    for event in rows:
        if event.kind != "take_back":
            kept.append(event)
            continue
        last = max((n for n, other in enumerate(kept) if other.kind == "dispatch"), default=None)
        if last is not None:
            del kept[last]
    return kept


def _step(event: Event, petition: Petition) -> Step:
    text = _citizen_sentence(event.kind)
    words = getattr(event, "words", None)
    if event.kind in _TOLD and words is not None:
        text = words.text
    units = () if petition.is_restricted else _units(event)
    return Step(event.kind, event.at, str(TITLES[event.kind]), text, units)


def _citizen_sentence(kind: str) -> str:
    table, name = (ORDER_MOVES, kind.removeprefix("order.")) if kind.startswith("order.") else (MOVES, kind)
    return str(table[name].citizen) if name in table else ""


def _units(event: Event) -> tuple[str, ...]:
    data: dict[str, Any] = event.data
    named: list[Any] = []
    if event.kind in {"dispatch", "change_lead"}:
        named = [(data.get("lead") or {}).get("name")]
    if event.kind in {"dispatch", "assist"}:
        named += [(unit or {}).get("name") for unit in data.get("assisting") or []]
    if event.kind.startswith("order."):
        named = [data.get("unit_name")]
    return tuple(str(name) for name in named if name)


# Rules of law whose date the person may know, in words of their own. Promises inside the house are not among them.
_DUTIES = {
    "D01_route": gettext_lazy("You will be told which unit handles your matter"),
    "D02_notify_direct": gettext_lazy("You will be told whether your matter is accepted"),
    "D03_notify_transferred": gettext_lazy("You will be told whether your matter is accepted"),
    "Z01_decide": gettext_lazy("You will be told whether your matter is accepted"),
    "Z02_decide_transferred": gettext_lazy("You will be told whether your matter is accepted"),
    "D05_handle": gettext_lazy("You will get the written opinion"),
    "Z03_handle": gettext_lazy("You will get the written opinion"),
    "A01_accuse_accept": gettext_lazy("You will be told whether your matter is accepted"),
    "A02_accuse_result": gettext_lazy("You will be told what came of it"),
    "V01_admit": gettext_lazy("You will be told whether your request is taken up"),
    "V02_redo": gettext_lazy("You will get the new opinion"),
    "D07_review": gettext_lazy("The review is decided"),
    "D09_rereview": gettext_lazy("The re-review is decided"),
}
_RIGHTS = {
    "D06_review_req": gettext_lazy("If you do not agree with the opinion, you may ask for review"),
    "D08_rereview_req": gettext_lazy("If you do not agree with the review, you may ask for re-review"),
}


def promised(petition: Petition, clocks: Sequence[Clock], at: datetime) -> list[Promised]:
    """The dates of law that run, nearest first, each told once."""
    found: dict[str, Promised] = {}
    for clock in sorted(clocks, key=lambda clock: clock.due_at):
        words = _DUTIES.get(clock.policy.key) or _RIGHTS.get(clock.policy.key)
        if words is None or clock.state != Clock.State.RUNNING:
            continue
        is_right = clock.policy.key in _RIGHTS
        is_over = clock.due_at < at
        if is_right and is_over:
            continue
        found.setdefault(str(words), Promised(str(words), clock.due_at, is_right, is_over))
    return list(found.values())


def contact_of(petition: Petition) -> Unit:
    """Whom to ask: the unit that leads; of an accusation only the office that took it in, which shows nothing."""
    return petition.register_unit if petition.is_restricted or petition.lead_unit is None else petition.lead_unit


@dataclass(frozen=True)
class Banner:
    """The state of the matter in one glance."""

    tone: str
    icon: str
    title: str
    text: str


def banner(petition: Petition) -> Banner:
    """What stands on top of the page: where the matter is, and what comes next."""
    if petition.state == State.CLOSED and petition.is_terminated:
        return _ended_banner(petition)
    unit = contact_of(petition).name
    state = petition.state
    words: dict[str, tuple[str, str, str, str]] = {
        State.REGISTERED: (
            "blue",
            "inbox",
            _("Received"),
            _("We are deciding which unit handles it. You will be told."),
        ),
        State.HANDLING: (
            "blue",
            "hourglass",
            _("Being handled"),
            _("It is being looked into; you will get a written answer.")
            if petition.is_restricted
            else _("%(unit)s is handling it and will speak with you.") % {"unit": unit},
        ),
        State.REPLIED: ("green", "circle-check", pgettext("citizen", "Answered"), _("You can read the answer below.")),
        State.CLOSED: (
            "green",
            "circle-check",
            pgettext("citizen", "Closed"),
            _("You can read below what came of it."),
        ),
        State.LED_OUT: (
            "violet",
            "signpost",
            _("Belongs to another legal route"),
            _("Below it says which one, and how to take it. You lose no right by having come to us."),
        ),
        State.WITHDRAWN: (
            "grey",
            "undo-2",
            pgettext("citizen", "Withdrawn"),
            _("You have taken it back. You may come again with it."),
        ),
        State.MERGED: (
            "grey",
            "git-merge",
            _("Handled together with an earlier matter"),
            _("The same matter was here already and is being handled. Ask %(unit)s how it stands.") % {"unit": unit},
        ),
        State.NOT_ACCEPTED: (
            "grey",
            "circle-slash",
            pgettext("citizen", "Not accepted"),
            _("Below it says why and where to turn."),
        ),
        State.NO_LONGER: ("grey", "circle-slash", pgettext("citizen", "No longer accepted"), _("Below it says why.")),
        State.IN_REVIEW: ("violet", "scale", _("In review"), _("The organ one level above is looking at it anew.")),
        State.IN_REREVIEW: ("violet", "scale", _("In re-review"), _("The last instance is looking at it.")),
    }
    return Banner(*words.get(state, ("blue", "inbox", str(petition.get_state_display()), "")))


def _ended_banner(petition: Petition) -> Banner:
    """No remedy is left: which way it ended, and what is owed all the same (Regulation, arts. 36, 37)."""
    words = _(
        "%(way)s. On the same facts and reasons it is not taken up again; you are still given explanations and help."
    )
    return Banner("grey", "circle-check", _("The procedure has ended"), words % {"way": petition.end_label})


def erased_banner() -> Banner:
    """The archive period is over: the course stays, the words and names are gone (PIPL 47)."""
    words = _("The time for keeping it is over. What pointed to you has been removed; only its course is kept.")
    return Banner("grey", "archive", _("In the archive, without your particulars"), words)
