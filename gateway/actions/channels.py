"""What becomes of a source's message: taken in, left to a person, or refused with a reason. Nothing is dropped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Scope
from dispatch.actions import reminders
from dispatch.models import WorkOrder
from dispatch.states import OPEN_ORDER_STATES
from gateway.channels import mapping, reading, wording
from gateway.intake import take_in
from gateway.models import ApiClient, ChannelMapping, InboundItem, LegacyLine
from gateway.problems import Problem, pointers
from gateway.serializers import PetitionInput
from gateway.strict import clean
from petitions import actions as petitions
from petitions.crypto import keyed_digest
from petitions.models import Event, Petition
from petitions.states import Refused, State

REF_LENGTH = 64


@dataclass(frozen=True)
class Received:
    """What became of a message: its item, and whether this very message is new to us."""

    item: InboundItem
    is_new: bool


def move(item: InboundItem, state: str, *, at: datetime, by: User | None = None, **changes: Any) -> InboundItem:
    """The one place where a message changes its state. Must run inside a transaction with the item locked."""
    item.state = state
    item.decided_at, item.decided_by = at, by
    for name, value in changes.items():
        setattr(item, name, value)
    item.save(update_fields=["state", "decided_at", "decided_by", *changes])
    return item


def lock(item_id: int) -> InboundItem:
    """The item, locked, which must still wait. Raises Refused when somebody was faster."""
    item = InboundItem.objects.select_for_update(of=("self",)).select_related("client__unit").get(pk=item_id)
    if item.state != InboundItem.State.WAITING:
        raise Refused(_("Somebody has placed this message already. Open the list again."), code="placed")
    return item


@transaction.atomic
def receive(client: ApiClient, message: Any, *, at: datetime, is_own_shape: bool = False) -> Received:
    """Take a message of a source in by its channel's mapping; what cannot be taken in waits for a person.

    With `is_own_shape` the message is a body of PetitionInput, in which something is missing. Nothing is refused:
    whatever the register answers, the message stands with the code of the reason beside it.
    """
    document = mapping.OWN_SHAPE if is_own_shape else reading.document_of(client.channel, client.pk)
    found = reading.read(document, message)
    item, is_new = _keep(client, message, found, InboundItem.Kind.PETITION, found.raw("source_ref"), at, is_own_shape)
    if item.state != InboundItem.State.WAITING:
        return Received(item, is_new=False)
    # A message sent again is read again: the mapping may know its words by now.
    values, problems = judge(found)
    if not problems:
        try:
            # A savepoint: what the register began goes, the message beside it stays.
            with transaction.atomic():
                return Received(_take(item, values, found.line, at=at), is_new)
        except (Problem, Refused) as refusal:
            problems = refusal_rows(refusal)
            if isinstance(refusal, OtherWords):
                item.petition, item.is_restricted = refusal.petition, refusal.petition.is_restricted
    item.problems = problems
    item.save(update_fields=["problems", "petition", "is_restricted"])
    return Received(item, is_new)


class OtherWords(Refused):
    """The number is a petition that takes no more words, and the message says something else than it does."""

    def __init__(self, petition: Petition, why: Refused) -> None:
        words = _("%(number)s has this number and other words, and cannot take more: %(why)s")
        super().__init__(words % {"number": petition, "why": why}, field="source_ref", code="other_words")
        self.petition = petition


def _name_of(pointer: str) -> str:
    return pointer.strip("/").replace("/", ".")


def refusal_rows(refusal: Problem | Refused) -> list[dict[str, str]]:
    """Why the register did not take a message, as an item keeps it: field and code, no sentence of the message."""
    if isinstance(refusal, Refused):
        return [{"field": refusal.field, "code": refusal.code}]
    named = [{"field": _name_of(row["pointer"]), "code": row["code"]} for row in refusal.errors]
    return named or [{"field": "source_ref" if refusal.code == "source_ref_taken" else "", "code": refusal.code}]


def _keep(
    client: ApiClient,
    message: Any,
    found: mapping.Reading,
    kind: str,
    ref: str,
    at: datetime,
    is_own_shape: bool = False,
) -> tuple[InboundItem, bool]:
    """The item of this message, locked; a message that came before under its number is the same item."""
    text = json.dumps(message, ensure_ascii=False, sort_keys=True)
    digest = digest_of(text)
    fresh = InboundItem(
        client=client,
        channel=client.channel,
        kind=kind,
        source_ref=ref if len(ref) <= REF_LENGTH else "",
        numbering=client.numbering,
        body=text,
        digest=digest,
        is_own_shape=is_own_shape,
        is_restricted=reading.is_accusing(found),
        received_at=at,
    )
    # Two senders of one message wait here for one another.
    made = InboundItem.objects.bulk_create([fresh], ignore_conflicts=bool(fresh.source_ref))[0]
    if not fresh.source_ref:
        return made, True
    rows = InboundItem.objects.select_for_update(of=("self",)).select_related("client__unit")
    known = {"channel": client.channel, "numbering": client.numbering, "kind": kind}
    item = rows.get(**known, source_ref=fresh.source_ref, digest=digest)
    return item, item.received_at == at


def digest_of(body: str) -> str:
    """What a message is known again by: it outlives the words, so it is keyed (`rotate_keys` computes it anew)."""
    return keyed_digest("inbound", body)


def judge(found: mapping.Reading) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The values to register with, or the problems a person must solve (field and code, no words of the message)."""
    problems = [{"field": row.to, "code": row.outcome} for row in found.unknown]
    try:
        values = clean(PetitionInput, found.values)
    except ValidationError as error:
        named = {row["field"] for row in problems}
        for row in pointers(error.detail):
            name = _name_of(row["pointer"])
            if name not in named:
                problems.append({"field": name, "code": row["code"]})
        return {}, problems
    return ({}, problems) if problems else (values, [])


