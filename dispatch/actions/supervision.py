"""The only code that writes supervision orders and decides on findings (domain-facts §1.16, §2.6).

Each step locks the petition first, then the order, then the supervision, and is one transaction with its event.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from dispatch.actions import clocks
from dispatch.actions.clocks import Subject
from dispatch.actions.reminders import answer_reminder, remind
from dispatch.actions.supervision_notices import tell_level, tell_office, tell_unit
from dispatch.calendar import CITY_TIME
from dispatch.models import CircularReading, Policy, Proposal, SupervisionEvent, SupervisionOrder, WorkOrder
from dispatch.states import OrderState
from dispatch.supervision import LEVELS, OPEN_SUPERVISION, SUPERVISION_MOVES, SupervisionLevel
from petitions import actions as petitions
from petitions import events
from petitions.models import Petition
from petitions.states import Refused, check_move

__all__ = [
    "accept",
    "answer",
    "answer_reminder",
    "issue",
    "lift",
    "mark_circular_read",
    "move",
    "next_serial",
    "propose",
    "raise_level",
    "record_talk",
    "remind",
    "send_back",
    "set_aside",
    "snooze",
]

LEAST_WORDS = 10
LEAST_REASON = 6


# ---- findings ----


def propose(
    trigger: str,
    *,
    key: str,
    unit: Unit,
    petition: Petition | None = None,
    order: WorkOrder | None = None,
    facts: dict[str, Any] | None = None,
    at: datetime,
) -> None:
    """Lay a finding before supervision, in the caller's transaction. The same key twice changes nothing."""
    row = Proposal(trigger=trigger, key=key, unit=unit, petition=petition, order=order, facts=facts or {}, found_at=at)
    Proposal.objects.bulk_create([row], ignore_conflicts=True)


def _lock_finding(pk: int, actor: Actor) -> Proposal:
    """The open finding, locked, if this person may decide on it. Raises Refused otherwise."""
    row = Proposal.objects.select_for_update(of=("self",)).select_related("unit", "petition", "order").get(pk=pk)
    if not Proposal.objects.within(actor, "dispatch.supervise").filter(pk=pk).exists():
        raise Refused(_("Your role may not decide on this finding."), code="forbidden")
    if row.decided_at is not None:
        raise Refused(_("Somebody has decided on this finding already."), code="stale")
    return row


@transaction.atomic
def set_aside(finding_id: int, *, reason: str, actor: User | Actor, at: datetime) -> Proposal:
    """Decide that a finding needs no supervision. Raises Refused without a reason."""
    who = Actor.of(actor)
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why this needs no supervision."), field="reason")
    row = _lock_finding(finding_id, who)
    row.decided_at, row.decided_by, row.is_confirmed, row.remark = at, who.user, False, reason.strip()[:300]
    row.save(update_fields=["decided_at", "decided_by", "is_confirmed", "remark"])
    return row


@transaction.atomic
def snooze(finding_id: int, *, until: datetime, actor: User | Actor, at: datetime) -> Proposal:
    """Look at a finding again later. Raises Refused for a moment that is past or more than thirty days away."""
    if not at < until or (until - at).days > 30:
        raise Refused(_("Choose a day within the next thirty days."), field="until")
    row = _lock_finding(finding_id, Actor.of(actor))
    row.snoozed_until = until
    row.save(update_fields=["snoozed_until"])
    return row


# ---- supervision orders ----


