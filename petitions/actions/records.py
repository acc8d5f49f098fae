"""The only code that writes the work record book (工作记录簿, domain-facts §7.4; docs/adr/0029)."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions.moves import lock, require, touch
from petitions.models import CareCheck, Event, RecordAmendment, RecordEntry
from petitions.signals import promise_moved
from petitions.states import Refused

CITY_TIME = ZoneInfo("Asia/Shanghai")
CORRECTABLE_FOR = timedelta(hours=24)
# At least one of these says what the entry is about.
SUBSTANCE = ("cause", "facts_found", "progress", "demand_change", "sticking_point", "promise")
# A telephone or identity number has no place in a line the petitioner reads on an open page.
_NUMBER = re.compile(r"\d{7,}")


@dataclass(frozen=True)
class Entry:
    """What somebody writes into the book. Days are local (Asia/Shanghai); empty texts are left out of the entry."""

    entry_type: str
    happened_at: datetime
    place: str = ""
    cause: str = ""
    facts_found: str = ""
    progress: str = ""
    demand_change: str = ""
    sticking_point: str = ""
    promise: str = ""
    promise_due: date | None = None
    next_step: str = ""
    next_on: date | None = None
    contact_preference: str = ""
    step_no: int | None = None
    public_line: str = ""
    # Services offered at a reception (CareCheck.Offer).
    care: Sequence[str] = ()

    def columns(self) -> dict[str, Any]:
        """The entry's own columns, texts without blanks around them."""
        values = asdict(self)
        values.pop("care")
        return {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}


def digest_of(columns: dict[str, Any]) -> str:
    """SHA-256 (hex) of an entry's words: written into its event, so that a word changed behind it shows."""
    body = json.dumps(columns, ensure_ascii=False, sort_keys=True, default=_plain)
    return hashlib.sha256(body.encode()).hexdigest()


def _plain(value: date | datetime) -> str:
    return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()


def is_intact(entry: RecordEntry) -> bool:
    """Whether the entry's words are those its newest event was written with."""
    kinds = ("record", "correct_record")
    event = Event.objects.filter(petition=entry.petition_id, kind__in=kinds, data__entry=entry.pk).order_by("-seq")
    newest = event.first()
    names = Entry(entry_type="", happened_at=entry.at).columns()
    return newest is not None and newest.data.get("digest") == digest_of({name: getattr(entry, name) for name in names})


@transaction.atomic
def write_record(petition_id: int, *, entry: Entry, actor: User | Actor, at: datetime) -> tuple[RecordEntry, Event]:
    """Write an entry, its event, and start the clock of what was promised.

    Raises Refused for an entry that says nothing, lies in the future, promises without a day ahead, or whose public
    line names a number.
    """
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.write_record", who)
    if who.user is None:
        raise Refused(_("Only a person writes in the record book."), code="forbidden")
    columns = _checked(entry, at)
    last = RecordEntry.objects.filter(petition=petition).aggregate(last=Max("entry_no"))["last"] or 0
    row = RecordEntry(petition=petition, entry_no=last + 1, author=who.user, unit=who.unit, at=at, **columns)
    row.save()
    data = {"entry": row.pk, "no": row.entry_no, "type": row.entry_type, "digest": digest_of(columns)}
    row.event = events.record(petition_id, "record", actor=who, at=at, data=data)
    row.save(update_fields=["event"])
    if entry.care:
        CareCheck.objects.create(entry=row, offered=_offers(entry.care), at=at, by=who.user)
    touch(petition, at)
    if row.has_open_promise:
        promise_moved.send(RecordEntry, entry=row, move="promise", actor=who, at=at)
    return row, row.event


def _checked(entry: Entry, at: datetime) -> dict[str, Any]:
    columns = entry.columns()
    if not any(columns[name] for name in SUBSTANCE):
        raise Refused(_("Please write what happened: at least one of the fields."), field="progress")
    if entry.happened_at > at:
        raise Refused(_("This time has not come yet."), field="happened_at")
    today = at.astimezone(CITY_TIME).date()
    if entry.promise_due is not None:
        if not columns["promise"]:
            raise Refused(_("Please say what was promised until then."), field="promise")
        if entry.promise_due <= today:
            raise Refused(_("A promise is kept on a later day; what is done today is progress."), field="promise_due")
    if entry.next_on is not None and not columns["next_step"]:
        raise Refused(_("Please say what is to be done on that day."), field="next_step")
    if _NUMBER.search(columns["public_line"]):
        raise Refused(
            _("Please leave telephone and identity numbers out of the line for the petitioner."), field="public_line"
        )
    return columns


def _offers(care: Sequence[str]) -> list[str]:
    unknown = set(care) - set(CareCheck.Offer.values)
    if unknown:
        raise ValueError(f"unknown offers: {unknown}")
    return [offer for offer in CareCheck.Offer.values if offer in care]