def _take(item: InboundItem, values: dict[str, Any], line: str, *, at: datetime, by: User | None = None) -> InboundItem:
    taken = take_in(item.client, values, at=at)
    is_addition = not taken.is_new and _add_words(item.client, taken.petition, values["content"], at=at)
    return move(
        item,
        InboundItem.State.TAKEN,
        at=at,
        by=by,
        petition=taken.petition,
        is_addition=is_addition,
        line=LegacyLine.objects.filter(number=line).first() if line else None,
        problems=[],
        is_restricted=taken.petition.is_restricted,
    )


def _add_words(client: ApiClient, petition: Petition, content: str, *, at: datetime) -> bool:
    """Give a known petition what a further message of its number says; False when it has said so before.

    Raises OtherWords when the petition takes no more: then a person decides.
    """
    said = Event.objects.filter(petition=petition, kind="supplement").values_list("words__text", flat=True)
    if content.strip() in {petition.content.strip(), *(text.strip() for text in said if text)}:
        return False
    try:
        petitions.supplement(petition.pk, text=content, actor=client.actor, at=at)
    except Refused as refusal:
        raise OtherWords(petition, refusal) from refusal
    return True


# ---- what a person decides ----


@transaction.atomic
def place(item_id: int, chosen: Mapping[str, str], *, remember: bool, actor: User, at: datetime) -> InboundItem:
    """Register a waiting message with what the officer chose for each field in question.

    With `remember` each chosen code is kept for its word, so that the next message of that kind needs nobody. Raises
    Refused naming the field that is still wrong.
    """
    _require(actor)
    item = lock(item_id)
    if item.kind != InboundItem.Kind.PETITION:
        raise Refused(_("This message tells a status; choose what it means."), code="other_kind")
    document = reading.document_for(item)
    found = with_choices(reading.read(document, json.loads(item.body or "{}")), chosen)
    values, problems = judge(found)
    if problems:
        raise Refused(
            _("Still in question: %(field)s. Choose or correct it.") % {"field": problems[0]["field"]},
            field=problems[0]["field"],
            code=problems[0]["code"],
        )
    if remember and not item.is_own_shape:
        remember_words(item, document, found, chosen, actor=actor, at=at)
    try:
        return _take(item, values, found.line, at=at, by=actor)
    except Problem as problem:
        raise Refused(str(problem.detail), field=refusal_rows(problem)[0]["field"], code=problem.code) from None