def next_serial(model: Any, year: int) -> int:
    """The next number of a year, without gaps: few are written, so one at a time is no hardship."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [model._meta.db_table, year])
    return (model.objects.filter(year=year).aggregate(last=Max("serial"))["last"] or 0) + 1


def _check_text(text: str, field: str, sentence: str, least: int = LEAST_WORDS) -> str:
    if len(text.strip()) < least:
        raise Refused(sentence, field=field)
    return text.strip()


def _check_reach(actor: Actor, unit: Unit, petition: Petition | None, permission: str) -> None:
    """Whether the office may supervise this unit. Raises Refused with the reason."""
    scope = Scope.CITY if actor.is_system else actor.scope_for(permission)
    if scope is None:
        raise Refused(_("Your role may not issue supervision at this level."), field="level", code="forbidden")
    if petition is not None:
        petitions.require(petition, permission, actor)
    elif scope == Scope.NAMED:
        raise Refused(_("You supervise the cases named to you; choose a case."), code="forbidden")
    if actor.unit is not None and actor.unit.pk == unit.pk:
        raise Refused(_("Nobody supervises their own unit."), field="unit")
    if scope == Scope.AREA and actor.unit is not None and _district(unit) != _district(actor.unit):
        raise Refused(_("A district office supervises units of its own district. Ask the city office."), field="unit")


def _district(unit: Unit) -> int:
    return unit.area.district_id or unit.area_id


def _check_case(petition: Petition, unit: Unit, order: WorkOrder | None) -> None:
    """The unit must owe something on the case, and never be in the line complained of (R22 art. 30)."""
    if petition.is_restricted and petition.respondent_unit and unit.is_in_line_with(petition.respondent_unit):
        raise Refused(_("This unit is complained of, or stands above or below it. Choose another."), field="unit")
    if order is not None and (order.unit_id != unit.pk or order.petition_id != petition.pk):
        raise Refused(_("This work order is not the unit's."), field="unit")
    works = petition.orders.filter(unit=unit).exclude(state=OrderState.CANCELLED).exists()
    if not works and unit.pk != petition.register_unit_id:
        raise Refused(_("This unit has nothing to do on this case."), field="unit")
    standing = SupervisionOrder.objects.filter(petition=petition, unit=unit, state__in=["waiting", "answered"]).first()
    if standing is not None:
        raise Refused(
            _("%(unit)s is under supervision on this case already (%(number)s). Raise its level instead.")
            % {"unit": unit, "number": standing.number},
            code="already_supervised",
        )


def _details(level: str, given: dict[str, Any], petition: Petition | None, at: datetime) -> dict[str, Any]:
    """The fields a level asks for, checked. Raises Refused naming the field that is missing."""
    if level == SupervisionLevel.LISTED:
        since: date = given.get("listed_from") or at.astimezone(CITY_TIME).date()
        until = given.get("listed_until")
        if until is None or until <= since:
            raise Refused(_("Say until when the matter stays on the list."), field="listed_until")
        is_public = bool(given.get("is_public"))
        if is_public and petition is not None and petition.is_restricted:
            raise Refused(_("An accusation (class A) is never made public."), field="is_public")
        return {"listed_from": since, "listed_until": until, "is_public": is_public}
    if level == SupervisionLevel.INTERVIEW:
        if given.get("talk_at") is None or given["talk_at"] <= at:
            raise Refused(_("Say when the talk takes place; it lies ahead."), field="talk_at")
        place, attendees = given.get("talk_place", "").strip(), given.get("talk_attendees", "").strip()
        if not place or not attendees:
            raise Refused(
                _("Say where the talk takes place and who attends."), field="talk_attendees" if place else "talk_place"
            )
        return {"talk_at": given["talk_at"], "talk_place": place, "talk_attendees": attendees, "talk_record": ""}
    if level == SupervisionLevel.CIRCULAR:
        if petition is not None and petition.is_restricted:
            raise Refused(_("An accusation (class A) is never circulated."), field="level")
        sentence = _("Write the text the other units read: no petitioner's name, no telephone number.")
        if not given.get("scope"):
            raise Refused(_("Say which units are to read the circular."), field="scope")
        return {"circular_text": _check_text(given.get("circular_text", ""), "circular_text", sentence)}
    return {}


@transaction.atomic
def issue(
    *,
    unit: Unit,
    level: str,
    trigger: str,
    text: str,
    petition_id: int | None = None,
    order_id: int | None = None,
    finding_id: int | None = None,
    actor: User | Actor,
    at: datetime,
    **details: Any,
) -> SupervisionOrder:
    """Put a unit under supervision, on a case or at large, and start the clock of its answer.

    `finding_id` confirms that finding in the same transaction. `details` are those of the level: listed_from,
    listed_until, is_public; talk_at, talk_place, talk_attendees; circular_text and scope (units that read it).
    Raises Refused with a sentence for the officer.
    """
    who, row = Actor.of(actor), LEVELS[level]
    petition = petitions.lock(petition_id) if petition_id else None
    order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id) if order_id else None
    text = _check_text(text, "text", _("Say what the unit is to do, in at least ten characters."))
    _check_reach(who, unit, petition, row.permission)
    if petition is not None:
        _check_case(petition, unit, order)
    fields = _details(level, details, petition, at)
    finding = _lock_finding(finding_id, who) if finding_id else None
    year = at.astimezone(CITY_TIME).year
    try:
        with transaction.atomic():
            made = SupervisionOrder.objects.create(
                year=year,
                serial=next_serial(SupervisionOrder, year),
                petition=petition,
                order=order,
                unit=unit,
                level=level,
                trigger=trigger,
                proposal=finding,
                text=text,
                issuing_unit=who.unit,
                issued_by=who.user,
                issued_at=at,
                **fields,
            )
    except IntegrityError:
        raise Refused(_("Somebody has just put this unit under supervision here."), code="stale") from None
    if finding is not None:
        finding.decided_at, finding.decided_by, finding.is_confirmed = at, who.user, True
        finding.save(update_fields=["decided_at", "decided_by", "is_confirmed"])
    _record(made, row.issue_move, who, at, text=text)
    _run_clocks(made, row.issue_move, who, at)
    _open_circular(made, details.get("scope") or (), at)
    tell_level(made, row, at=at)
    return made


def _record(row: SupervisionOrder, name: str, actor: Actor, at: datetime, *, text: str = "") -> SupervisionEvent:
    """The step in the supervision's own history and, on a case, in the case's chain."""
    if row.petition is not None:
        data = {
            "supervision": row.pk,
            "number": row.number,
            "level": row.level,
            "state": row.state,
            "order": row.order_id,
            "unit": row.unit_id,
            "unit_name": row.unit.short_name,
            "trigger": row.trigger,
        }
        kind = "supervision.issue" if name.startswith("issue_") else f"supervision.{name}"
        # Without the words: others who work on the case see that there is a supervision, not what it says.
        events.record(row.petition.pk, kind, actor=actor, at=at, data=data)
        petitions.mark_supervised(row.petition, _standing(row.petition))
        petitions.touch(row.petition, at)
    return SupervisionEvent.objects.create(
        supervision=row,
        at=at,
        move=name,
        level=row.level,
        actor=actor.user,
        actor_label=actor.label[:60],
        unit=actor.unit,
        text=text,
    )


def _standing(petition: Petition) -> str:
    """The highest level that stands open on the petition."""
    rows = SupervisionOrder.objects.filter(petition=petition, state__in=sorted(OPEN_SUPERVISION))
    levels = [LEVELS[level] for level in rows.values_list("level", flat=True)]
    return max(levels, key=lambda level: level.rank).value if levels else ""


def _run_clocks(row: SupervisionOrder, name: str, actor: Actor, at: datetime) -> None:
    subject = Subject(
        Policy.Subject.SUPERVISION,
        row.pk,
        row.unit,
        petition=row.petition,
        order=row.order,
        asker=row.issued_by,
    )
    clocks.subject_moved(subject, name, actor=actor, at=at)


def lock(supervision_id: int) -> SupervisionOrder:
    """The supervision with petition and order, all rows locked in every writer's order."""
    petition_id, order_id = SupervisionOrder.objects.values_list("petition_id", "order_id").get(pk=supervision_id)
    petition = petitions.lock(petition_id) if petition_id else None
    order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id) if order_id else None
    rows = SupervisionOrder.objects.select_for_update(of=("self",)).select_related("unit__area", "issued_by")
    row = rows.get(pk=supervision_id)
    row.petition, row.order = petition, order
    return row


