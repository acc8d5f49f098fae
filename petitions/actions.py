"""The only code that writes petitions. Each action is one transaction with its event; `at` is always a parameter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from petitions import events
from petitions.crypto import blind_index, mask_name, mask_number
from petitions.inserts import insert
from petitions.models import (
    ContentClass,
    Event,
    Involvement,
    Petition,
    Petitioner,
    Purpose,
    Rating,
    Sensitivity,
    Urgency,
)
from petitions.signals import petition_moved, petition_registered
from petitions.states import MOVES, OPEN_STATES, Refused, State, check_move

CITY_TIME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Person:
    """A petitioner as taken down; every field may be empty for an anonymous matter."""

    name: str = ""
    party_type: str = Petitioner.PartyType.PERSON
    id_type: str = ""
    id_no: str = ""
    phone: str = ""
    address: str = ""
    sex: str = ""
    contact_preference: str = ""


@dataclass(frozen=True)
class Registration:
    """All a clerk, importer or external system says about a new matter (domain-facts §7.1). Already validated."""

    channel: str
    summary: str
    content: str
    content_class: ContentClass
    area: Area
    petition_date: date
    register_unit: Unit
    person: Person = field(default_factory=Person)
    source_ref: str = ""
    purpose: str = Purpose.SETTLE
    urgency: str = Urgency.NORMAL
    sensitivity: str = Sensitivity.NORMAL
    address: str = ""
    demand: str = ""
    occurred_on: date | None = None
    headcount: int = 1
    affected_count: int = 1
    is_anonymous: bool = False
    is_open_to_public: bool = False
    respondent_unit: Unit | None = None
    respondent: str = ""
    repeat_of: Petition | None = None


def next_serials(year: int, count: int) -> list[int]:
    """`count` fresh serial numbers of a year. Never reused; a rolled-back registration leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT petition_serials(%s, %s)", [year, count])
        return [row[0] for row in cursor.fetchall()]


def register(registration: Registration, *, actor: User | Actor, at: datetime) -> Petition:
    """Register one matter. Raises Refused when the actor may not, IntegrityError when (channel, source_ref) exists."""
    return register_many([registration], actor=actor, at=at)[0]


@transaction.atomic
def register_many(
    registrations: Sequence[Registration], *, actor: User | Actor, at: datetime, serials: Sequence[int] | None = None
) -> list[Petition]:
    """Register many matters with a fixed number of statements; all or none. Clerk, API and importer share it.

    `serials` are numbers of that year drawn beforehand with `next_serials`, one for each; None draws fresh ones.
    """
    actor = Actor.of(actor)
    if not actor.may("petitions.register"):
        raise Refused(_("Your role may not register petitions."), code="forbidden")
    year = at.astimezone(CITY_TIME).year
    serials = serials or next_serials(year, len(registrations))
    rows = [_petition(r, year, serial, actor, at) for r, serial in zip(registrations, serials, strict=True)]
    for row in rows:
        _foresee(row, at)
    petitions = insert(rows)
    insert([_petitioner(p, r.person) for p, r in zip(petitions, registrations, strict=True) if _is_known(r)])
    datas = [{"number": p.number, "channel": p.channel, "state": p.state} for p in petitions]
    events.open_chains(petitions, actor=actor, at=at, kind="register", datas=datas)
    _open_accusations(petitions, at)
    petition_registered.send(Petition, petitions=petitions, actor=actor, at=at)
    return petitions


# The room that keeps the clocks tells the first deadline of a petition about to be inserted (due, started, rule): a row
# that is right from the beginning need not be written twice.
FIRST_DEADLINES: list[Callable[[Petition, datetime], tuple[datetime, datetime, str] | None]] = []


def _foresee(petition: Petition, at: datetime) -> None:
    for tell in FIRST_DEADLINES:
        found = tell(petition, at)
        if found is not None:
            petition.next_due_at, petition.next_due_from, petition.next_due_key = found


def _open_accusations(petitions: Sequence[Petition], at: datetime) -> None:
    """Class A matters are born visible to the persons named in advance, and to nobody else."""
    restricted = [p for p in petitions if p.is_restricted]
    if not restricted:
        return
    named = list(User.objects.filter(handles_accusations=True, is_active=True))
    Involvement.objects.bulk_create(
        [Involvement(petition=p, user=u, since=at, reason="class A") for p in restricted for u in named],
        ignore_conflicts=True,
    )


