"""The event chain: one append-only, hash-chained history per petition (docs/architecture.md, rule 2)."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import connection

from accounts.actors import Actor
from petitions.inserts import put
from petitions.models import Event, EventHead, EventText, Petition
from petitions.signals import event_recorded

GENESIS = b"\0" * 32
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
# The event after which the words before it may be gone: they were removed by law (domain-facts §1.18).
ANONYMISE = "anonymise"


def canonical(
    petition_id: int, seq: int, at: datetime, kind: str, actor: Actor, data: dict[str, Any], text: str
) -> bytes:
    """The bytes that are hashed: JSON with sorted keys, no blanks, UTC to the microsecond."""
    return _JSON.encode(
        {
            "petition": petition_id,
            "seq": seq,
            "at": at.astimezone(UTC).isoformat(),
            "kind": kind,
            "actor": actor.user.pk if actor.user else None,
            "actor_label": actor.label,
            "unit": actor.unit.pk if actor.unit else None,
            "data": data,
            "text": digest(text),
        }
    ).encode()


def digest(text: str) -> str:
    """SHA-256 of an event's words (hex); empty for no words."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def chain(previous: bytes, body: bytes) -> bytes:
    """The next link: SHA-256(previous hash ‖ body)."""
    return hashlib.sha256(previous + body).digest()


def _values(
    petition_id: int,
    seq: int,
    previous: bytes,
    *,
    kind: str,
    actor: Actor,
    at: datetime,
    data: dict[str, Any],
    text: str,
) -> dict[str, Any]:
    body = canonical(petition_id, seq, at, kind, actor, data, text)
    return {
        "petition_id": petition_id,
        "seq": seq,
        "at": at,
        "kind": kind,
        "actor_id": actor.user.pk if actor.user else None,
        "actor_label": actor.label[:60],
        "unit_id": actor.unit.pk if actor.unit else None,
        "data": data,
        "text_digest": digest(text),
        "body": body,
        "hash": chain(previous, body),
    }


def open_chains(
    petitions: Sequence[Petition], *, actor: Actor, at: datetime, kind: str, datas: Sequence[dict[str, Any]]
) -> None:
    """First link for freshly inserted petitions, three statements for any number of them."""
    events = [
        _values(p.pk, 1, GENESIS, kind=kind, actor=actor, at=at, data=data, text="")
        for p, data in zip(petitions, datas, strict=True)
    ]
    put(Event, events)
    put(EventHead, [{"petition_id": event["petition_id"], "seq": 1, "hash": event["hash"]} for event in events])


def record(
    petition_id: int, kind: str, *, actor: Actor, at: datetime, data: dict[str, Any] | None = None, text: str = ""
) -> Event:
    """Append one event. Must run inside the transaction of what it records; locks and advances the petition's head.

    Raises RuntimeError outside a transaction and EventHead.DoesNotExist for a petition without a chain.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is written in the transaction of what it records.")
    head = EventHead.objects.select_for_update().get(pk=petition_id)
    values = _values(
        petition_id, head.seq + 1, bytes(head.hash), kind=kind, actor=actor, at=at, data=data or {}, text=text
    )
    event = Event(**values)
    event.save(force_insert=True)
    if text:
        EventText.objects.create(event=event, text=text)
    EventHead.objects.filter(pk=petition_id).update(seq=event.seq, hash=event.hash)
    event_recorded.send(Event, event=event, actor=actor)
    return event


def record_many(entries: Sequence[tuple[int, dict[str, Any]]], *, kind: str, actor: Actor, at: datetime) -> None:
    """Append one event to each of many petitions (petition, data), set-based. Locks the heads in order of petition."""
    heads = {
        head.petition_id: head
        for head in EventHead.objects.select_for_update().filter(pk__in=[pk for pk, _data in entries]).order_by("pk")
    }
    built = [
        Event(**_values(pk, head.seq + 1, bytes(head.hash), kind=kind, actor=actor, at=at, data=data, text=""))
        for head, pk, data in ((heads[pk], pk, data) for pk, data in entries)
    ]
    Event.objects.bulk_create(built, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE petitions_eventhead h SET seq = v.seq, hash = v.hash
            FROM unnest(%s::bigint[], %s::int[], %s::bytea[]) AS v(id, seq, hash) WHERE h.petition_id = v.id
            """,
            [[e.petition_id for e in built], [e.seq for e in built], [e.hash for e in built]],
        )


