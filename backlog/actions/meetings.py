"""The only code that writes weekly dispatches (周视频调度, domain-facts §3.7): from plan to close.

Order of locks: meeting, then case, then task. What is written on the agenda: `backlog.actions.agenda`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from accounts.roles import Scope
from backlog.actions import moves
from backlog.models import AgendaItem, BacklogCase, Meeting, MeetingEvent, MeetingSite
from backlog.querysets import district_of
from backlog.states import ITEM_OUTCOMES, MEETING_MOVES, ItemOutcome, MeetingState
from dispatch.actions.notices import notify
from dispatch.clocks import city_day
from petitions.states import Move, Refused, check_move

RUN = "backlog.run_meeting"
LEAST_WORDS = 4


# ---- what every writer shares ----


def lock(meeting_id: int) -> Meeting:
    """The meeting, its row locked until the transaction ends. Every writer of a meeting or its agenda begins here."""
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("area", "chair", "secretary")
    return rows.get(pk=meeting_id)


def allow(meeting: Meeting, name: str, actor: Actor, *, version: int | None = None) -> Move:
    """The row of a move that may be taken now with a locked meeting. Raises Refused otherwise."""
    moves.check_version(meeting, version)
    step = check_move(MEETING_MOVES, name, meeting.state, meeting.get_state_display())
    if not may_run(meeting, actor):
        raise Refused(_("Your role may not do this for this meeting."), code="forbidden")
    return step


def may_run(meeting: Meeting, actor: User | Actor) -> bool:
    """Whether this actor prepares, holds and closes the meeting: the city office any, a district office its own."""
    who = Actor.of(actor)
    if who.is_system:
        return True
    scope = who.scope_for(RUN)
    return scope == Scope.CITY or (scope == Scope.AREA and meeting.area_id == district_of(who))


@transaction.atomic
def move(
    meeting_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
) -> Meeting:
    """Take one step of the move table: the only place that assigns `Meeting.state`. Raises Refused."""
    who = Actor.of(actor)
    meeting = lock(meeting_id)
    step = allow(meeting, name, who, version=version)
    meeting.state = step.target or meeting.state
    for attribute, value in (changes or {}).items():
        setattr(meeting, attribute, value)
    meeting.version += 1
    meeting.save()
    record(meeting, name, actor=who, at=at, text=text)
    return meeting


def record(meeting: Meeting, name: str, *, actor: Actor, at: datetime, text: str = "") -> MeetingEvent:
    """Write the event of a step, in the step's transaction."""
    return MeetingEvent.objects.create(
        meeting=meeting,
        at=at,
        move=name,
        actor=actor.user,
        actor_label=actor.label[:60],
        unit=actor.unit,
        text=text,
    )


# ---- planning ----


@transaction.atomic
def plan(
    *,
    area: Area,
    starts_at: datetime,
    chair: User,
    actor: User | Actor,
    at: datetime,
    secretary: User | None = None,
    title: str = "",
    place: str = "",
    join_link: str = "",
    size: int = 8,
) -> Meeting:
    """Plan a meeting of the city or of a district, its agenda proposed (`size` cases, see `agenda.propose`).

    Without `join_link` the office's template gives one. Raises Refused naming the field at fault.
    """
    from backlog.actions import agenda

    who = Actor.of(actor)
    _check_area(area, who)
    _check_people(chair, secretary)
    year = city_day(starts_at).year
    serial = _next_serial(area, year)
    meeting = Meeting.objects.create(
        area=area,
        year=year,
        serial=serial,
        title=title.strip()[:60] or _("Weekly dispatch no. %(serial)s of %(year)s") % {"serial": serial, "year": year},
        starts_at=starts_at,
        chair=chair,
        secretary=secretary or who.user,
        place=place.strip()[:60],
        join_link=_link(join_link) or link_for(area, year, serial),
    )
    record(meeting, "call", actor=who, at=at)
    if size:
        agenda.propose(meeting.pk, actor=who, at=at, size=size)
    return meeting


def _check_area(area: Area, actor: Actor) -> None:
    scope = Scope.CITY if actor.is_system else actor.scope_for(RUN)
    if scope == Scope.CITY and area.kind in {"city", "district"}:
        return
    if scope == Scope.AREA and area.pk == district_of(actor):
        return
    raise Refused(_("Your office holds meetings of its own area only."), field="area", code="forbidden")


def _check_people(chair: User | None, secretary: User | None) -> None:
    for person, field in ((chair, "chair"), (secretary, "secretary")):
        if person is not None and not (person.is_active and person.may("backlog.view_meetings")):
            raise Refused(
                _("%(person)s has no part in meetings. Choose somebody else.") % {"person": person}, field=field
            )


def _next_serial(area: Area, year: int) -> int:
    """The next number of an area's year; few are written, so one at a time is no hardship."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('backlog_meeting'), %s)", [area.pk])
    return (Meeting.objects.filter(area=area, year=year).aggregate(last=Max("serial"))["last"] or 0) + 1


def link_for(area: Area, year: int, serial: int) -> str:
    """The join link the office's template gives (YQ_MEETING_LINK); "" without a template."""
    code = f"{year}-{serial}" if area.kind == "city" else f"{area.code}-{year}-{serial}"
    return settings.MEETING_LINK.replace("{meeting}", code)[:300]


