"""From an event to a line of the case page: a table of kinds, and pure functions that fill in its words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.durations import local_text
from dispatch.grounds import PauseGround
from dispatch.looks import LOOKS, UNKNOWN, Look
from dispatch.looks import Group as Group
from dispatch.looks import kinds_of as kinds_of
from dispatch.models import Callback, ContactRecord, Explanation, Feedback, Opinion, OrderReturn, Policy
from dispatch.policies import RUNG_LABELS
from dispatch.states import ORDER_MOVES
from dispatch.supervision import ISSUED, SUPERVISION_MOVES, SupervisionLevel
from petitions.actions import Delivery, NoLonger
from petitions.documents.kinds import KINDS
from petitions.models import Attachment, CrossKind, Event, Purpose, Rating, RecordEntry, Urgency
from petitions.models import Delivery as DocumentDelivery
from petitions.routes import Route
from petitions.states import MOVES
from petitions.states.documents import DOCUMENT_MOVES

PAGE = 30


@dataclass(frozen=True)
class Line:
    """One line of the timeline, ready to draw."""

    id: int
    seq: int
    at: datetime
    icon: str
    tone: str
    sentence: SafeString
    text: str = ""
    facts: Sequence[str] = ()
    files: Sequence[Attachment] = field(default_factory=list)


def line_of(event: Event, rules: Mapping[str, Policy], units: Mapping[int, str]) -> Line:
    """Pure mapping; the event comes with `words`, `unit` and attachments loaded. `units`: name by order."""
    look = LOOKS.get(event.kind, UNKNOWN)
    return Line(
        id=event.pk,
        seq=event.seq,
        at=event.at,
        icon=look.icon,
        tone=look.tone,
        sentence=_own_sentence(event, rules, units) or _sentence(event, look),
        text=_text(event),
        facts=[fact for fact in _facts(event) if fact],
        files=list(event.attachments.all()),
    )


def _text(event: Event) -> str:
    """The event's words; those of a file are its name, which its link shows."""
    words = getattr(event, "words", None)
    if words is None:
        return _("Words removed by law.") if event.text_digest else ""
    return "" if event.kind == "attach" else words.text


def lines_of(events: Iterable[Event], rules: Iterable[Policy], units: Mapping[int, str]) -> list[Line]:
    """The lines of a page of events."""
    by_key = {rule.key: rule for rule in rules}
    return [line_of(event, by_key, units) for event in events]


def _done(event: Event, look: Look) -> str:
    if look.done:
        return str(look.done)
    if event.kind == "supervision.issue":
        return str(ISSUED.get(event.data.get("level", ""), event.kind))
    if event.kind.startswith("supervision."):
        move = SUPERVISION_MOVES.get(event.kind.removeprefix("supervision."))
        return str(move.done) if move else event.kind
    if event.kind.startswith("document."):
        row = DOCUMENT_MOVES.get(event.kind.removeprefix("document."))
        return str(row.done) if row else event.kind
    table, name = (
        (ORDER_MOVES, event.kind.removeprefix("order.")) if event.kind.startswith("order.") else (MOVES, event.kind)
    )
    return str(table[name].done) if name in table else event.kind


def _who(event: Event) -> SafeString:
    if event.actor_id is None and event.unit_id is None:
        return format_html("<b>{}</b>", system_name(event.actor_label))
    unit = event.unit.short_name if event.unit else ""
    return format_html('<b>{}</b> <span class="mut">{}</span>', event.actor_label, unit)


def system_name(label: str) -> str:
    """An actor's label as people read it: Yongqing's own parts have names, persons keep theirs."""
    return {"system": _("System"), "clock": _("Deadline clock")}.get(label, label)


def _sentence(event: Event, look: Look) -> SafeString:
    objects = _objects(event)
    named = format_html_join(_(", "), "<b>{}</b>", ((name,) for name in objects))
    rest = _assisting(event)
    return format_html("{} {} {}{}", _who(event), _done(event, look), named, rest)


_RECUSALS = ("ask_recusal", "grant_recusal", "decline_recusal", "lift_recusal")