@dataclass(frozen=True)
class Break:
    """The first place where a chain does not hold."""

    petition_id: int
    seq: int
    event_id: int | None
    reason: str


def verify(petition_id: int) -> Break | None:
    """Walk one chain; the first break, or None when every byte stands as written."""
    return next(iter(verify_many([petition_id])), None)


def verify_many(petition_ids: Sequence[int]) -> list[Break]:
    """The first break of each of these chains that has one; three statements for any number of them."""
    heads = EventHead.objects.in_bulk(petition_ids)
    rows = Event.objects.filter(petition_id__in=petition_ids).select_related("words").order_by("petition_id", "seq")
    chains: dict[int, list[Event]] = {pk: [] for pk in petition_ids}
    for event in rows:
        chains[event.petition_id].append(event)
    found = (_walk(pk, chains[pk], heads.get(pk)) for pk in petition_ids)
    return [broken for broken in found if broken is not None]


def _walk(petition_id: int, chained: Sequence[Event], head: EventHead | None) -> Break | None:
    previous = GENESIS
    erased_at = max((event.seq for event in chained if event.kind == ANONYMISE), default=0)
    for seq, event in enumerate(chained, start=1):
        reason = _fault(event, seq, previous, are_words_erased=event.seq < erased_at)
        if reason:
            return Break(petition_id, event.seq, event.pk, reason)
        previous = bytes(event.hash)
    if head is None or head.seq != len(chained) or bytes(head.hash) != previous:
        reason = "the head does not match the last event: events are missing or were added"
        return Break(petition_id, len(chained) + 1, None, reason)
    return None


def _fault(event: Event, seq: int, previous: bytes, *, are_words_erased: bool) -> str:
    body = bytes(event.body)
    if event.seq != seq:
        return f"event {seq} is missing"
    if chain(previous, body) != bytes(event.hash):
        return "the hash does not fit the stored bytes"
    stored = json.loads(body)
    shown = {
        "petition": event.petition_id,
        "seq": event.seq,
        "kind": event.kind,
        "actor": event.actor_id,
        "unit": event.unit_id,
        "data": event.data,
        "text": event.text_digest,
    }
    for name, value in shown.items():
        if stored[name] != value:
            return f"the column “{name}” differs from the bytes that were hashed"
    if datetime.fromisoformat(stored["at"]) != event.at:
        return "the column “at” differs from the bytes that were hashed"
    if stored["actor_label"][:60] != event.actor_label:
        return "the column “actor_label” differs from the bytes that were hashed"
    words = getattr(event, "words", None)
    if words is None and event.text_digest and are_words_erased:
        # Removed by law, and the chain itself says so further on; the digest still binds what stood here.
        return ""
    if digest(words.text if words else "") != event.text_digest:
        return "the words do not fit their digest"
    return ""


def removed_words(petition_id: int) -> int:
    """How many events of a chain have lost their words to the law."""
    rows = Event.objects.filter(petition=petition_id, words=None).exclude(text_digest="")
    return rows.count() if Event.objects.filter(petition=petition_id, kind=ANONYMISE).exists() else 0


VERIFY_BATCH = 500


def verify_all() -> Iterator[tuple[int, list[Break]]]:
    """Every chain, a batch at a time: how many were walked, and the breaks found among them."""
    ids = Petition.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)
    while batch := list(islice(ids, VERIFY_BATCH)):
        yield len(batch), verify_many(batch)