def _is_known(registration: Registration) -> bool:
    person = registration.person
    return bool(person.name or person.phone or person.id_no)


def _petition(r: Registration, year: int, serial: int, actor: Actor, at: datetime) -> Petition:
    return Petition(
        year=year,
        serial=serial,
        channel=r.channel,
        source_ref=r.source_ref,
        petition_date=r.petition_date,
        registered_at=at,
        registrar=actor.user,
        register_unit=r.register_unit,
        purpose=r.purpose,
        content_class=r.content_class,
        urgency=r.urgency,
        sensitivity=Sensitivity.ACCUSATION if r.purpose == Purpose.ACCUSE else r.sensitivity,
        # Accusations open to named persons only: R22 art. 30, domain-facts §1.17.
        is_restricted=Sensitivity.ACCUSATION in {r.sensitivity} or r.purpose == Purpose.ACCUSE,
        area=r.area,
        district_id=r.area.district_id or r.area.pk,
        address=r.address,
        summary=r.summary,
        content=r.content,
        demand=r.demand,
        occurred_on=r.occurred_on,
        headcount=r.headcount,
        affected_count=max(r.affected_count, r.headcount),
        is_anonymous=r.is_anonymous,
        is_open_to_public=r.is_open_to_public,
        respondent_unit=r.respondent_unit,
        respondent=r.respondent,
        repeat_of=r.repeat_of,
        petitioner_label=_label(r),
        updated_at=at,
    )


def _label(r: Registration) -> str:
    """The masked name for lists; the list adds the head-count, so nothing here needs translating."""
    return "" if r.is_anonymous else mask_name(r.person.name)


def _petitioner(petition: Petition, person: Person) -> Petitioner:
    return Petitioner(
        petition=petition,
        party_type=person.party_type,
        name=person.name,
        name_index=blind_index("name", person.name),
        name_masked=mask_name(person.name),
        id_type=person.id_type,
        id_no=person.id_no,
        id_index=blind_index("id", person.id_no),
        id_masked=mask_number(person.id_no),
        phone=person.phone,
        phone_index=blind_index("phone", person.phone),
        phone_masked=mask_number(person.phone),
        address=person.address,
        sex=person.sex,
        contact_preference=person.contact_preference,
    )


def lock(petition_id: int) -> Petition:
    """The petition, its row locked until the transaction ends. Every writer of a case takes this lock first."""
    return Petition.objects.select_for_update(of=("self",)).get(pk=petition_id)


def require(petition: Petition, permission: str, actor: Actor) -> None:
    """Refuse when the permission does not reach this petition for this actor."""
    if not Petition.objects.within(actor, permission).filter(pk=petition.pk).exists():
        raise Refused(_("Your role may not do this for this petition."), code="forbidden")