@transaction.atomic
def move(
    supervision_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
) -> tuple[SupervisionOrder, SupervisionEvent]:
    """Take one step of the supervision's move table: the only place that assigns `SupervisionOrder.state`.

    Raises Refused with a sentence for the person. `version` is what they saw; None skips that check.
    """
    who = Actor.of(actor)
    row = lock(supervision_id)
    if version is not None and version != row.version:
        raise Refused(
            _("Somebody else has changed this supervision meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    step = check_move(SUPERVISION_MOVES, name, row.state, row.get_state_display())
    if not SupervisionOrder.objects.within(who, step.permission).filter(pk=supervision_id).exists():
        raise Refused(_("Your role may not do this for this supervision."), code="forbidden")
    row.state = step.target or row.state
    for attribute, value in (changes or {}).items():
        setattr(row, attribute, value)
    if not row.is_open:
        row.ended_at = at
    row.version += 1
    row.save()
    event = _record(row, name, who, at, text=text)
    _run_clocks(row, name, who, at)
    return row, event


@transaction.atomic
def answer(
    supervision_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> SupervisionOrder:
    """The unit's written answer: what was done, why it slipped, until when it is put right."""
    text = _check_text(text, "text", _("Please answer in at least ten characters: what was done, and until when."))
    who = Actor.of(actor)
    changes = {"answer": text, "answered_at": at, "answered_by": who.user}
    row, event = move(supervision_id, "answer", actor=who, at=at, text=text, changes=changes, version=version)
    tell_office(row, "supervision_answered", key=f"supervision:{row.pk}:{event.pk}", at=at)
    return row


@transaction.atomic
def accept(
    supervision_id: int, *, result: str, actor: User | Actor, at: datetime, version: int | None = None
) -> SupervisionOrder:
    """Accept the answer: the supervision ends. A finished work order alone never ends it."""
    result = result.strip()
    if not result:
        raise Refused(_("Please say what was checked and found."), field="result")
    row, event = move(
        supervision_id, "accept", actor=actor, at=at, text=result, changes={"result": result}, version=version
    )
    tell_unit(row, "supervision_ended", key=f"supervision:{row.pk}:{event.pk}", at=at)
    return row


@transaction.atomic
def send_back(
    supervision_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> SupervisionOrder:
    """Send the answer back saying what is missing; a short fresh term begins."""
    if not reason.strip():
        raise Refused(_("Please say what is missing; the unit reads exactly this."), field="reason")
    row, event = move(supervision_id, "send_back", actor=actor, at=at, text=reason.strip(), version=version)
    tell_unit(row, "supervision_sent_back", key=f"supervision:{row.pk}:{event.pk}", at=at)
    return row


@transaction.atomic
def raise_level(
    supervision_id: int,
    *,
    level: str,
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
    **details: Any,
) -> SupervisionOrder:
    """Raise a supervision to a higher level, with a reason and what the level asks for (see `issue`)."""
    row = lock(supervision_id)
    target = LEVELS[level]
    if target.rank <= row.level_row.rank:
        raise Refused(
            _("A level can only be raised. The present one is “%(level)s”.") % {"level": row.get_level_display()}
        )
    reason = _check_text(reason, "reason", _("Say why the level rises, in at least six characters."), LEAST_REASON)
    changes = {**_details(level, details, row.petition, at), "level": level, "raised_at": at}
    row, _event = move(
        supervision_id, target.raise_move, actor=actor, at=at, text=reason, changes=changes, version=version
    )
    _open_circular(row, details.get("scope") or (), at)
    tell_level(row, target, at=at)
    return row


@transaction.atomic
def record_talk(
    supervision_id: int, *, record: str, actor: User | Actor, at: datetime, version: int | None = None
) -> SupervisionOrder:
    """Write down what was said at the talk the unit was summoned for. Raises Refused where none was called."""
    record = _check_text(record, "record", _("Please write down what was said, in at least ten characters."))
    row = lock(supervision_id)
    if row.talk_at is None:
        raise Refused(_("The unit was not summoned for a talk."))
    if at < row.talk_at:
        raise Refused(_("The talk has not taken place yet."), field="record")
    return move(
        supervision_id, "record_talk", actor=actor, at=at, text=record, changes={"talk_record": record}, version=version
    )[0]


@transaction.atomic
def lift(
    supervision_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> SupervisionOrder:
    """End a supervision without an accepted answer: its ground fell away or it was issued in error."""
    reason = _check_text(reason, "reason", _("Say why it is lifted, in at least six characters."), LEAST_REASON)
    row, event = move(
        supervision_id, "lift", actor=actor, at=at, text=reason, changes={"result": reason}, version=version
    )
    tell_unit(row, "supervision_lifted", key=f"supervision:{row.pk}:{event.pk}", at=at)
    return row


def _open_circular(row: SupervisionOrder, scope: Iterable[Unit], at: datetime) -> None:
    """Note which units are to read the circular; the one criticised reads it anyway."""
    readings = [CircularReading(supervision=row, unit=unit) for unit in scope if unit.pk != row.unit_id]
    CircularReading.objects.bulk_create(readings, ignore_conflicts=True)


@transaction.atomic
def mark_circular_read(supervision_id: int, *, actor: User, at: datetime) -> None:
    """Note that the person's unit has read the circular. Saying it twice changes nothing."""
    rows = CircularReading.objects.filter(supervision=supervision_id, unit=actor.unit, read_at=None)
    rows.update(read_at=at, read_by=actor)
