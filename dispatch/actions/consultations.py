"""The only code that writes consultations (疑难会商): several units say whose a matter is, an office rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Role
from dispatch.actions import clocks, leading, opening, orders, returns
from dispatch.actions.notices import notify
from dispatch.models import Consultation, Opinion, WorkOrder
from dispatch.states import (
    CONSULTATION_MOVES,
    OPEN_CONSULTATION_STATES,
    TAKEN_BACK,
    OrderState,
)
from petitions import actions as petitions
from petitions import events
from petitions.models import Event, Petition
from petitions.states import Refused, State, check_move

# While it is not yet decided or answered whose a matter is.
DISPUTABLE = frozenset({State.REGISTERED, State.HANDLING})


def _subject(consultation: Consultation, petition: Petition) -> clocks.Subject:
    return clocks.Subject(
        "consultation", consultation.pk, petition.register_unit, petition=petition, asker=consultation.called_by
    )


def _opinion_subject(opinion: Opinion, consultation: Consultation, petition: Petition) -> clocks.Subject:
    return clocks.Subject("opinion", opinion.pk, opinion.unit, petition=petition, asker=consultation.called_by)


@transaction.atomic
def call(
    petition_id: int,
    *,
    units: Sequence[Unit],
    question: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Consultation:
    """Ask several units whose a matter is, before or after its dispatch. They see the case until it is settled.

    Raises Refused without a question or units, for class A matters, or while another consultation is open.
    """
    who = Actor.of(actor)
    petition = petitions.lock(petition_id)
    _check_version(petition, version)
    petitions.require(petition, "dispatch.consult", who)
    _check_call(petition, units, question)
    consultation = Consultation.objects.create(
        petition=petition,
        order=leading.lead_of(petition_id),
        question=question.strip(),
        called_by=who.user,
        called_unit=who.unit,
        asked_at=at,
    )
    names = [{"unit": unit.pk, "name": unit.short_name} for unit in units]
    event = events.record(petition_id, "consult", actor=who, at=at, data={"units": names}, text=question.strip())
    petitions.touch(petition, at)
    for unit in units:
        opinion = Opinion.objects.create(consultation=consultation, unit=unit)
        petitions.involve(petition_id, unit=unit, at=at, reason="consultation")
        clocks.subject_moved(_opinion_subject(opinion, consultation, petition), "consult", actor=who, at=at)
    clocks.subject_moved(_subject(consultation, petition), "consult", actor=who, at=at)
    people = [user for unit in units for user in orders.staff(unit, Role.UNIT_ADMIN)]
    notify(people, kind="consult", petition=petition, key=f"event:{event.pk}", at=at)
    return consultation


def _check_version(petition: Petition, version: int | None) -> None:
    if version is not None and version != petition.version:
        raise Refused(
            _("Somebody else has changed this petition meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )


def _check_call(petition: Petition, units: Sequence[Unit], question: str) -> None:
    if petition.state not in DISPUTABLE:
        raise Refused(_("A consultation settles whose a matter is; this one is past that."), code="illegal_move")
    if petition.is_restricted:
        # R22 art. 30; domain-facts §1.17: named persons only.
        raise Refused(_("An accusation is not discussed between units."), code="restricted")
    if not question.strip():
        raise Refused(_("Please say what is in question; the units read exactly this."), field="question")
    if not units:
        raise Refused(_("Choose at least one unit."), field="assisting")
    for unit in units:
        if not (unit.is_active and unit.takes_orders):
            raise Refused(_("%(unit)s takes no work orders.") % {"unit": unit}, field="assisting")
    if Consultation.objects.filter(petition=petition, state__in=OPEN_CONSULTATION_STATES).exists():
        raise Refused(_("A consultation on this matter is open already."), code="open")


def current(petition_id: int) -> Consultation:
    """The open consultation of a locked petition, locked too. Raises Refused when there is none."""
    rows = Consultation.objects.select_for_update(of=("self",)).filter(petition=petition_id)
    found = rows.filter(state__in=OPEN_CONSULTATION_STATES).first()
    if found is None:
        raise Refused(_("There is no open consultation on this matter."), code="closed")
    return found


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
    is_consequence: bool = False,
) -> tuple[Consultation, Event]:
    """Take one step of the move table on the open consultation: the only place that assigns its state.

    `version` is the petition's, which the person saw. Raises Refused with a sentence for the person.
    """
    who = Actor.of(actor)
    petition = petitions.lock(petition_id)
    _check_version(petition, version)
    consultation = current(petition_id)
    step = check_move(CONSULTATION_MOVES, name, consultation.state, consultation.get_state_display())
    if not is_consequence:
        petitions.require(petition, step.permission, who)
    consultation.state = step.target or consultation.state
    for attribute, value in (changes or {}).items():
        setattr(consultation, attribute, value)
    consultation.version += 1
    consultation.save()
    event = events.record(petition_id, f"consultation.{name}", actor=who, at=at, data=data or {}, text=text)
    petitions.touch(petition, at)
    clocks.subject_moved(_subject(consultation, petition), name, actor=who, at=at)
    if not consultation.is_open:
        for opinion in consultation.opinions.select_related("unit"):
            clocks.subject_moved(_opinion_subject(opinion, consultation, petition), name, actor=who, at=at)
    consultation.petition = petition
    return consultation, event


@transaction.atomic
def opine(
    petition_id: int, *, stance: str, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Opinion:
    """The opinion of the actor's unit. Raises Refused for a unit that was not asked, or has answered."""
    who = Actor.of(actor)
    petition = petitions.lock(petition_id)
    if len(text.strip()) < 10:
        raise Refused(_("Please give the reasons of the opinion, in at least ten characters."), field="text")
    rows = Opinion.objects.select_for_update(of=("self",)).select_related("unit")
    opinion = rows.filter(consultation=current(petition_id), unit=who.unit, answered_at=None).first()
    if opinion is None:
        raise Refused(_("Your unit is not asked, or has answered already."), code="not_asked")
    data = {"stance": stance}
    consultation, event = move(petition_id, "opine", actor=who, at=at, data=data, text=text.strip(), version=version)
    opinion.stance, opinion.text = Opinion.Stance(stance).value, text.strip()
    opinion.answered_at, opinion.answered_by = at, who.user
    opinion.save()
    clocks.subject_moved(_opinion_subject(opinion, consultation, petition), "opine", actor=who, at=at)
    if consultation.called_by:
        notify([consultation.called_by], kind="opined", petition=petition, key=f"event:{event.pk}", at=at)
    return opinion