@transaction.atomic
def move(
    petition_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
) -> Petition:
    """Take one step of the move table: the only place that assigns `Petition.state`.

    Locks the row, checks version, table and permission, writes state, `changes` and event, and sends `petition_moved`.
    Raises Refused with a sentence for the officer. `version` is what the person saw; None skips that check.
    """
    actor = Actor.of(actor)
    petition = lock(petition_id)
    if version is not None and version != petition.version:
        raise Refused(
            _("Somebody else has changed this petition meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    step = check_move(MOVES, name, petition.state, petition.get_state_display())
    require(petition, step.permission, actor)
    before = petition.state
    petition.state = step.target or before
    petition.is_open = petition.state in OPEN_STATES
    if petition.state == State.CLOSED and before != State.CLOSED:
        petition.closed_at = at
    for attribute, value in (changes or {}).items():
        setattr(petition, attribute, value)
    petition.version += 1
    petition.updated_at = at
    petition.save()
    facts = {"before": before, "after": petition.state, **(data or {})}
    events.record(petition.pk, name, actor=actor, at=at, data=facts, text=text)
    petition_moved.send(Petition, petition=petition, move=name, before=before, actor=actor, at=at)
    return petition


def answer_at_once(
    petition_id: int, *, answer: str, agreed: bool, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Close an enquiry on the spot (直接答复). Raises Refused without an answer or without the person's agreement."""
    if not answer.strip():
        raise Refused(_("Please write the answer that was given."), field="answer")
    if not agreed:
        raise Refused(_("Without the person's agreement the matter is dispatched, not closed."), field="agreed")
    changes = {"reply_text": answer, "replied_at": at, "close_type": "answered"}
    return move(petition_id, "answer_at_once", actor=actor, at=at, text=answer, changes=changes, version=version)


def lead_out(
    petition_id: int, *, route: str, explanation: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Lead a matter to court, arbitration, reconsideration … (R22 art. 31). Raises Refused without an explanation."""
    if not explanation.strip():
        raise Refused(_("Please say what the petitioner was told about the other route."), field="explanation")
    changes = {"close_type": "led_out", "closed_at": at}
    return move(
        petition_id,
        "lead_out",
        actor=actor,
        at=at,
        data={"route": route},
        text=explanation,
        changes=changes,
        version=version,
    )


def reply(petition_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Give the petitioner the office's reply. Whether all work is checked is asked by the room that knows the work."""
    if len(text.strip()) < 10:
        raise Refused(
            _("A reply names facts, outcome and reasons; please write at least ten characters."), field="text"
        )
    changes = {"reply_text": text, "replied_at": at}
    return move(petition_id, "reply", actor=actor, at=at, text=text, changes=changes, version=version)


@transaction.atomic
def rate(
    petition_id: int,
    *,
    office: int,
    unit: int,
    comment: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Record what the petitioner thinks of the petition office and of the unit, once per round (domain-facts §2.7)."""
    petition = lock(petition_id)
    who = Actor.of(actor)
    if petition.ratings.filter(round=petition.rework_count).exists():
        raise Refused(_("This petition has been rated already."), code="rated")
    data = {"office": int(office), "unit": int(unit), "round": petition.rework_count}
    moved = move(petition_id, "rate", actor=who, at=at, data=data, text=comment, version=version)
    Rating.objects.bulk_create(
        [
            Rating(petition=moved, subject=subject, score=score, round=moved.rework_count, at=at, by=who.user)
            for subject, score in ((Rating.Subject.OFFICE, office), (Rating.Subject.UNIT, unit))
        ]
    )
    return moved


def close(petition_id: int, *, remark: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Close a replied petition; raises Refused naming what the closing checklist still lacks."""
    with transaction.atomic():
        petition = lock(petition_id)
        missing = [item.label for item in closing_checklist(petition) if not item.is_done]
        if missing and petition.state == State.REPLIED:
            raise Refused(
                _("Not yet complete: %(items)s.") % {"items": _(", ").join(str(m) for m in missing)}, code="incomplete"
            )
        changes = {"close_type": "settled"}
        return move(petition_id, "close", actor=actor, at=at, text=remark, changes=changes, version=version)


@dataclass(frozen=True)
class ChecklistItem:
    key: str
    label: str | Promise
    is_done: bool


# Later rooms add what they know (work checked, callback made); each takes a petition and returns items.
CLOSING_CHECKS: list[Any] = []


def closing_checklist(petition: Petition) -> list[ChecklistItem]:
    """What must be true before a petition may be closed, in the order it happens."""
    items = [item for check in CLOSING_CHECKS for item in check(petition)]
    rated = petition.is_anonymous or petition.ratings.filter(round=petition.rework_count).exists()
    return [
        *items,
        ChecklistItem("replied", _("Reply given to the petitioner"), petition.replied_at is not None),
        ChecklistItem("rated", _("Rating recorded for office and unit"), rated),
    ]


def rework(petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Send a replied matter back to the unit. At most once; a second time is supervision's (domain-facts §2.3)."""
    if not reason.strip():
        raise Refused(_("Please say what was not done or why the petitioner is dissatisfied."), field="reason")
    with transaction.atomic():
        petition = lock(petition_id)
        if petition.rework_count >= 1 and petition.state == State.REPLIED:
            raise Refused(
                _("No matter more than twice: this one has been reworked already and goes to supervision."),
                code="twice",
            )
        changes = {"rework_count": petition.rework_count + 1, "replied_at": None}
        return move(petition_id, "rework", actor=actor, at=at, text=reason, changes=changes, version=version)


def withdraw(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """The petitioner takes the matter back. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Please note why and how the petitioner withdrew."), field="reason")
    changes = {"close_type": "withdrawn", "closed_at": at}
    return move(petition_id, "withdraw", actor=actor, at=at, text=reason, changes=changes, version=version)


def reopen(petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Take a closed matter up again because of new facts. Raises Refused without them."""
    if not reason.strip():
        raise Refused(_("Please name the new facts."), field="reason")
    changes = {"closed_at": None, "close_type": "", "replied_at": None}
    return move(petition_id, "reopen", actor=actor, at=at, text=reason, changes=changes, version=version)


def merge(
    petition_id: int, *, into: Petition, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Handle a duplicate together with an earlier petition. Raises Refused for itself or a closed parent."""
    if into.pk == petition_id or not into.is_open:
        raise Refused(_("Choose another open petition to merge into."), field="into")
    changes = {"merged_into": into, "close_type": "merged", "closed_at": at}
    return move(
        petition_id,
        "merge",
        actor=actor,
        at=at,
        data={"into": into.pk, "number": into.number},
        text=reason,
        changes=changes,
        version=version,
    )


@transaction.atomic
def add_note(petition_id: int, *, kind: str, text: str, actor: User | Actor, at: datetime) -> Event:
    """Add an internal note, phone or talk record to the timeline. `kind` is one of NOTE_KINDS."""
    if kind not in NOTE_KINDS:
        raise ValueError(f"unknown kind of note: {kind}")
    if not text.strip():
        raise Refused(_("Please write something first."), field="text")
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.note", who)
    touch(petition, at)
    return events.record(petition_id, kind, actor=who, at=at, text=text.strip())


NOTE_KINDS = ("note", "phone_note", "talk_note")


def touch(petition: Petition, at: datetime) -> None:
    """Mark a locked petition as changed without a move."""
    Petition.objects.filter(pk=petition.pk).update(updated_at=at)


def involve(
    petition_id: int, *, unit: Unit | None = None, user: User | None = None, at: datetime, reason: str = ""
) -> None:
    """Let a unit, a handler in it, or (unit None) a named person see the petition. Saying it twice changes nothing."""
    Involvement.objects.bulk_create(
        [Involvement(petition_id=petition_id, unit=unit, user=user, since=at, reason=reason)], ignore_conflicts=True
    )


def release(petition_id: int, *, unit: Unit, at: datetime, handlers_only: bool = False) -> None:
    """Take a unit's access back (re-dispatch), or only its handlers' (hand-over)."""
    rows = Involvement.objects.filter(petition_id=petition_id, unit=unit)
    (rows.filter(user__isnull=False) if handlers_only else rows).delete()


@transaction.atomic
def name_person(petition_id: int, *, user: User, reason: str, actor: User | Actor, at: datetime) -> None:
    """Open a restricted petition to one more person, on the record (domain-facts §1.17)."""
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.name_persons", who)
    involve(petition_id, user=user, at=at, reason=reason)
    events.record(
        petition_id, "name_person", actor=who, at=at, data={"person": user.pk, "name": user.name}, text=reason
    )


@transaction.atomic
def reveal(petition_id: int, *, reason: str, actor: User, at: datetime, ip: str | None = None) -> Petitioner | None:
    """Unmask the main petitioner for one person, with a reason, logged (PIPL 51; domain-facts §1.17).

    Raises Refused without a reason of at least four characters or when the role may not.
    """
    from accounts.actions import log_access
    from accounts.models import AccessLog

    if len(reason.strip()) < 4:
        raise Refused(_("Please say why you need to see it; the reason is logged."), field="reason")
    petition = Petition.objects.get(pk=petition_id)
    require(petition, "petitions.reveal", Actor.of(actor))
    log_access(
        user=actor,
        action=AccessLog.Action.REVEAL,
        target=f"petition:{petition_id}",
        reason=reason.strip(),
        ip=ip,
        at=at,
    )
    return petition.petitioners.filter(is_main=True).first()


def set_deadlines(rows: Sequence[tuple[int, datetime, datetime | None, str]]) -> None:
    """Copy nearest deadlines onto petitions: (petition, due, started, rule). The clocks own the truth."""
    if not rows:
        return
    ids, dues, starts, keys = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE petitions_petition p SET next_due_at = v.due, next_due_from = v.start, next_due_key = v.key
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[]) AS v(id, due, start, key)
            WHERE p.id = v.id
            """,
            [list(ids), list(dues), list(starts), list(keys)],
        )
