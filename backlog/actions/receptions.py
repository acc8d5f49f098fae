"""The only code that writes reception days: set, change, publish, call off, hold (domain-facts §3.6; R22 art. 18)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, User
from accounts.roles import Role
from backlog.actions import bookings
from backlog.actions.moves import check_version
from backlog.models import BacklogCase, DayEvent, ReceptionDay
from backlog.signals import day_moved
from backlog.states import DAY_MOVES, BookingState, DayState, ReceptionKind
from dispatch.actions.notices import notify
from dispatch.clocks import city_day
from petitions.states import Refused, check_move

# Longer than this somebody has mistaken the date of the end.
LONGEST = timedelta(hours=12)
# What those who booked are told about when it changes.
TOLD = frozenset({"official", "starts_at", "ends_at", "place"})
LIVE = (DayState.PLANNED, DayState.PUBLISHED)


@dataclass(frozen=True)
class Plan:
    """What a reception day is made of. Times are aware; `case` goes with a visit with a case and with nothing else."""

    kind: str
    official: User
    area: Area
    starts_at: datetime
    ends_at: datetime
    place: str
    subjects: str = ""
    capacity: int = 10
    case: BacklogCase | None = None


def lock(day_id: int) -> ReceptionDay:
    """The day, its row locked until the transaction ends."""
    return ReceptionDay.objects.select_for_update(of=("self",)).get(pk=day_id)


def require(day: ReceptionDay, permission: str, actor: Actor) -> None:
    """Refuse when the permission does not reach this day for this actor."""
    if not ReceptionDay.objects.within(actor, permission).filter(pk=day.pk).exists():
        raise Refused(_("Your role may not do this for this reception day."), code="forbidden")


@transaction.atomic
def move(
    day_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    text: str = "",
    version: int | None = None,
    changes: dict[str, Any] | None = None,
) -> ReceptionDay:
    """Take one step of the day's move table: the only place that assigns `ReceptionDay.state`. Raises Refused."""
    who = Actor.of(actor)
    day = lock(day_id)
    check_version(day, version)
    step = check_move(DAY_MOVES, name, day.state, day.get_state_display())
    require(day, step.permission, who)
    changed = {key for key, value in (changes or {}).items() if getattr(day, key) != value}
    day.state = step.target or day.state
    for attribute, value in (changes or {}).items():
        setattr(day, attribute, value)
    day.version += 1
    day.save()
    _record(day, name, who, at, text)
    day_moved.send(ReceptionDay, day=day, move=name, changed=frozenset(changed), actor=who, at=at)
    return day


def _record(day: ReceptionDay, name: str, actor: Actor, at: datetime, text: str = "") -> None:
    DayEvent.objects.create(
        day=day, at=at, move=name, actor=actor.user, actor_label=actor.label[:60], text=text.strip()[:300]
    )


@transaction.atomic
def set_day(plan: Plan, *, actor: User | Actor, at: datetime) -> ReceptionDay:
    """Put a reception day into the calendar. Raises Refused naming the field at fault."""
    who = Actor.of(actor)
    _check(plan, at)
    _check_free(plan)
    day = ReceptionDay.objects.create(**_columns(plan), made_by=who.user, made_at=at)
    # Only now there is a row a scope can reach: the district's own, the official's own.
    require(day, DAY_MOVES["prepare"].permission, who)
    _check_case(plan, who)
    _record(day, "set", who, at)
    day_moved.send(ReceptionDay, day=day, move="set", changed=frozenset(), actor=who, at=at)
    return day


@transaction.atomic
def set_days(plans: list[Plan], *, actor: User | Actor, at: datetime) -> list[ReceptionDay]:
    """Put a whole rhythm into the calendar: all of it or, when one day is refused, nothing."""
    return [set_day(plan, actor=actor, at=at) for plan in plans]


def collision(official: User, starts_at: datetime, ends_at: datetime, but: int | None = None) -> ReceptionDay | None:
    """Another live day of the official that overlaps; None when the time is free."""
    rows = ReceptionDay.objects.filter(official=official, state__in=LIVE, starts_at__lt=ends_at, ends_at__gt=starts_at)
    return rows.exclude(pk=but).order_by("starts_at").first()