def _objects(event: Event) -> list[str]:
    """Whom or what the step was about, where the past-tense words want an object."""
    data = event.data
    if event.kind.startswith("document."):
        return [str(KINDS[data["kind"]].label)] if data.get("kind") in KINDS else []
    wanted: dict[str, Callable[[], list[Any]]] = {
        "dispatch": lambda: [data["lead"]["name"]],
        "merge": lambda: [data["number"]],
        "split": lambda: [part["number"] for part in data["parts"]],
        "split_off": lambda: [data["number"]],
        "hand_over": lambda: [data["name"]],
        "take_over": lambda: [data["name"]],
        "refuse_over": lambda: [data["name"]],
        "drop_over": lambda: [data["name"]],
        "rule_over": lambda: [data["name"]],
        "name_lead": lambda: [data["name"]],
        "send_up": lambda: [data["organ"]],
        "mark_repeat": lambda: [data["number"]],
        "raise_twice": lambda: [data["unit_name"]],
        "name_person": lambda: [data["name"]],
        **dict.fromkeys(_RECUSALS, lambda: [data["name"]]),
        "order.assign": lambda: [data["handler_name"]],
        "order.accept_return": lambda: [data["unit_name"]],
        "order.reject_return": lambda: [data["unit_name"]],
        "order.allow_return": lambda: [data["unit_name"]],
        "order.delegate": lambda: [unit["name"] for unit in data["units"]],
        "order.pass_below": lambda: [data["unit_name"]],
        "order.send_below": lambda: [data["unit_name"]],
        "assist": lambda: [unit["name"] for unit in data["assisting"]],
        "change_lead": lambda: [data["lead"]["name"]],
        "consult": lambda: [unit["name"] for unit in data["units"]],
        "consultation.rule": lambda: [data["lead"]["name"]],
        "order.recall": lambda: [data["unit_name"]],
        "order.send_back": lambda: [data["unit_name"]],
        "order.pass_check": lambda: [data["unit_name"]],
        "order.cancel": lambda: [data["unit_name"]],
        "order.pause": lambda: [data["unit_name"]],
        "order.refuse_pause": lambda: [data["unit_name"]],
        "order.resume": lambda: [data["unit_name"]],
        "order.extend": lambda: [data["unit_name"]],
        "order.refuse_extension": lambda: [data["unit_name"]],
        "order.remind": lambda: [data["unit_name"]],
        "supervision.issue": lambda: [data["unit_name"]],
        "order.finish": lambda: [data["unit_name"]],
        "tick": lambda: [_step_name(data)],
        "untick": lambda: [_step_name(data)],
        "leave_out": lambda: [_step_name(data)],
        "set_urgency": lambda: [_label(Urgency, data["urgency"])],
    }
    try:
        return [str(name) for name in wanted[event.kind]()] if event.kind in wanted else []
    except (KeyError, TypeError):
        # Events outlive the code that wrote them; a field they lack must not take the page with it.
        return []


def _step_name(data: Mapping[str, Any]) -> str:
    label = data.get("label_en") if get_language() == "en" else ""
    return f"{data['step']} {label or data['label']}"


def _assisting(event: Event) -> SafeString | str:
    others = event.data.get("assisting") if event.kind == "dispatch" else None
    if not others:
        return ""
    names = format_html_join(_(", "), "<b>{}</b>", ((other.get("name", ""),) for other in others))
    return format_html("{}{} {}", _(", "), _("assisted by"), names)


def _label(choices: type[TextChoices], value: Any) -> str:
    return str(choices(value).label) if value in choices.values else ""


def _facts(event: Event) -> list[str]:
    """Short facts beside the words: outcome, means, route, rating."""
    data, kind = event.data, event.kind
    if kind == "dispatch":
        term = _("assigned, closing report within %(n)d days") % {"n": data["term"]} if data.get("term") else ""
        return [_label(Urgency, data.get("urgency")), term or _("transferred")]
    if kind in {"order.ask_pause", "order.pause"}:
        return [_label(PauseGround, data.get("ground"))]
    if kind == "set_route":
        return [_label(Purpose, data.get("purpose")), _label(Route, data.get("route"))]
    if kind == "lay_before":
        return [_label(CrossKind, cross) for cross in data.get("kinds", [])]
    if kind == "add_signers":
        return [_("%(n)d signers in all") % {"n": data.get("signers", 0)}]
    if kind == "lead_out":
        return [_label(Route, data.get("route"))]
    if kind in {"deliver_opinion", "deliver_review", "deliver_rereview", "deliver_revocation"}:
        return [_label(Delivery, data.get("way"))]
    if kind == "no_longer_accept":
        return [_label(NoLonger, data.get("ground"))]
    if kind in {"ask_review", "ask_rereview"}:
        return [str(data.get("name", "")), _("asked late, excused") if data.get("excused") else ""]
    if kind == "order.explain":
        return [_label(ContactRecord.Means, data.get("means")), _label(Explanation.Stance, data.get("stance"))]
    if kind == "order.verify":
        return [_label(ContactRecord.Means, data.get("means")), _label(ContactRecord.Result, data.get("result"))]
    if kind in {"order.contact", "order.miss_contact"}:
        return [_label(ContactRecord.Means, data.get("means"))]
    if kind in {"order.ask_return", "order.accept_return", "order.reject_return"}:
        return _return_facts(data)
    if kind == "consultation.opine":
        return [_label(Opinion.Stance, data.get("stance"))]
    if kind == "order.feed_back":
        truth = "" if data.get("is_true", True) else _("the facts are not as described")
        return [_label(Feedback.Outcome, data.get("outcome")), truth]
    if kind in {"order.call_back", "order.miss_call", "order.call_again"}:
        return _callback_facts(data)
    if kind.startswith("document."):
        return [str(data.get("number", "")), _label(DocumentDelivery.Way, data.get("way"))]
    if kind.startswith("supervision."):
        return [str(data.get("number", "")), _label(SupervisionLevel, data.get("level"))]
    if kind == "order.remind" and data.get("count", 1) > 1:
        return [_("reminder no. %(n)d") % {"n": data["count"]}]
    if kind in {"rate", "rerate"}:
        return [_score(Rating.Subject.OFFICE, data), _score(Rating.Subject.UNIT, data), *_given(data)]
    if kind in {"record", "correct_record", "amend_record", "keep_promise", "release_promise"}:
        return [_("no. %(n)s") % {"n": data.get("no", "")}, _label(RecordEntry.Type, data.get("type"))]
    return [str(data.get("reason", ""))] if kind == "recompute" else []


