"""One timeline of a file: its own steps and everything that happened in its petitions, newest first, paged by key."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, TextChoices
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from backlog.entry import sentences
from backlog.models import Assessment, BacklogCase, CaseEvent
from backlog.states import CASE_MOVES
from backlog.words import label_of
from dispatch import timeline
from dispatch.models import WorkOrder
from dispatch.rulebook import policies
from dispatch.timeline import RECUSALS, Line, system_name
from petitions.models import Attachment, Event, Petition

PAGE = 30
_FIELDS = {field.name for field in Assessment._meta.fields}


class Source(TextChoices):
    """What the chips above the timeline filter by."""

    FILE = "file", gettext_lazy("Steps of the file")
    PETITIONS = "petitions", gettext_lazy("Petitions")


@dataclass(frozen=True)
class Entry:
    """A line of the timeline, and the petition it comes from (None: a step of the file itself)."""

    line: Line
    petition: Petition | None = None


@dataclass
class TimelinePage:
    """Entries, and the cursor of the older ones ("" at the end)."""

    entries: list[Entry] = field(default_factory=list)
    older: str = ""


# Icon and tone of a step; the tones are those of the case page: flow, msg, doc, lead, sys.
_LOOKS: dict[str, tuple[str, str]] = {
    "nominate": ("folder-plus", "flow"),
    "accept": ("folder-check", "flow"),
    "decline": ("circle-x", "lead"),
    "assess": ("file-pen-line", "doc"),
    "link": ("link", "sys"),
    "unlink": ("unlink", "sys"),
    "place": ("map-pin", "flow"),
    "progress": ("message-square-plus", "msg"),
    "milestone": ("milestone", "flow"),
    "agree": ("handshake", "doc"),
    "lead": ("flag", "lead"),
    "assist": ("user-plus", "flow"),
    "hand_over": ("arrow-left-right", "lead"),
    "duty": ("list-checks", "msg"),
    "instruct": ("stamp", "lead"),
    "renew": ("refresh-cw", "flow"),
    "rebound": ("rotate-ccw", "lead"),
    "send_back": ("corner-down-left", "lead"),
}
# A petition's event stands below a step of the file of the same moment.
_PETITION, _FILE = 0, 1
Key = tuple[datetime, int, int]


def encode(key: Key) -> str:
    """A place in the timeline as it stands in an address."""
    raw = json.dumps([key[0].isoformat(), key[1], key[2]], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(cursor: str) -> Key | None:
    """The place of a cursor; None for one that is empty or damaged, which means the newest."""
    try:
        at, source, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        is_sound = moment.tzinfo is not None and source in {_PETITION, _FILE} and isinstance(pk, int)
        return (moment, source, pk) if is_sound and abs(pk) < 2**63 else None
    except (binascii.Error, ValueError, TypeError):
        return None


def _before(rows: QuerySet[Any], source: int, key: Key | None) -> list[Any]:
    """The next rows of one source that stand below a place."""
    if key is not None:
        at, other, pk = key
        if source == other:
            rows = rows.filter(TupleLessThan(Tuple(F("at"), F("id")), (at, pk)))
        else:
            rows = rows.filter(Q(at__lte=at) if source < other else Q(at__lt=at))
    return list(rows.order_by("-at", "-id")[: PAGE + 1])


def read(
    case: BacklogCase, user: User, *, source: str = "", petition: int | None = None, cursor: str = ""
) -> TimelinePage:
    """A page. Of petitions the reader may not see nothing is told; recusals are told on the petition's own page."""
    key = decode(cursor)
    found: list[tuple[Key, Any]] = []
    if source != Source.PETITIONS and petition is None:
        rows = CaseEvent.objects.filter(case=case).select_related("actor", "unit", "document")
        found += [((row.at, _FILE, row.pk), row) for row in _before(rows, _FILE, key)]
    if source != Source.FILE:
        seen = Petition.objects.visible_to(user).filter(backlog_links__case=case)
        if petition is not None:
            seen = seen.filter(pk=petition)
        events = Event.objects.filter(petition__in=list(seen.values_list("pk", flat=True)))
        events = events.exclude(kind="attach", data__has_key="for").exclude(kind__in=RECUSALS).defer("body", "hash")
        events = events.select_related("words", "unit", "petition").prefetch_related("attachments")
        found += [((row.at, _PETITION, row.pk), row) for row in _before(events, _PETITION, key)]
    found.sort(key=lambda item: item[0], reverse=True)
    shown = found[:PAGE]
    older = encode(shown[-1][0]) if len(found) > PAGE else ""
    return TimelinePage(_entries([row for _key, row in shown]), older)


def _entries(rows: Sequence[Any]) -> list[Entry]:
    events = [row for row in rows if isinstance(row, Event)]
    orders = {event.data.get("order") for event in events} - {None}
    units = {order.pk: str(order.unit) for order in WorkOrder.objects.filter(pk__in=orders).select_related("unit")}
    lines = dict(zip([e.pk for e in events], timeline.lines_of(events, policies(), units), strict=True))
    files = _files([row for row in rows if isinstance(row, CaseEvent)])
    return [
        Entry(lines[row.pk], row.petition) if isinstance(row, Event) else Entry(line_of(row, files.get(row.pk, [])))
        for row in rows
    ]


def _files(events: Sequence[CaseEvent]) -> dict[int, list[Attachment]]:
    """Papers of the steps, from one statement."""
    wanted = {event.pk: _file_keys(event) for event in events}
    known = {row.pk: row for row in Attachment.objects.filter(pk__in={pk for pks in wanted.values() for pk in pks})}
    return {pk: [known[key] for key in keys if key in known] for pk, keys in wanted.items()}


def _file_keys(event: CaseEvent) -> list[int]:
    keys = [pk for pk in event.data.get("files", []) if isinstance(pk, int)]
    return keys or ([event.document_id] if event.document_id else [])


def line_of(event: CaseEvent, files: Sequence[Attachment] = ()) -> Line:
    """A step of the file as a line."""
    icon, tone = _LOOKS.get(event.move, ("circle-dot", "flow"))
    return Line(
        id=event.pk,
        seq=event.pk,
        at=event.at,
        icon=icon,
        tone=tone,
        sentence=_sentence(event),
        text=event.text,
        facts=_facts(event),
        files=list(files),
    )


def done_words(move: str) -> str:
    """The past-tense words of a step."""
    if move == "nominate":
        return _("proposed the matter for the backlog")
    return str(CASE_MOVES[move].done) if move in CASE_MOVES else move


def _sentence(event: CaseEvent) -> SafeString:
    number = event.data.get("number", "")
    named = format_html(" <b>{}</b>", number) if number else ""
    if event.actor_id is None and event.unit_id is None:
        return format_html("<b>{}</b> {}{}", _name(event.actor_label), done_words(event.move), named)
    unit = event.unit.short_name if event.unit else ""
    return format_html(
        '<b>{}</b> <span class="mut">{}</span> {}{}', event.actor_label, unit, done_words(event.move), named
    )


def _name(label: str) -> str:
    return _("Yongqing") if label == "backlog" else system_name(label)


def _facts(event: CaseEvent) -> list[str]:
    """What the step's numbers and keys say."""
    data = event.data
    facts = sentences(data.get("hits", [])) if event.move == "nominate" else []
    if event.move in {"assess", "agree"}:
        facts += [label_of(name) for name in data.get("fields", []) if name in _FIELDS]
    if data.get("is_repeat"):
        facts.append(_("raised again, linked by itself"))
    if event.move == "accept" and data.get("target_on"):
        facts.append(_("to be settled by %(day)s") % {"day": data["target_on"]})
    return facts
