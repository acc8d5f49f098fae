"""What the API gives out: rows of `values()` as plain dictionaries. Shapes are declared in gateway/outputs.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dispatch import story
from dispatch.models import Clock
from dispatch.states import ORDER_MOVES
from dispatch.supervision import SUPERVISION_MOVES
from dispatch.twice import limits
from gateway.explanations import explain
from gateway.reference import areas, classes, units
from petitions.models import NO_DEADLINE
from petitions.states import MOVES

PETITION_COLUMNS = (
    "id",
    "year",
    "serial",
    "version",
    "channel",
    "source_ref",
    "state",
    "is_open",
    "purpose",
    "content_class_id",
    "urgency",
    "sensitivity",
    "district_id",
    "area_id",
    "address",
    "summary",
    "petitioner_label",
    "headcount",
    "affected_count",
    "is_anonymous",
    "is_open_to_public",
    "petition_date",
    "occurred_on",
    "register_unit_id",
    "lead_unit_id",
    "registered_at",
    "updated_at",
    "next_due_at",
    "replied_at",
    "closed_at",
    "close_type",
    "recurrence",
    "is_priority",
    "rework_count",
)
PETITION_TEXTS = ("content", "demand", "reply_text", "query_code")
# Read from the columns above and given out in another shape.
_SHAPED = {"year", "serial", "content_class_id", "district_id", "area_id", "register_unit_id", "lead_unit_id"}

ORDER_COLUMNS = (
    "id",
    "petition_id",
    "petition__year",
    "petition__serial",
    "petition__summary",
    "petition__area_id",
    "seq",
    "version",
    "unit_id",
    "is_lead",
    "state",
    "is_open",
    "urgency",
    "dispatched_at",
    "signed_at",
    "first_contact_at",
    "fed_back_at",
    "checked_at",
    "called_back_at",
    "ended_at",
    "next_due_at",
)
ORDER_TEXTS = ("instruction", "petition__content", "petition__demand", "petition__address")

# Facts of events that other systems may see; whatever a later step adds stays inside until it is listed here.
EVENT_FACTS = frozenset(
    (
        *("number", "channel", "state", "before", "after", "urgency", "lead", "assisting", "order", "seq", "unit_name"),
        *("supervision", "level", "trigger", "count"),
        *(
            "outcome",
            "is_true",
            "means",
            "result",
            "stage",
            "route",
            "office",
            "unit",
            "round",
            "rungs",
            "into",
            "clocks",
        ),
    )
)
# Steps that tie one petition to another: which one, only a key that may read it learns, from the detail.
TIES = frozenset({"mark_repeat", "not_repeat", "merge", "order.ask_return", "split_off"})
# Notes of the office to itself.
_RECUSALS = ("ask_recusal", "grant_recusal", "decline_recusal", "lift_recusal", "order.unassign")
# A document is the office's own until it is issued.
_DRAFT_STEPS = ("draft", "amend", "submit", "check", "sign", "send_back", "void", "file")
_DRAFTS = tuple(f"document.{name}" for name in _DRAFT_STEPS)
INTERNAL_EVENTS = (*_DRAFTS, "note", "phone_note", "talk_note", "withdraw_note", "name_person", *_RECUSALS)
_OTHER_LABELS = {
    "register": _("registered the petition"),
    "deadline": _("Deadline approaching or passed"),
    "mark_repeat": _("marked the petition as a repeat of"),
    "not_repeat": _("judged the petition a new matter"),
    "split_off": _("split this matter off from"),
    "raise_twice": _("laid the matter before supervision; unit:"),
    "recompute": _("computed deadlines anew"),
    "document.issue": _("issued"),
    "document.send": _("sent"),
    "document.return": _("got back undelivered"),
    "document.deliver": _("delivered"),
}


SUPERVISION_LABELS = {"issue": _("was put under supervision"), **{n: m.done for n, m in SUPERVISION_MOVES.items()}}


def due(moment: datetime) -> datetime | None:
    """A deadline, or None where none is running."""
    return None if moment >= NO_DEADLINE else moment


def number_of(year: int, serial: int) -> str:
    """The number on paper (see Petition.number), from columns."""
    return f"{settings.NUMBER_PREFIX}〔{year}〕{serial:06d}号"


def petition(row: dict[str, Any]) -> dict[str, Any]:
    """A petition as lists show it, from PETITION_COLUMNS."""
    shown = {name: row[name] for name in PETITION_COLUMNS if name not in _SHAPED}
    shown.update(
        number=number_of(row["year"], row["serial"]),
        category=classes().brief(row["content_class_id"]),
        district=areas().brief(row["district_id"]),
        area=areas().brief(row["area_id"]),
        register_unit=units().brief(row["register_unit_id"]),
        lead_unit=units().brief(row["lead_unit_id"]),
        next_due_at=due(row["next_due_at"]),
    )
    return shown


def petition_detail(row: dict[str, Any], people: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A petition with its texts, its petitioners (masked), and what else only one petition is asked for."""
    shown = {**petition(row), **more}
    shown.update((name, row[name]) for name in PETITION_TEXTS)
    shown["petitioners"] = [person(p) for p in people]
    return shown


