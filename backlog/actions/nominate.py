"""How a matter comes onto the list: nominated by hand or by a rule, taken up or not (domain-facts §3.1)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from accounts.roles import Role, Scope
from backlog import entry
from backlog.actions import matter, moves
from backlog.models import BacklogCase, CaseLink, TaskForce
from backlog.signals import case_moved
from backlog.states import CaseState, Source
from dispatch.actions.notices import notify
from dispatch.actions.opening import staff
from dispatch.actions.supervision import next_serial
from dispatch.clocks import city_day
from petitions.actions.repeats import chain_of
from petitions.models import Petition
from petitions.states import Refused

LEAST_REASON = 10
# A file is to be settled within so many days at most.
LONGEST = 5 * 366


@transaction.atomic
def nominate(
    petition_id: int,
    *,
    title: str,
    reason: str,
    actor: User | Actor,
    at: datetime,
    source: Source = Source.HAND,
    force: TaskForce | None = None,
    hits: Sequence[dict[str, Any]] = (),
    tells: bool = True,
) -> BacklogCase:
    """Propose a petition's matter for the backlog; every earlier and later telling of it goes onto the same file.

    All tellings are locked first, so that two of them proposed at once become one file. `hits` explain a nomination
    by rule. Raises Refused for an accusation, for what is on a file already, for a title with a petitioner's name, and
    by hand without reasons.
    """
    who = Actor.of(actor)
    tellings = _lock_tellings(petition_id)
    petition = Petition.objects.get(pk=petition_id)
    if not Petition.objects.within(who, "backlog.nominate").filter(pk=petition_id).exists():
        raise Refused(_("Your role may not nominate this petition."), code="forbidden")
    matter.refuse_unfit(petition)
    _refuse_known(tellings, petition)
    if source != Source.RULE and len(reason.strip()) < LEAST_REASON:
        raise Refused(_("Say in a sentence why this has become a long-standing case."), field="reason")
    # Said of every nomination: after a refusal only a reason that is not known yet brings the matter back.
    hits = hits or entry.hits_among(Petition.objects.filter(pk=petition_id), at).get(petition_id, [])
    year = city_day(at).year
    case = BacklogCase.objects.create(
        year=year,
        serial=next_serial(BacklogCase, year),
        title=matter.check_title(title, tellings),
        petition=petition,
        district_id=petition.district_id,
        force=force,
        lead_unit_id=petition.lead_unit_id,
        source=source,
        hits=list(hits),
        reason=reason.strip(),
        nominated_at=at,
        nominated_by=who.user,
        **matter.figures_of(tellings).changes(),
    )
    CaseLink.objects.bulk_create(
        [CaseLink(case=case, petition_id=pk, added_at=at, added_by=who.user) for pk in tellings]
    )
    moves.record(case, "nominate", actor=who, at=at, text=reason.strip(), data={"hits": list(hits)})
    case_moved.send(BacklogCase, case=case, move="nominate", before="", actor=who, at=at)
    if tells:
        _tell(deciders(case.district_id), "backlog_nominated", case, at)
    return case


def _lock_tellings(petition_id: int) -> list[int]:
    """The petition and the other tellings of its matter, those merged into others left out. Accusations never.

    Locked in the order of their keys, as every writer of more than one petition does.
    """
    rows = Petition.objects.select_for_update(of=("self",)).filter(pk__in={petition_id, *chain_of(petition_id)})
    found = list(rows.order_by("pk").only("pk", "is_restricted", "merged_into"))
    kept = {row.pk for row in found if not row.is_restricted and row.merged_into_id is None}
    return sorted({petition_id, *kept})


def _refuse_known(tellings: Sequence[int], petition: Petition) -> None:
    known = matter.living_links(tellings)
    if not known:
        return
    case = known[0].case
    if case.state in {CaseState.CERTIFIED, CaseState.STRUCK_OFF}:
        words = _("This matter was settled as %(number)s and is still observed. Record the rebound there.")
    elif known[0].petition_id == petition.pk:
        words = _("This petition is on the backlog file %(number)s already.")
    else:
        words = _("Another telling of this matter is on the backlog file %(number)s. Link the petition there.")
    raise Refused(words % {"number": case.number}, code="known")


def deciders(district_id: int) -> list[User]:
    """Who takes a nomination up or not: the district's petition officers, else those of the joint conference."""
    officers = User.objects.filter(is_active=True, role=Role.DISTRICT_OFFICER)
    found = list(officers.filter(unit__area_id=district_id) | officers.filter(unit__area__district_id=district_id))
    return found or list(User.objects.filter(is_active=True, role=Role.CONFERENCE_OFFICER))


@transaction.atomic
def accept(
    case_id: int,
    *,
    title: str,
    district: Area,
    lead_unit: Unit,
    target_on: date,
    actor: User | Actor,
    at: datetime,
    force: TaskForce | None = None,
    assisting: Sequence[Unit] = (),
    text: str = "",
    version: int | None = None,
) -> BacklogCase:
    """Take a nominated matter up: whose it is, who works on it, until when. From now on it counts as stock.

    The responsible unit and whoever nominated it are told. Raises Refused naming the field at fault.
    """
    who = Actor.of(actor)
    case = moves.lock(case_id)
    check_place(case, district, lead_unit, who)
    if not 0 < (target_on - city_day(at)).days <= LONGEST:
        raise Refused(_("Choose a day after today, within five years."), field="target_on")
    changes = {
        "title": matter.check_title(title, matter.petitions_of(case)),
        "district": district,
        "force": force,
        "lead_unit": lead_unit,
        "target_on": target_on,
        "listed_at": at,
        "progressed_at": None,
    }
    data = {"unit": lead_unit.pk, "district": district.pk, "target_on": target_on.isoformat()}
    case = moves.move(
        case_id, "accept", actor=who, at=at, changes=changes, data=data, text=text.strip(), version=version
    )
    case.assisting.set([unit for unit in assisting if unit != lead_unit])
    people = {person.pk: person for person in staff(lead_unit)}
    if case.nominated_by is not None and case.nominated_by.pk != (who.user and who.user.pk):
        people[case.nominated_by.pk] = case.nominated_by
    _tell(list(people.values()), "backlog_taken_up", case, at)
    return case


def check_place(case: BacklogCase, district: Area, lead_unit: Unit, who: Actor) -> None:
    if district.kind != Area.Kind.DISTRICT:
        raise Refused(_("Choose one of the districts."), field="district")
    if district.pk != case.district_id and who.scope_for("backlog.accept") not in {Scope.CITY, None}:
        raise Refused(_("Only the city gives a case to another district."), field="district")
    if not lead_unit.is_active:
        raise Refused(_("%(unit)s is no longer active. Choose another unit.") % {"unit": lead_unit}, field="lead_unit")


def decline(case_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> BacklogCase:
    """Do not take it up. Rules leave the petition alone for a year unless a new one hits; a person may try again."""
    if len(reason.strip()) < LEAST_REASON:
        raise Refused(_("Say in a sentence why it is not taken up; whoever nominated it reads it."), field="reason")
    with transaction.atomic():
        case = moves.move(case_id, "decline", actor=actor, at=at, text=reason.strip(), version=version)
        if case.nominated_by is not None:
            _tell([case.nominated_by], "backlog_declined", case, at)
    return case


def _tell(people: Sequence[User], kind: str, case: BacklogCase, at: datetime) -> None:
    key = f"backlog:{case.pk}:{kind}:{case.version}"
    notify(people, kind=kind, key=key, at=at, params={"link": reverse("backlog_case", args=[case.pk])})