def _return_facts(data: Mapping[str, Any]) -> list[str]:
    reason = data.get("reason", "")
    right = data.get("right_name")
    return [
        f"{reason} {_label(OrderReturn.Reason, reason)}".strip(),
        _("right unit: %(unit)s") % {"unit": right} if right else "",
        _("groundless") if data.get("is_groundless") else "",
    ]


def _callback_facts(data: Mapping[str, Any]) -> list[str]:
    solved = _label(Callback.Solved, data.get("solved"))
    return [
        _label(Callback.Result, data.get("result")),
        _("solved: %(answer)s") % {"answer": solved} if solved else "",
        _satisfaction(data),
        _("call no. %(n)d") % {"n": data["tries"]} if data.get("tries", 1) > 1 else "",
    ]


def _satisfaction(data: Mapping[str, Any]) -> str:
    """The level as it was asked, else the national score of an older callback."""
    if data.get("level") in Callback.Level.values:
        return str(Callback.Level(data["level"]).label)
    score = data.get("satisfaction")
    return str(Rating.Score(score).label) if score in Rating.Score.values else ""


def _score(subject: Rating.Subject, data: Mapping[str, Any]) -> str:
    score = data.get(subject.value)
    if score not in Rating.Score.values:
        return ""
    return _("%(object)s: %(score)s") % {"object": subject.label, "score": Rating.Score(score).label}


def _given(data: Mapping[str, Any]) -> list[str]:
    """By whose hand a rating was given, and what was ticked beside it."""
    ticked = {key for keys in (data.get("reasons") or {}).values() for key in keys}
    hand = "" if data.get("way") == Rating.Way.OFFICER else _label(Rating.Way, data.get("way"))
    return [hand, *(str(reason.label) for reason in Rating.Reason if reason.value in ticked)]


def _own_sentence(event: Event, rules: Mapping[str, Policy], units: Mapping[int, str]) -> SafeString | None:
    """The sentence of a kind that is about deadlines; None for every other."""
    if event.kind == "deadline":
        return _deadline_sentence(event, rules, units)
    return _recompute_sentence(event, rules) if event.kind == "recompute" else None


def _recompute_sentence(event: Event, rules: Mapping[str, Policy]) -> SafeString:
    """Which dates moved, from when to when."""
    moved = event.data.get("clocks", [])
    parts = [
        (_rule_name(clock.get("rule", ""), rules), _moment(clock.get("before")), _moment(clock.get("after")))
        for clock in moved
        if not clock.get("paused") and clock.get("before") != clock.get("after")
    ]
    dates = format_html_join(_("; "), "<b>{}</b> {} → {}", parts)
    return format_html("{} {} {}", _who(event), _("computed deadlines anew"), dates)


def _moment(text: Any) -> str:
    return local_text(datetime.fromisoformat(text)) if isinstance(text, str) else ""


def _deadline_sentence(event: Event, rules: Mapping[str, Policy], units: Mapping[int, str]) -> SafeString:
    """One sweep may tell several rungs of several clocks: the highest of each clock is named."""
    tops: dict[Any, Mapping[str, Any]] = {rung.get("clock"): rung for rung in event.data.get("rungs", [])}
    parts = [
        (
            _rule_name(rung.get("rule", ""), rules),
            units.get(rung.get("order") or 0, ""),
            RUNG_LABELS.get(rung.get("rung", ""), ""),
        )
        for rung in tops.values()
    ]
    return format_html_join(_("; "), '<b>{}</b> <span class="mut">{}</span> {}', parts)


def _rule_name(key: str, rules: Mapping[str, Policy]) -> str:
    rule = rules.get(key)
    return rule_name(rule) if rule else key


def rule_name(rule: Policy) -> str:
    """A rule's name in the interface language."""
    return rule.label
