"""The record book of a case as its tab shows it: entries, and among them the talks that stand in the history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.durations import Remaining, remaining
from accounts.models import User
from dispatch import timeline
from dispatch.actions.clocks import policies
from dispatch.case_file import CaseFile
from dispatch.models import Clock, Policy
from petitions.actions.records import CORRECTABLE_FOR
from petitions.models import Attachment, Event, RecordEntry

# Of one case: more is for its print.
ENTRIES = 200
TALKS = 40
# Written where they belong and not copied into the book (docs/adr/0029).
TALK_KINDS = (
    "note",
    "phone_note",
    "talk_note",
    "order.contact",
    "order.miss_contact",
    "order.explain",
    "order.verify",
    "order.call_back",
    "order.call_again",
)


@dataclass(frozen=True)
class Row:
    """One entry, ready to draw; or a talk of the history, then `line` is set and nothing else."""

    at: datetime
    entry: RecordEntry | None = None
    line: timeline.Line | None = None
    left: Remaining | None = None
    is_own: bool = False
    may_correct: bool = False
    files: Sequence[Attachment] = field(default_factory=list)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The filled texts with their labels, in the order of the form."""
        if self.entry is None:
            return []
        names = ("cause", "facts_found", "progress", "demand_change", "sticking_point", "contact_preference")
        label = RecordEntry._meta.get_field
        return [
            (str(label(name).verbose_name), getattr(self.entry, name))  # type: ignore[union-attr]
            for name in names
            if getattr(self.entry, name)
        ]


def rows_of(case: CaseFile) -> list[Row]:
    """Entries and talks of a case, newest first; seven statements whatever their number."""
    entries = RecordEntry.objects.visible_to(case.user).filter(petition=case.petition)
    found = entry_rows(list(_joined(entries)[:ENTRIES]), case.user, case.at)
    kinds = Event.objects.filter(petition=case.petition, kind__in=TALK_KINDS).order_by("-seq")
    events = kinds.select_related("words", "unit").prefetch_related("attachments").defer("body", "hash")[:TALKS]
    units = {order.pk: str(order.unit) for order in case.orders}
    lines = timeline.lines_of(events, policies(), units)
    return sorted([*found, *(Row(line.at, line=line) for line in lines)], key=lambda row: row.at, reverse=True)


def _joined(entries: Any) -> Any:
    return entries.select_related("author", "unit", "care").prefetch_related("amendments__author")


def entry_rows(entries: Sequence[RecordEntry], user: User, at: datetime) -> list[Row]:
    """Entries with their files and what is left of their promises: two statements for any number of them."""
    dues = promise_dues(entry.pk for entry in entries if entry.has_open_promise)
    files: dict[int, list[Attachment]] = {}
    for file in Attachment.objects.filter(event__in=[entry.event_id for entry in entries if entry.event_id]):
        files.setdefault(file.event_id or 0, []).append(file)
    return [
        Row(
            entry.at,
            entry,
            left=remaining(*dues[entry.pk], at) if entry.pk in dues else None,
            is_own=entry.author_id == user.pk,
            may_correct=entry.author_id == user.pk and at - entry.at <= CORRECTABLE_FOR,
            files=files.get(entry.event_id or 0, []),
        )
        for entry in entries
    ]


def promise_dues(entry_ids: Iterable[int]) -> dict[int, tuple[datetime]]:
    """When the open promises of these entries are due."""
    rows = Clock.objects.filter(
        subject=Policy.Subject.PROMISE, subject_id__in=list(entry_ids), state=Clock.State.RUNNING
    )
    return {pk: (due,) for pk, due in rows.values_list("subject_id", "due_at")}