def counters(row: dict[str, Any], returns: int) -> dict[str, Any]:
    """The three counters of 事不过二 with their limits, from PETITION_COLUMNS."""
    found = limits()
    return {
        "returns": {"count": returns, "limit": found.max_returns},
        "reworks": {"count": row["rework_count"], "limit": found.max_reworks},
        "recurrence": {"count": row["recurrence"], "limit": found.raised_from - 1},
    }


RATING_COLUMNS = ("subject", "score", "round", "is_again", "at")
BAD_RATING_COLUMNS = ("rated_at", "source", "called_at", "put_right_at", "was_in_time", "ended_at", "is_rated_again")


PERSON_COLUMNS = ("party_type", "name_masked", "phone_masked", "id_type", "id_masked", "is_main")


def person(row: dict[str, Any]) -> dict[str, Any]:
    """A petitioner behind the mask; the plain identity is not even read."""
    return {
        "name": row["name_masked"],
        "party_type": row["party_type"],
        "phone": row["phone_masked"],
        "id_type": row["id_type"],
        "id_no": row["id_masked"],
        "is_main": row["is_main"],
    }


def order(row: dict[str, Any]) -> dict[str, Any]:
    """A work order as lists show it, from ORDER_COLUMNS."""
    year, serial = row["petition__year"], row["petition__serial"]
    shown = {name: row[name] for name in ORDER_COLUMNS if "__" not in name and name not in {"petition_id", "unit_id"}}
    shown.update(
        number=f"{year % 100:02d}-{serial:06d}-{row['seq']:02d}",
        petition={"id": row["petition_id"], "number": number_of(year, serial)},
        summary=row["petition__summary"],
        area=areas().brief(row["petition__area_id"]),
        unit=units().brief(row["unit_id"]),
        next_due_at=due(row["next_due_at"]),
    )
    return shown