def _own(entry_id: int, who: Actor) -> RecordEntry:
    """The entry, locked after its petition. Raises Refused for somebody else's."""
    petition_id = RecordEntry.objects.values_list("petition_id", flat=True).get(pk=entry_id)
    petition = lock(petition_id)
    require(petition, "petitions.write_record", who)
    entry = RecordEntry.objects.select_for_update(of=("self",)).get(pk=entry_id)
    entry.petition = petition
    if entry.author != who.user:
        raise Refused(_("Only who wrote the entry may do this."), code="forbidden")
    return entry


@transaction.atomic
def correct_record(entry_id: int, *, entry: Entry, actor: User | Actor, at: datetime) -> tuple[RecordEntry, Event]:
    """Put one's own entry right within 24 hours. A running promise keeps its words and day: it binds already.

    Raises Refused after that: then an addition is the way (`amend_record`).
    """
    who = Actor.of(actor)
    row = _own(entry_id, who)
    if at - row.at > CORRECTABLE_FOR:
        raise Refused(_("After 24 hours an entry is not changed any more. Please add to it instead."), code="immutable")
    if row.promise_due is not None:
        kept = {"promise": row.promise, "promise_due": row.promise_due}
        columns = {**_checked(replace(entry, promise_due=None), at), **kept}
    elif entry.promise_due is not None:
        raise Refused(_("A promise with a day is a new entry."), field="promise_due")
    else:
        columns = _checked(entry, at)
    for name, value in columns.items():
        setattr(row, name, value)
    row.corrected_at = at
    row.save()
    _set_care(row, entry.care, at)
    touch(row.petition, at)
    data = {"entry": row.pk, "no": row.entry_no, "type": row.entry_type, "digest": digest_of(columns)}
    return row, events.record(row.petition_id, "correct_record", actor=who, at=at, data=data)


def _set_care(row: RecordEntry, care: Sequence[str], at: datetime) -> None:
    CareCheck.objects.filter(entry=row).delete()
    if care:
        CareCheck.objects.create(entry=row, offered=_offers(care), at=at, by=row.author)


@transaction.atomic
def amend_record(entry_id: int, *, text: str, actor: User | Actor, at: datetime) -> RecordAmendment:
    """Add to one's own entry; what it said stays. Raises Refused without words."""
    who = Actor.of(actor)
    if len(text.strip()) < 2:
        raise Refused(_("Please write what is to be added."), field="text")
    row = _own(entry_id, who)
    amendment = RecordAmendment.objects.create(entry=row, author=row.author, at=at, text=text.strip())
    data = {"entry": row.pk, "no": row.entry_no, "digest": digest_of({"text": amendment.text})}
    events.record(row.petition_id, "amend_record", actor=who, at=at, data=data)
    touch(row.petition, at)
    return amendment


@transaction.atomic
def end_promise(entry_id: int, *, outcome: str, words: str, actor: User | Actor, at: datetime) -> RecordEntry:
    """Say that a promise was kept, or that the person released us from it: its clock stops, or ends unjudged.

    Whoever writes in the book of this case may, for the author may have left. Raises Refused without words.
    """
    if outcome not in RecordEntry.Outcome.values:
        raise ValueError(f"unknown outcome: {outcome}")
    if len(words.strip()) < 2:
        raise Refused(_("Please say how it was kept, or why it no longer binds."), field="words")
    who = Actor.of(actor)
    petition = lock(RecordEntry.objects.values_list("petition_id", flat=True).get(pk=entry_id))
    require(petition, "petitions.write_record", who)
    row = RecordEntry.objects.select_for_update(of=("self",)).select_related("author", "unit").get(pk=entry_id)
    row.petition = petition
    if not row.has_open_promise:
        raise Refused(_("Nothing is promised here any more."), code="ended")
    row.promise_outcome, row.promise_ended_at, row.promise_words = outcome, at, words.strip()
    row.save(update_fields=["promise_outcome", "promise_ended_at", "promise_words"])
    move = "keep_promise" if outcome == RecordEntry.Outcome.KEPT else "release_promise"
    data = {"entry": row.pk, "no": row.entry_no, "outcome": outcome}
    events.record(row.petition_id, move, actor=who, at=at, data=data)
    touch(petition, at)
    promise_moved.send(RecordEntry, entry=row, move=move, actor=who, at=at)
    return row


@transaction.atomic
def finish_next_step(entry_id: int, *, actor: User | Actor, at: datetime) -> RecordEntry:
    """Strike one's own next step off the list of what is due. Twice changes nothing."""
    row = _own(entry_id, Actor.of(actor))
    if row.next_done_at is None:
        row.next_done_at = at
        row.save(update_fields=["next_done_at"])
    return row
