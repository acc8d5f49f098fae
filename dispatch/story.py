"""Why this date, in sentences: what started the clock, how it counts, and everything that was done to it since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.durations import local_text, span_text
from dispatch.actions.clocks import calendar
from dispatch.deadlines import reasons
from dispatch.grounds import PauseGround
from dispatch.ledger import amount_text
from dispatch.models import Clock, ClockEvent, Extension, Pause
from dispatch.timeline import system_name
from dispatch.why import Explanation, explain

# What was done to a clock, besides its start and its end, which have sentences of their own.
_ICONS = {
    "start": "play",
    "pause": "circle-pause",
    "resume": "circle-play",
    "extend": "calendar-plus",
    "reset": "rotate-ccw",
    "recompute": "calendar-sync",
    "breach": "triangle-alert",
    "stop": "check",
    "reopen": "corner-down-left",
    "cancel": "circle-x",
}


@dataclass(frozen=True)
class Line:
    """One thing that happened to the clock. `detail` is what a person gave as the reason."""

    kind: str
    icon: str
    at: datetime
    text: str
    who: str
    detail: str = ""


def read(clock: Clock, at: datetime) -> Explanation:
    """The explanation of a clock (policy loaded) as of `at`; one query."""
    events = list(clock.events.select_related("policy", "actor").order_by("id"))
    return explain(clock, events, calendar(), at)


def rules_of(explanation: Explanation) -> list[str]:
    """How the date follows from the rule."""
    return reasons(explanation.clock)


def lines_of(explanation: Explanation) -> list[Line]:
    """What was done to the clock, in order; two queries for the ledger's grounds."""
    clock = explanation.clock
    own = Q(order=clock.order_id) if clock.order_id else Q(order=None, petition=clock.petition_id)
    pauses = list(Pause.objects.filter(own)) if clock.petition_id else []
    extensions = list(Extension.objects.filter(clock=clock))
    found, before, extended = [], None, 0
    for event in explanation.events:
        extended = 0 if event.kind in {"start", "reset"} else extended + event.amount
        text = _words(event, before, extended)
        who, detail = system_name(event.actor_label), _detail(event, pauses, extensions)
        found.append(Line(event.kind, _ICONS[event.kind], event.at, text, who, detail))
        before = event
    return found


def _detail(event: ClockEvent, pauses: Sequence[Pause], extensions: Sequence[Extension]) -> str:
    """The grounds, from the ledger: an entry is settled in the transaction, and at the moment, of its clock's event."""
    if event.kind == "pause":
        pause = next((entry for entry in pauses if entry.paused_at == event.at), None)
        if pause is not None:
            return f"{PauseGround(pause.ground).label}（{pause.source}）{pause.reason}"
    if event.kind == "extend":
        extension = next((entry for entry in extensions if entry.told_at == event.at), None)
        if extension is not None:
            return extension.reason
    return event.reason


def _words(event: ClockEvent, before: ClockEvent | None, extended: int) -> str:
    due = local_text(event.due_at)
    policy = event.policy
    assert policy is not None
    if event.kind == "start":
        length = amount_text(_length(event), policy)
        return _("Started: %(length)s, due %(due)s.") % {"length": length, "due": due}
    if event.kind == "pause":
        used = amount_text(event.consumed, policy)
        return _("Paused after %(used)s; no due date until it goes on.") % {"used": used}
    if event.kind == "resume":
        return _("Resumed with %(left)s left, due %(due)s.") % {"left": _left(event, extended), "due": due}
    if event.kind == "extend":
        return _("Extended by %(amount)s, due %(due)s.") % {"amount": amount_text(event.amount, policy), "due": due}
    if event.kind == "recompute":
        return _recomputed(event, before)
    if event.kind == "stop":
        # A late stop finds the breach in the same breath, when no sweep did before.
        if before is not None and before.kind == "breach" and event.due_at is not None:
            return _("Met late, by %(span)s.") % {"span": span_text(event.at - event.due_at)}
        return _("Met.")
    words = {
        "reset": _("The whole period began anew, due %(due)s.") % {"due": due},
        "breach": _("Found overdue; late since %(due)s.") % {"due": due},
        "reopen": _("Runs on with its due date %(due)s, because the work was sent back.") % {"due": due},
        "cancel": _("Ended without judgement."),
    }
    return words.get(event.kind, event.kind)


def _left(event: ClockEvent, extended: int) -> str:
    assert event.policy is not None
    return amount_text(max(_length(event) + extended - event.consumed, 0), event.policy)


def _length(event: ClockEvent) -> int:
    """The period by the rule as it was then, or the clock's own."""
    assert event.policy is not None
    return event.policy.length if event.clock.term is None else event.clock.term


def _recomputed(event: ClockEvent, before: ClockEvent | None) -> str:
    words = {"old": local_text(before.due_at if before else None), "due": local_text(event.due_at)}
    if before is not None and before.policy_id != event.policy_id and event.policy is not None:
        words["version"] = str(event.policy.version)
        return _("Computed anew by version %(version)s of the rule: %(old)s → %(due)s.") % words
    return _("Computed anew by the edited calendar: %(old)s → %(due)s.") % words


def summary(explanation: Explanation) -> str:
    """One sentence: so many units counted of so many, and what that comes to."""
    words = {
        "counted": amount_text(explanation.counted, explanation.policy),
        "target": amount_text(explanation.target, explanation.policy),
        "due": local_text(explanation.due_at),
    }
    if explanation.due_at is None:
        return _("Paused: %(counted)s of %(target)s are used up. There is no due date until it goes on.") % words
    return _("%(target)s are counted, so it is due %(due)s.") % words


def provisional(explanation: Explanation) -> str:
    """How many of the days are not final; empty when all are."""
    n = sum(mark.is_provisional for mark in explanation.days)
    if not n:
        return ""
    return ngettext(
        "%(n)d day lies in a year whose holidays are not published yet; the date is provisional.",
        "%(n)d days lie in a year whose holidays are not published yet; the date is provisional.",
        n,
    ) % {"n": n}