def _link(link: str) -> str:
    """A link people may be sent to. Raises Refused for anything that is no web address."""
    link = link.strip()
    if link and (urlsplit(link).scheme not in {"http", "https"} or not urlsplit(link).hostname):
        raise Refused(_("Paste the whole address, beginning with https://."), field="join_link")
    return link[:300]


def prepare(
    meeting_id: int,
    *,
    starts_at: datetime,
    chair: User,
    secretary: User | None,
    title: str,
    place: str,
    join_link: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Meeting:
    """Change day, people, place or link before the meeting. Whoever was invited must be invited again to know."""
    _check_people(chair, secretary)
    if not title.strip():
        raise Refused(_("Give the meeting a title."), field="title")
    changes = {
        "starts_at": starts_at,
        "chair": chair,
        "secretary": secretary,
        "title": title.strip()[:60],
        "place": place.strip()[:60],
        "join_link": _link(join_link),
    }
    return move(meeting_id, "prepare", actor=actor, at=at, changes=changes, version=version)


@transaction.atomic
def invite(meeting_id: int, *, actor: User | Actor, at: datetime, version: int | None = None) -> Meeting:
    """Tell chair, secretary, sites, lead officials and the units of the cases. Sent again, all hear it again."""
    meeting = move(meeting_id, "invite", actor=actor, at=at, changes={"invited_at": at}, version=version)
    _check_ready(meeting)
    key = f"meeting:{meeting.pk}:call:{meeting.version}"
    link = reverse("meeting", args=[meeting.pk])
    notify(invited(meeting), kind="meeting_called", key=key, at=at, params={"link": link, "number": meeting.number})
    return meeting


def invited(meeting: Meeting) -> list[User]:
    """Everybody the invitation goes to."""
    people = {person.pk: person for person in (meeting.chair, meeting.secretary) if person is not None}
    items = meeting.items.select_related("case__leader", "case__lead_unit")
    units = {site.unit for site in meeting.sites.select_related("unit")}
    for item in items:
        if item.case.leader is not None:
            people[item.case.leader.pk] = item.case.leader
        if item.case.lead_unit is not None:
            units.add(item.case.lead_unit)
    offices = User.objects.filter(unit__in=units, is_active=True, role__in=_SITE_ROLES)
    people.update({user.pk: user for user in offices})
    return list(people.values())


# A site is led by the head of its unit or by its petition office.
_SITE_ROLES = ("unit_admin", "district_officer", "city_officer")


def _check_ready(meeting: Meeting) -> None:
    if meeting.chair is None:
        raise Refused(_("Choose who is in the chair first."), field="chair")
    if not meeting.items.exists():
        raise Refused(_("Put at least one case on the agenda first."), code="empty")


@transaction.atomic
def add_site(meeting_id: int, unit: Unit, *, actor: User | Actor, at: datetime) -> MeetingSite:
    """Have a unit take part from its own site."""
    meeting = _writable(meeting_id, Actor.of(actor))
    if not unit.is_active:
        raise Refused(_("%(unit)s is no longer active. Choose another unit.") % {"unit": unit}, field="unit")
    return MeetingSite.objects.get_or_create(meeting=meeting, unit=unit)[0]


@transaction.atomic
def drop_site(meeting_id: int, site_id: int, *, actor: User | Actor, at: datetime) -> None:
    """A site takes no part after all."""
    meeting = lock(meeting_id)
    allow(meeting, "prepare", Actor.of(actor))
    meeting.sites.filter(pk=site_id).delete()


@transaction.atomic
def attend(
    meeting_id: int, site_id: int, *, has_joined: bool, attendees: str, actor: User | Actor, at: datetime
) -> MeetingSite:
    """Who sits at a site, and whether it is connected."""
    meeting = _writable(meeting_id, Actor.of(actor))
    site = meeting.sites.get(pk=site_id)
    site.attendees = attendees.strip()[:200]
    site.joined_at = (site.joined_at or at) if has_joined else None
    site.save(update_fields=["attendees", "joined_at"])
    return site


def _writable(meeting_id: int, actor: Actor) -> Meeting:
    """The locked meeting, which must be in preparation or in session."""
    meeting = lock(meeting_id)
    allow(meeting, "minute" if meeting.state == MeetingState.LIVE else "prepare", actor)
    return meeting


def call_off(meeting_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Meeting:
    """The meeting does not take place; whoever was invited is told."""
    if len(reason.strip()) < LEAST_WORDS:
        raise Refused(_("Say why it is called off."), field="reason")
    with transaction.atomic():
        meeting = move(meeting_id, "call_off", actor=actor, at=at, text=reason.strip(), version=version)
        if meeting.invited_at is not None:
            key = f"meeting:{meeting.pk}:off"
            params = {"link": reverse("meeting", args=[meeting.pk]), "number": meeting.number}
            notify(invited(meeting), kind="meeting_off", key=key, at=at, params=params)
    return meeting


# ---- in session ----


@transaction.atomic
def begin(meeting_id: int, *, actor: User | Actor, at: datetime, version: int | None = None) -> Meeting:
    """Open the meeting: from here on the minutes are written."""
    meeting = move(meeting_id, "begin", actor=actor, at=at, changes={"opened_at": at}, version=version)
    _check_ready(meeting)
    return meeting


@transaction.atomic
def minute(meeting_id: int, *, text: str, actor: User | Actor, at: datetime) -> Meeting:
    """What was said beside the cases: opening words, general demands."""
    meeting = lock(meeting_id)
    allow(meeting, "minute", Actor.of(actor))
    meeting.minutes = text.strip()
    meeting.save(update_fields=["minutes"])
    return meeting


@transaction.atomic
def close(meeting_id: int, *, actor: User | Actor, at: datetime, version: int | None = None) -> Meeting:
    """Close the meeting and fix its minutes. Raises Refused while a case was neither decided, adjourned nor skipped.

    Each case discussed gets a line in its own history. Afterwards nothing of the minutes can change (`amend` adds).
    """
    who = Actor.of(actor)
    meeting = lock(meeting_id)
    allow(meeting, "close", who, version=version)
    items = list(meeting.items.select_related("case__district", "case__lead_unit", "case__leader"))
    reached = _reached(items, who)
    _skip_kept_out([item for item in items if item.case_id not in reached])
    left = [item.case.title for item in items if item.outcome == ItemOutcome.WAITING]
    if left:
        raise Refused(
            _("Still on the agenda: %(cases)s. Decide, adjourn or skip each case first.") % {"cases": "、".join(left)},
            code="waiting",
        )
    _fix_items(items)
    meeting = move(meeting_id, "close", actor=who, at=at, changes={"closed_at": at, "record": _head(meeting, at)})
    # In the order of the key, as every other writer of several cases takes its locks.
    for item in sorted(items, key=lambda one: one.case_id):
        if item.outcome in ITEM_OUTCOMES and item.case_id in reached:
            data = {"meeting": meeting.pk, "number": meeting.number, "outcome": item.outcome}
            moves.move(item.case_id, "discuss", actor=who, at=at, data=data, text=item.decision)
    return meeting


def _reached(items: Iterable[AgendaItem], actor: Actor) -> set[int]:
    """Keys of the cases this actor may still write on."""
    rows = BacklogCase.objects.within(actor, RUN).filter(pk__in=[item.case_id for item in items])
    return set(rows.values_list("pk", flat=True))


def _skip_kept_out(items: Iterable[AgendaItem]) -> None:
    """A case that became class A, went to another district or was closed to the secretary must hold no meeting open."""
    for item in items:
        if item.outcome == ItemOutcome.WAITING:
            item.outcome, item.discussion, item.decision = ItemOutcome.SKIPPED, "", ""
            item.version += 1
            item.save(update_fields=["outcome", "discussion", "decision", "version"])


def _fix_items(items: Iterable[AgendaItem]) -> None:
    for item in items:
        case: BacklogCase = item.case
        item.record = {
            "number": case.number,
            "title": case.title,
            "district": case.district.name,
            "unit": case.lead_unit.name if case.lead_unit else "",
            "leader": case.leader.name if case.leader else "",
            "question": item.question,
            "discussion": item.discussion,
            "decision": item.decision,
            "outcome": item.outcome,
            "tasks": [
                {
                    "text": task.text,
                    "unit": task.unit.name,
                    "owner": task.owner.name if task.owner else "",
                    "due_on": task.due_on.isoformat(),
                }
                for task in item.tasks.exclude(state="dropped").select_related("unit", "owner").order_by("pk")
            ],
        }
        item.save(update_fields=["record"])


def _head(meeting: Meeting, at: datetime) -> dict[str, Any]:
    """The head of the minutes: names as they are today."""
    return {
        "number": meeting.number,
        "title": meeting.title,
        "area": meeting.area.name,
        "place": meeting.place,
        "opened_at": (meeting.opened_at or at).isoformat(),
        "closed_at": at.isoformat(),
        "chair": meeting.chair.name if meeting.chair else "",
        "chair_unit": meeting.chair.unit.name if meeting.chair and meeting.chair.unit else "",
        "secretary": meeting.secretary.name if meeting.secretary else "",
        "minutes": meeting.minutes,
        "sites": [
            {"unit": site.unit.name, "attendees": site.attendees, "has_joined": site.joined_at is not None}
            for site in meeting.sites.select_related("unit").order_by(F("unit__area__code"), "pk")
        ],
    }


def amend(meeting_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None) -> Meeting:
    """Add a correction or supplement below closed minutes, with author and day; what stands there stays."""
    if len(text.strip()) < LEAST_WORDS:
        raise Refused(_("Say what is corrected or added."), field="text")
    return move(meeting_id, "amend", actor=actor, at=at, text=text.strip(), version=version)