def order_detail(row: dict[str, Any], people: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A work order with what the unit needs to begin: instruction, texts, the petitioner behind the mask."""
    shown = order(row)
    shown.update(
        instruction=row["instruction"],
        content=row["petition__content"],
        demand=row["petition__demand"],
        address=row["petition__address"],
        petitioners=[person(p) for p in people],
    )
    return shown


EVENT_COLUMNS = ("seq", "at", "kind", "actor_label", "unit_id", "data", "words__text")


def event(row: dict[str, Any]) -> dict[str, Any]:
    """One thing that happened, in the words of the timeline, from EVENT_COLUMNS."""
    return {
        "seq": row["seq"],
        "at": row["at"],
        "kind": row["kind"],
        "label": str(event_label(row["kind"])),
        "actor": row["actor_label"],
        "unit": units().brief(row["unit_id"]),
        "data": {
            name: value
            for name, value in row["data"].items()
            if name in EVENT_FACTS and not (row["kind"] in TIES and name in {"into", "number"})
        },
        "text": row["words__text"] or "",
    }


def event_label(kind: str) -> Any:
    """The past-tense line of a kind of event; the kind itself where no room names it."""
    if kind.startswith("supervision."):
        return SUPERVISION_LABELS.get(kind.removeprefix("supervision."), kind)
    table, name = (ORDER_MOVES, kind.removeprefix("order.")) if kind.startswith("order.") else (MOVES, kind)
    return table[name].done if name in table else _OTHER_LABELS.get(kind, kind)


def clock(row: Clock, *, at: datetime) -> dict[str, Any]:
    """One deadline with the rule it follows. Breached also when nobody has noticed yet."""
    is_late = row.state == Clock.State.RUNNING and at > row.due_at
    return {
        "id": row.pk,
        "rule": row.policy.key,
        "rule_version": row.policy.version,
        "name": row.policy.name,
        "article": row.policy.article,
        "order": row.order_id,
        "started_at": row.started_at,
        "due_at": None if row.state == Clock.State.PAUSED else row.due_at,
        "paused_at": row.paused_at,
        "extended": row.extended,
        "ended_at": row.ended_at,
        "state": row.state,
        "breached": row.breached_at is not None or is_late,
        "explanation": explain(row),
    }


def clock_why(row: Clock, *, at: datetime) -> dict[str, Any]:
    """A deadline told day by day: the rule, every day counted or not, and what was done to it."""
    told = story.read(row, at)
    lines = story.lines_of(told)
    return {
        **clock(row, at=at),
        "unit": told.policy.unit,
        "length": told.clock.length,
        "target": told.target,
        "counted": told.counted,
        "is_provisional": told.is_provisional,
        "summary": story.summary(told),
        "rules": story.rules_of(told),
        "days": [
            {
                "day": mark.day,
                "kind": mark.kind.value,
                "amount": mark.amount,
                "total": mark.total,
                "holiday": mark.holiday_label,
                "is_due": mark.is_due,
                "is_provisional": mark.is_provisional,
            }
            for mark in told.days
        ],
        "events": [
            {
                "kind": event.kind,
                "at": event.at,
                "due_at": event.due_at,
                "consumed": event.consumed,
                "amount": event.amount,
                "rule_version": event.policy.version if event.policy else None,
                "calendar_version": event.calendar_version,
                # Without the grounds somebody typed: those are case text of the office.
                "text": line.text,
            }
            for event, line in zip(told.events, lines, strict=True)
        ],
    }


SUPERVISION_COLUMNS = (
    "id", "year", "serial", "version", "order_id", "unit_id", "level", "state", "trigger", "text", "issued_at",
    "raised_at", "answer", "answered_at", "result", "ended_at", "due_at",
)  # fmt: skip


def supervision(row: dict[str, Any]) -> dict[str, Any]:
    """One supervision order of a petition, from SUPERVISION_COLUMNS."""
    shown = {name: row[name] for name in SUPERVISION_COLUMNS if name not in {"year", "serial", "order_id", "unit_id"}}
    return {
        **shown,
        "number": f"{settings.NUMBER_PREFIX}督〔{row['year']}〕{row['serial']}号",
        "order": row["order_id"],
        "unit": units().brief(row["unit_id"]),
        "due_at": due(row["due_at"]),
    }


def unit(row: dict[str, Any]) -> dict[str, Any]:
    """A unit, from UNIT_COLUMNS."""
    above = units().brief(row["parent_id"])
    shown = {name: row[name] for name in UNIT_COLUMNS if not name.endswith("_id")}
    return {**shown, "area": areas().brief(row["area_id"]), "parent": above["code"] if above else None}


UNIT_COLUMNS = ("code", "name", "short_name", "kind", "duty", "area_id", "parent_id", "takes_orders")
AREA_COLUMNS = ("code", "name", "name_en", "kind", "parent_id", "district_id")
CATEGORY_COLUMNS = ("code", "name", "name_en", "level", "parent_id", "hotline_label")


def area(row: dict[str, Any]) -> dict[str, Any]:
    """A place, from AREA_COLUMNS, with the codes of those above it."""
    names = {name: row[name] for name in ("code", "name", "name_en", "kind")}
    return {**names, "parent": _code(areas(), row["parent_id"]), "district": _code(areas(), row["district_id"])}


def category(row: dict[str, Any]) -> dict[str, Any]:
    """A content class, from CATEGORY_COLUMNS."""
    names = {name: row[name] for name in ("code", "name", "name_en", "level", "hotline_label")}
    return {**names, "parent": _code(classes(), row["parent_id"])}


def _code(shelf: Any, pk: int | None) -> str | None:
    above = shelf.brief(pk)
    return above["code"] if above else None


def thin(items: list[dict[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Only the named members of each item; all when none is named."""
    return [{name: item[name] for name in names} for item in items] if names else items