def with_choices(found: mapping.Reading, chosen: Mapping[str, str]) -> mapping.Reading:
    """The reading with the officer's words in place of the source's; an empty choice leaves the field as it is."""
    values = {name: dict(value) if isinstance(value, dict) else value for name, value in found.values.items()}
    line = found.line
    given = {to: value for to, value in chosen.items() if value != ""}
    for to, value in given.items():
        if to == "line":
            line = value
        elif to.startswith("petitioner."):
            values.setdefault("petitioner", {})[to.removeprefix("petitioner.")] = value
        else:
            values[to] = value
    results = tuple(
        replace(row, outcome="chosen", value=given[row.to]) if row.to in given else row for row in found.results
    )
    return mapping.Reading(values, line, results)


def remember_words(
    item: InboundItem,
    document: dict[str, Any],
    found: mapping.Reading,
    chosen: Mapping[str, str],
    *,
    actor: User,
    at: datetime,
) -> None:
    """Keep each code for the word it was chosen for. A text of the message (a phone number) is never kept."""
    for to, code in chosen.items():
        word = found.raw(to)
        if to in mapping.VALUE_FIELDS and code and word and len(word) <= 60:
            document = mapping.remember(document, to, word, code)
    _remember(item, document, actor=actor, at=at)


def _remember(item: InboundItem, document: dict[str, Any], *, actor: User, at: datetime) -> None:
    """Save into the mapping the message was read with: the client's own, else the channel's."""
    read_with = reading.mapping_of(item.channel, item.client_id)
    own = read_with.client if read_with else None
    save_mapping(item.channel, document, client=own, actor=actor, at=at)


@transaction.atomic
def refuse(item_id: int, *, reason: str, actor: User, at: datetime) -> InboundItem:
    """A message that is no petition (a test, an advertisement). It stays readable with the reason. Raises Refused."""
    _require(actor)
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why the message is not taken in; the source is told so."), field="reason")
    return move(lock(item_id), InboundItem.State.REFUSED, at=at, by=actor, reason=reason.strip()[:500])


def _require(actor: User) -> None:
    if not actor.may("gateway.triage"):
        raise Refused(_("You may not place messages of other systems."), code="forbidden")


@transaction.atomic
def save_mapping(
    channel: str,
    document: dict[str, Any],
    *,
    actor: User,
    at: datetime,
    sample: Any = None,
    client: ApiClient | None = None,
) -> ChannelMapping:
    """Save a channel's mapping, or one client's own, as a new version. Raises Refused naming the first fault."""
    wrong = mapping.faults(document, reading.known_words(), State.values)
    if wrong:
        raise Refused(wording.sentence(wrong[0]), field=wrong[0].place, code=wrong[0].code)
    row = ChannelMapping.objects.select_for_update(of=("self",)).filter(channel=channel, client=client).first()
    row = row or ChannelMapping(channel=channel, client=client)
    row.document, row.changed_at = document, at
    if sample is not None:
        row.sample = sample
    row._history_user, row._history_date = actor, at  # type: ignore[attr-defined]
    row.save()
    return row


@transaction.atomic
def drop_mapping(channel: str, client: ApiClient, *, actor: User, at: datetime) -> None:
    """Take a client's own mapping away: the channel's holds for it again. Its versions are kept."""
    row = ChannelMapping.objects.select_for_update(of=("self",)).filter(channel=channel, client=client).first()
    if row is not None:
        row._history_user, row._history_date = actor, at  # type: ignore[attr-defined]
        row.delete()


# ---- a source tells the status of a matter it sent ----


