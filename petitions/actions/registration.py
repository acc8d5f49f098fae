"""How a matter comes in: one, or many with a fixed number of statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from petitions import events
from petitions.actions.repeats import numbers_for
from petitions.actions.representatives import check_representatives
from petitions.crypto import blind_index, home_index, mask_name, mask_number
from petitions.inserts import build, insert
from petitions.models import (
    ContentClass,
    Involvement,
    Petition,
    Petitioner,
    Purpose,
    Sensitivity,
    Urgency,
)
from petitions.routes import routes_for
from petitions.signals import petition_recurred, petition_registered
from petitions.states import Refused

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
class Signer:
    """One more person of a joint petition, and the part they take."""

    person: Person
    role: str = Petitioner.Role.SIGNER


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
    # Of a system that counts for itself; "" for the channel's own count.
    numbering: str = ""
    purpose: str = Purpose.SETTLE
    # The legal route; empty while nobody has said.
    route: str = ""
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
    # Representatives and joint signers beside the main petitioner (domain-facts §1.4).
    signers: Sequence[Signer] = ()
    repeat_of: Petition | None = None
    # The submission it was split off from, and when that reached the office: the periods run from there.
    parent: Petition | None = None
    received_at: datetime | None = None
    # Its key, where it was drawn beforehand with `next_keys` because files already lie under it.
    key: int | None = None
    # Why the clerk who saw earlier petitions of the person calls this a new matter; nobody is asked again then.
    new_matter: str = ""


def next_serials(year: int, count: int) -> list[int]:
    """`count` fresh serial numbers of a year. Never reused; a rolled-back registration leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT petition_serials(%s, %s)", [year, count])
        return [row[0] for row in cursor.fetchall()]


def next_keys(count: int) -> list[int]:
    """`count` fresh keys of petitions, for what must know them before the rows are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('petitions_petition', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def register(registration: Registration, *, actor: User | Actor, at: datetime) -> Petition:
    """Register one matter. Raises Refused when the actor may not, IntegrityError when its source's number exists."""
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
    for registration in registrations:
        delegates = sum(signer.role == Petitioner.Role.REPRESENTATIVE for signer in registration.signers)
        check_representatives(max(registration.headcount, len(registration.signers) + 1), delegates)
    rows = [_petition(r, year, serial, actor, at) for r, serial in zip(registrations, serials, strict=True)]
    _number_repeats(rows)
    # Split-off matters share the beginning of their submission's periods.
    since = min((r.received_at for r in registrations if r.received_at), default=at)
    for row in rows:
        _foresee(row, since)
    petitions = insert(rows)
    people = insert([row for p, r in zip(petitions, registrations, strict=True) for row in _people(p, r)])
    datas = [{"number": p.number, "channel": p.channel, "state": p.state} for p in petitions]
    events.open_chains(petitions, actor=actor, at=at, kind="register", datas=datas)
    open_accusations([p for p in petitions if p.is_restricted], at)
    _judge_repeats(petitions, people, registrations, actor, at)
    petition_registered.send(Petition, petitions=petitions, actor=actor, at=at, since=since)
    return petitions


def _number_repeats(rows: Sequence[Petition]) -> None:
    repeats = {position: row.repeat_of_id for position, row in enumerate(rows) if row.repeat_of_id}
    if repeats:
        for position, number in zip(repeats, numbers_for(list(repeats.values())), strict=True):
            rows[position].recurrence = number


def _judge_repeats(
    petitions: Sequence[Petition],
    people: Sequence[Petitioner],
    registrations: Sequence[Registration],
    actor: Actor,
    at: datetime,
) -> None:
    """Marks are told to later rooms, what a clerk called new is noted, at the rest the machine looks."""
    unjudged = []
    for petition, given in zip(petitions, registrations, strict=True):
        if petition.repeat_of_id:
            petition_recurred.send(Petition, petition=petition, actor=actor, at=at)
        elif given.new_matter.strip():
            events.record(petition.pk, "not_repeat", actor=actor, at=at, text=given.new_matter.strip())
        else:
            unjudged.append(petition)
    for look in SUSPICIONS:
        look(unjudged, people, at)


# Looks for earlier petitions of the same people (petitions.suspicions); a hook, as that module reads through this one.
SUSPICIONS: list[Callable[[Sequence[Petition], Sequence[Petitioner], datetime], None]] = []


# The room that keeps the clocks tells the first deadline of a petition about to be inserted (due, started, rule): a row
# that is right from the beginning need not be written twice.
FIRST_DEADLINES: list[Callable[[Petition, datetime], tuple[datetime, datetime, str] | None]] = []


def _foresee(petition: Petition, at: datetime) -> None:
    for tell in FIRST_DEADLINES:
        found = tell(petition, at)
        if found is not None:
            petition.next_due_at, petition.next_due_from, petition.next_due_key = found


def open_accusations(restricted: Sequence[Petition], at: datetime) -> None:
    """Class A matters are born visible to the persons named in advance, and to nobody else."""
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
    return build(
        Petition,
        id=r.key,
        year=year,
        serial=serial,
        channel=r.channel,
        source_ref=r.source_ref,
        numbering=r.numbering,
        petition_date=r.petition_date,
        registered_at=at,
        registrar=actor.user,
        register_unit=r.register_unit,
        purpose=r.purpose,
        route=r.route if r.route in routes_for(r.purpose) else "",
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
        headcount=max(r.headcount, len(r.signers) + 1),
        affected_count=max(r.affected_count, r.headcount, len(r.signers) + 1),
        is_anonymous=r.is_anonymous,
        is_open_to_public=r.is_open_to_public,
        respondent_unit=r.respondent_unit,
        respondent=r.respondent,
        repeat_of=r.repeat_of,
        parent=r.parent,
        petitioner_label=_label(r),
        updated_at=at,
    )


def _label(r: Registration) -> str:
    """The masked name for lists; the list adds the head-count, so nothing here needs translating."""
    return "" if r.is_anonymous else mask_name(r.person.name)


def _people(petition: Petition, r: Registration) -> list[Petitioner]:
    main = [build_petitioner(petition, r.person)] if _is_known(r) else []
    return [*main, *(build_petitioner(petition, signer.person, signer.role) for signer in r.signers)]


def build_petitioner(petition: Petition, person: Person, role: str = Petitioner.Role.MAIN) -> Petitioner:
    """A person as a row, encrypted, masked and blind-indexed; not saved."""
    return build(
        Petitioner,
        petition=petition,
        role=role,
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
        home_index=home_index(person.name, person.address),
        sex=person.sex,
        contact_preference=person.contact_preference,
    )