@transaction.atomic
def change(day_id: int, plan: Plan, *, actor: User | Actor, at: datetime, version: int | None = None) -> ReceptionDay:
    """Change the day; after publishing, those who booked are told of another time, place or official.

    Raises Refused, for one: when fewer places are left than are taken already.
    """
    who = Actor.of(actor)
    _check(plan, at)
    # The official's row before the day's, as when a day is set: two changes never wait for each other.
    _check_free(plan, but=day_id)
    day = lock(day_id)
    _check_case(plan, who)
    taken = day.bookings.holding().count()
    if plan.capacity < taken:
        raise Refused(_("%(n)s places are taken already.") % {"n": taken}, field="capacity")
    columns = _columns(plan)
    if day.official_id == plan.official.pk:
        # As published, whatever post the official has meanwhile.
        columns["title"] = day.title
    was_official, was_published = day.official_id, day.state == DayState.PUBLISHED
    names = sorted(key for key in TOLD if getattr(day, key) != columns[key])
    day = move(day_id, "prepare", actor=who, at=at, version=version, changes=columns, text=" ".join(names))
    require(day, DAY_MOVES["prepare"].permission, who)
    if was_published and was_official != day.official_id:
        _tell_official(day, who, at)
    return day


@transaction.atomic
def publish(day_id: int, *, actor: User | Actor, at: datetime, version: int | None = None) -> ReceptionDay:
    """Open the day to everybody: citizens see and book it. Time and place are published (R22 art. 18)."""
    day = move(day_id, "publish", actor=actor, at=at, version=version, changes={"published_at": at})
    if day.starts_at <= at:
        raise Refused(_("This day has begun or is over. Change its time first."))
    _tell_official(day, Actor.of(actor), at)
    return day


@transaction.atomic
def call_off(
    day_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> ReceptionDay:
    """It does not take place. Every booking ends, and those who booked are told. Raises Refused without a reason."""
    if len(reason.strip()) < 4:
        raise Refused(_("Say why it is called off."), field="reason")
    day = move(day_id, "call_off", actor=actor, at=at, version=version, text=reason)
    if day.receptions.exists():
        raise Refused(_("People have been received already. Mark the day as held instead."))
    _end_bookings(day, "cancel", Actor.of(actor), at)
    return day


@transaction.atomic
def hold(day_id: int, *, actor: User | Actor, at: datetime, version: int | None = None) -> ReceptionDay:
    """The day is over: who booked and was neither received nor noted as come is noted as not come."""
    day = move(day_id, "hold", actor=actor, at=at, version=version)
    if city_day(day.starts_at) > city_day(at):
        raise Refused(_("This day has not come yet."))
    _end_bookings(day, "miss", Actor.of(actor), at)
    return day


def _end_bookings(day: ReceptionDay, name: str, actor: Actor, at: datetime) -> None:
    for pk in day.bookings.filter(state=BookingState.BOOKED).order_by("pk").values_list("pk", flat=True):
        bookings.move(pk, name, actor=actor, at=at)


def _columns(plan: Plan) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "official": plan.official,
        "title": plan.official.title,
        "area": plan.area,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "place": plan.place.strip()[:80],
        "subjects": plan.subjects.strip()[:100],
        "capacity": plan.capacity,
        "case": plan.case,
    }


def _check(plan: Plan, at: datetime) -> None:
    if not plan.official.is_active or plan.official.role != Role.LEAD_OFFICIAL:
        raise Refused(_("Choose a leading official with an account in use."), field="official")
    if len(plan.place.strip()) < 2:
        raise Refused(_("Say where people are received."), field="place")
    if not plan.starts_at < plan.ends_at <= plan.starts_at + LONGEST:
        raise Refused(_("The end must be after the beginning, on the same day."), field="ends_at")
    if city_day(plan.starts_at) < city_day(at):
        raise Refused(_("Choose a day from today on."), field="starts_at")
    if not 0 <= plan.capacity <= 200:
        raise Refused(_("Between 0 and 200 places."), field="capacity")


def _check_case(plan: Plan, actor: Actor) -> None:
    if plan.kind != ReceptionKind.WITH_CASE:
        if plan.case is not None:
            raise Refused(_("Only a visit with a case takes a backlog case along."), field="case")
        return
    if plan.case is None:
        raise Refused(_("A visit with a case needs the backlog case."), field="case")
    if not BacklogCase.objects.within(actor, "backlog.view").filter(pk=plan.case.pk).exists():
        raise Refused(_("There is no such backlog case."), field="case")


def _check_free(plan: Plan, but: int | None = None) -> None:
    """One official is at one place at a time. Their row is locked, so that two days set at once cannot both pass."""
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=plan.official.pk)
    other = collision(plan.official, plan.starts_at, plan.ends_at, but)
    if other is not None:
        words = {
            "official": plan.official,
            "time": date_format(localtime(other.starts_at), "Y-m-d H:i"),
            "place": other.place,
        }
        raise Refused(_("%(official)s receives elsewhere then: %(time)s, %(place)s.") % words, field="starts_at")


def _tell_official(day: ReceptionDay, actor: Actor, at: datetime) -> None:
    if actor.user is None or actor.user.pk != day.official_id:
        link = {"link": reverse("reception_day", args=[day.pk])}
        key = f"reception:{day.pk}:{day.version}"
        notify([day.official], kind="reception_set", key=key, at=at, params=link)