@transaction.atomic
def receive_status(client: ApiClient, petition: Petition, word: str, reason: str, *, at: datetime) -> Received:
    """What a source says of its own petition, by the channel's map; an unknown word waits for a person.

    The petition must be the client's own (its channel, its units); the caller has looked.
    """
    message = {"source_ref": petition.source_ref, "status": word, "reason": reason, "at": at.isoformat()}
    item, _new = _keep(client, message, mapping.Reading(), InboundItem.Kind.STATUS, petition.source_ref, at)
    item.petition, item.is_restricted = petition, petition.is_restricted
    item.save(update_fields=["petition", "is_restricted"])
    meaning = mapping.status_move(reading.document_of(client.channel, client.pk), word)
    problem = "unknown" if not meaning else _carry_out(meaning, item, reason or word, client.actor, at)
    if problem:
        item.problems = [{"field": "status", "code": problem}]
        item.save(update_fields=["problems"])
        return Received(item, is_new=True)
    return Received(move(item, InboundItem.State.TAKEN, at=at, problems=[]), is_new=True)


def _carry_out(meaning: str, item: InboundItem, text: str, actor: Actor, at: datetime) -> str:
    """Do what the status means; the code of the refusal when it is not possible now, else ""."""
    try:
        with transaction.atomic():
            _step(meaning, item, text, actor, at)
    except Refused as refusal:
        return refusal.code
    return ""


def _step(meaning: str, item: InboundItem, text: str, actor: Actor, at: datetime) -> None:
    assert item.petition_id is not None
    if meaning == "withdraw":
        petitions.withdraw(item.petition_id, reason=text, actor=actor, at=at)
    elif meaning == "remind":
        order = WorkOrder.objects.filter(petition=item.petition_id, is_lead=True, state__in=OPEN_ORDER_STATES).first()
        if order is None:
            raise Refused(_("No unit handles this matter now."), code="no_order")
        # A key reminds nobody by itself; here the petitioner urges by way of the source that took the matter.
        urging = replace(actor, grants={**actor.grants, "dispatch.remind": Scope.CITY, "dispatch.view": Scope.CITY})
        reminders.remind(order.pk, text=text, actor=urging, at=at)


@transaction.atomic
def place_status(item_id: int, meaning: str, *, remember: bool, actor: User, at: datetime) -> InboundItem:
    """Say what a source's status means: a step, or nothing to do. Raises Refused when the step is not possible."""
    _require(actor)
    item = lock(item_id)
    if item.kind != InboundItem.Kind.STATUS or meaning not in mapping.MOVES:
        raise Refused(_("Choose what this status means."), field="meaning")
    said = json.loads(item.body)
    _step(meaning, item, said["reason"] or said["status"], item.client.actor, at)
    if remember:
        document = reading.document_of(item.channel, item.client_id)
        _remember(item, mapping.remember(document, "status_in", said["status"], meaning), actor=actor, at=at)
    return move(item, InboundItem.State.TAKEN, at=at, by=actor, problems=[])


# ---- what never became a petition ----


def clear_items(*, at: datetime, keep: timedelta) -> int:
    """Empty messages nobody placed, or that never became a petition, and came longer ago than `keep`; returns how many.

    Their rows stay with number, problems and reason: the source still reads what became of them. What nobody placed in
    all that time is refused with that reason. Messages that became petitions follow their petition (`gateway.copies`).
    """
    unplaced = Q(petition=None) | Q(state=InboundItem.State.WAITING)
    old = InboundItem.objects.filter(unplaced, received_at__lt=at - keep).exclude(body="")
    total = 0
    for pk in old.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            item = InboundItem.objects.select_for_update(of=("self",)).get(pk=pk)
            if item.petition_id is not None and item.state != InboundItem.State.WAITING:
                continue
            if item.state == InboundItem.State.WAITING:
                move(item, InboundItem.State.REFUSED, at=at, reason=_("Nobody placed this message in time."))
            item.body = ""
            item.save(update_fields=["body"])
            total += 1
    return total