@transaction.atomic
def hold(
    petition_id: int, *, minutes: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Consultation:
    """Record the meeting. Raises Refused without minutes."""
    if not minutes.strip():
        raise Refused(_("Please note who took part and what was said."), field="minutes")
    changes = {"held_at": at, "minutes": minutes.strip()}
    return move(petition_id, "hold", actor=actor, at=at, text=minutes.strip(), changes=changes, version=version)[0]


@transaction.atomic
def drop(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Consultation:
    """End it without a ruling; the consulted units lose sight of the case. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Please say why no ruling is needed."), field="reason")
    consultation, event = move(petition_id, "drop", actor=actor, at=at, text=reason.strip(), version=version)
    _part(consultation, "consultation_dropped", event, at)
    return consultation


def petition_moved(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """What is answered, withdrawn, merged or led out needs no ruling any more."""
    rows = Consultation.objects.filter(petition=petition, state__in=OPEN_CONSULTATION_STATES)
    if petition.state not in DISPUTABLE and rows.exists():
        consultation, event = move(petition.pk, "drop", actor=actor, at=at, is_consequence=True)
        _part(consultation, "consultation_dropped", event, at)


@transaction.atomic
def rule(
    petition_id: int,
    *,
    lead: Unit,
    assisting: Sequence[Unit] = (),
    ruling: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Consultation:
    """Settle whose the matter is: the units named get final orders in the same step and may not return them.

    A pending return is decided with it. Raises Refused without reasons, or once the lead has fed back.
    """
    if not ruling.strip():
        raise Refused(_("Please give the reasons of the ruling; all units read them."), field="ruling")
    who = Actor.of(actor)
    units = [unit for unit in assisting if unit.pk != lead.pk]
    data = {
        "lead": {"unit": lead.pk, "name": lead.short_name},
        "assisting": [{"unit": unit.pk, "name": unit.short_name} for unit in units],
    }
    changes = {"ruled_at": at, "ruled_by": who.user, "ruling": ruling.strip(), "lead_unit": lead}
    text = ruling.strip()
    consultation, event = move(
        petition_id, "rule", actor=who, at=at, data=data, text=text, changes=changes, version=version
    )
    consultation.assisting.set(units)
    _carry_out(petition_id, lead, units, text, who, at)
    _part(consultation, "ruled", event, at)
    return consultation


_BY_RULING = "dispatch.rule"


def _carry_out(petition_id: int, lead: Unit, assisting: list[Unit], ruling: str, actor: Actor, at: datetime) -> None:
    """Make the orders what the ruling says: one lead, the assisting units, all final."""
    former = leading.lead_of(petition_id)
    if former is not None and former.state not in {OrderState.WAITING, OrderState.IN_HAND, OrderState.RETURN_ASKED}:
        raise Refused(_("%(unit)s has fed back already; check that first.") % {"unit": former.unit}, code="fed_back")
    stays = former is not None and former.unit_id in {lead.pk, *(unit.pk for unit in assisting)}
    if former is not None and former.state == OrderState.RETURN_ASKED:
        asked = returns.pending(orders.lock(former.pk))
        returns.settle(asked, is_accepted=not stays, ruling=ruling, actor=actor, at=at, is_consequence=True)
    elif former is not None and not stays and not _assists(petition_id, lead):
        _take_back(former, ruling, actor, at)
    _appoint(petition_id, lead, former, ruling, actor, at)
    if former is not None and not stays:
        former.refresh_from_db(fields=["state", "is_open", "is_lead"])
        if former.is_open:
            _take_back(former, ruling, actor, at)
    busy = set(WorkOrder.objects.filter(petition=petition_id, is_open=True).values_list("unit_id", flat=True))
    missing = [unit for unit in assisting if unit.pk not in busy]
    if missing:
        more: dict[str, Any] = {"instruction": ruling, "permission": _BY_RULING, "actor": actor, "at": at}
        leading.add_assisting(petition_id, units=missing, **more)


def _assists(petition_id: int, unit: Unit) -> WorkOrder | None:
    return WorkOrder.objects.filter(petition=petition_id, unit=unit, is_open=True, is_lead=False, parent=None).first()


def _appoint(petition_id: int, lead: Unit, former: WorkOrder | None, ruling: str, actor: Actor, at: datetime) -> None:
    """The lead's order: confirmed, taken over from assisting, or new in the place of the former lead's."""
    now = leading.lead_of(petition_id)
    if now is not None and now.unit_id == lead.pk:
        changes = {"is_final": True}
        orders.move(now.pk, "take_lead", actor=actor, at=at, changes=changes, is_consequence=True)
        return
    if now is not None and _assists(petition_id, lead) is None:
        more: dict[str, Any] = {"instruction": ruling, "permission": _BY_RULING, "actor": actor, "at": at}
        leading.add_assisting(petition_id, units=[lead], **more)
    helping = _assists(petition_id, lead)
    if helping is not None:
        leading.take_lead(helping.pk, reason=ruling, permission=_BY_RULING, is_final=True, actor=actor, at=at)
        return
    last = WorkOrder.objects.filter(petition=petition_id, is_lead=True, state__in=TAKEN_BACK).order_by("-seq").first()
    orders.dispatch(
        petition_id,
        lead=lead,
        instruction=ruling,
        permission=_BY_RULING,
        instead_of=former or last,
        is_final=True,
        actor=actor,
        at=at,
    )


def _take_back(order: WorkOrder, ruling: str, actor: Actor, at: datetime) -> None:
    taken, event = orders.move(order.pk, "recall", actor=actor, at=at, text=ruling, is_consequence=True)
    orders.end_children(taken, actor=actor, at=at)
    opening.take_away(taken, at=at)
    key = f"event:{event.pk}"
    notify(orders.staff(taken.unit), kind="recalled", petition=taken.petition, order=taken, key=key, at=at)


def _part(consultation: Consultation, kind: str, event: Event, at: datetime) -> None:
    """Tell the consulted units how it ended; those without an order of this matter see it no more."""
    petition = consultation.petition
    units = [opinion.unit for opinion in consultation.opinions.select_related("unit")]
    people = [user for unit in units for user in orders.staff(unit, Role.UNIT_ADMIN)]
    people += [consultation.called_by] if consultation.called_by else []
    notify(people, kind=kind, petition=petition, key=f"event:{event.pk}", at=at)
    at_work = set(WorkOrder.objects.filter(petition=petition, is_open=True).values_list("unit_id", flat=True))
    for unit in units:
        if unit.pk not in at_work:
            petitions.release(petition.pk, unit=unit, at=at)
