"""Reads of the weekly dispatch: what the agenda proposes, what earlier meetings left open, who sees which case."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from accounts.roles import Scope
from backlog.models import AgendaItem, BacklogCase, Meeting, Task, Workgroup
from backlog.querysets import district_of, open_cases
from backlog.score import Score, scores
from backlog.states import (
    ITEM_OUTCOMES,
    OPEN_TASK_STATES,
    SETTLED_STATES,
    ItemOutcome,
    MeetingState,
    TaskOrigin,
)
from dispatch.calendar import CITY_TIME
from dispatch.clocks import city_day

# At least so many new cases, however much is left of earlier meetings.
NEW = 3


# ---- proposing ----


def last_meeting(area: Area | int, before: datetime) -> Meeting | None:
    """The area's last closed meeting before a moment."""
    rows = Meeting.objects.filter(area=area, state=MeetingState.CLOSED, starts_at__lt=before)
    return rows.order_by("-starts_at", "-id").first()


def follow_up_tasks(area: Area | int, before: datetime) -> QuerySet[Task]:
    """Tasks of the area's earlier meetings that are still to be done, by their day."""
    rows = Task.objects.filter(
        state__in=OPEN_TASK_STATES,
        origin=TaskOrigin.MEETING,
        item__meeting__area=area,
        item__meeting__state=MeetingState.CLOSED,
        item__meeting__starts_at__lt=before,
    )
    return rows.select_related("unit", "owner", "case", "item__meeting__area").order_by("due_on", "id")


def proposals(meeting: Meeting, actor: Actor, *, at: datetime, size: int) -> list[Score]:
    """What the agenda proposes, in order: cases the last meeting left open or whose tasks are late, then the hardest.

    A case the last meeting decided comes again only while something it ordered is open; at least `NEW` of the
    proposals are of the second kind, if there are so many open cases. What stands on another agenda in preparation
    is left out.
    """
    cases = candidates(meeting, actor)
    last = last_meeting(meeting.area_id, meeting.starts_at)
    again = _left_open(meeting, last, at)
    ranked = scores(cases.filter(pk__in=again), at=at)
    order = {case_id: place for place, case_id in enumerate(again)}
    follow = sorted(ranked, key=lambda row: order[row.case_id])
    rest = cases.exclude(pk__in=again)
    if last is not None:
        rest = rest.exclude(pk__in=last.items.filter(outcome__in=ITEM_OUTCOMES).values("case_id"))
    fresh = scores(rest, at=at, limit=size)
    room = max(size - min(NEW, len(fresh)), 0)
    kept = follow[:room]
    return [*kept, *fresh[: size - len(kept)]]


def candidates(meeting: Meeting, actor: Actor) -> QuerySet[BacklogCase]:
    """Open cases of the meeting's area that stand on no other agenda in preparation."""
    others = AgendaItem.objects.filter(meeting__area=meeting.area_id, meeting__state=MeetingState.PLANNED)
    rows: QuerySet[BacklogCase] = BacklogCase.objects.within(actor, "backlog.run_meeting").filter(is_open=True)
    if meeting.area.kind != "city":
        rows = rows.filter(district=meeting.area_id)
    return rows.exclude(pk__in=others.exclude(meeting=meeting.pk).values("case_id"))


def _left_open(meeting: Meeting, last: Meeting | None, at: datetime) -> list[int]:
    """Keys of cases: adjourned or not called last time, then those with a task of it open or of any meeting late."""
    if last is None:
        return []
    left = last.items.filter(outcome__in=[ItemOutcome.ADJOURNED, ItemOutcome.SKIPPED])
    found = list(left.order_by("position").values_list("case_id", flat=True))
    tasks = follow_up_tasks(meeting.area_id, meeting.starts_at)
    late = tasks.filter(Q(item__meeting=last.pk) | Q(due_on__lt=city_day(at)))
    found += list(late.values_list("case_id", flat=True))
    return list(dict.fromkeys(key for key in found if key is not None))


def sites_wanted(meeting: Meeting) -> list[Unit]:
    """Units that should take part for the cases on the agenda: workgroups' offices, else the petition offices."""
    items = meeting.items.all()
    if meeting.area.kind != "city":
        return list(Unit.objects.filter(pk__in=items.values("case__lead_unit"), is_active=True).order_by("code"))
    districts = set(items.values_list("case__district_id", flat=True))
    groups = Workgroup.objects.filter(district__in=districts, office__isnull=False, office__is_active=True)
    found = {row.district_id: row.office for row in groups.select_related("office")}
    offices = Unit.objects.filter(kind=Unit.Kind.PETITION_OFFICE, area__in=districts - set(found), is_active=True)
    for unit in offices.order_by("-code"):
        found[unit.area_id] = unit
    return [unit for _district, unit in sorted(found.items()) if unit is not None]


# ---- who sees which case of a meeting ----


def sees_all(meeting: Meeting, user: User) -> bool:
    """Whether the person reads the whole agenda, not only the own cases on it."""
    if user.pk in {meeting.chair_id, meeting.secretary_id}:
        return True
    scope = Actor.of(user).scope_for("backlog.view_meetings")
    return scope == Scope.CITY or (scope == Scope.AREA and meeting.area_id == district_of(Actor.of(user)))


def items_for(meeting: Meeting, user: User) -> QuerySet[AgendaItem]:
    """The items the person may read, without those of cases they are kept out of."""
    rows = meeting.items.select_related("case__district", "case__lead_unit", "case__leader", "case__force")
    if sees_all(meeting, user):
        return rows.filter(open_cases(Actor.of(user), "case_id"))
    return rows.filter(case__in=BacklogCase.objects.visible_to(user).values("pk"))


# ---- counting ----


@dataclass(frozen=True)
class YearFigures:
    """The counters of a year (调度件化解率 = settled among those discussed, §3.10)."""

    held: int
    cases: int
    settled: int
    tasks: int
    tasks_open: int

    @property
    def settled_rate(self) -> int | None:
        """Per cent, None while nothing was discussed."""
        return round(100 * self.settled / self.cases) if self.cases else None


def figures(user: User, year: int) -> YearFigures:
    """Meetings held, cases discussed (each once), settled among them, tasks given and open, as the person sees them."""
    meetings = Meeting.objects.visible_to(user).filter(year=year, state=MeetingState.CLOSED)
    items = AgendaItem.objects.filter(meeting__in=meetings.values("pk"), outcome__in=ITEM_OUTCOMES)
    cases = BacklogCase.objects.visible_to(user).filter(Exists(items.filter(case=OuterRef("pk"))))
    counts = cases.aggregate(all=Count("pk"), settled=Count("pk", filter=Q(state__in=SETTLED_STATES)))
    tasks = Task.objects.filter(item__in=items.values("pk"), case__in=cases.values("pk")).exclude(state="dropped")
    given = tasks.aggregate(all=Count("pk"), open=Count("pk", filter=Q(state__in=OPEN_TASK_STATES)))
    return YearFigures(meetings.count(), counts["all"], counts["settled"], given["all"], given["open"])


def years(user: User) -> list[int]:
    """The years with meetings, the latest first."""
    rows = Meeting.objects.visible_to(user).order_by("-year").values_list("year", flat=True).distinct()
    return list(rows)


def with_counts(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Meetings with how many cases were on the agenda, discussed and decided."""
    return rows.select_related("area", "chair").annotate(
        cases=Count("items"),
        discussed=Count("items", filter=Q(items__outcome__in=ITEM_OUTCOMES)),
        decided=Count("items", filter=Q(items__outcome=ItemOutcome.DECIDED)),
    )


def history_of(case: BacklogCase, user: User) -> list[dict[str, Any]]:
    """The meetings a case was or is on, the latest first, with the tasks that came of each."""
    visible = Meeting.objects.visible_to(user)
    items = case.agenda_items.filter(meeting__in=visible.values("pk")).exclude(meeting__state=MeetingState.CALLED_OFF)
    rows = list(items.select_related("meeting__area", "meeting__chair").order_by("-meeting__starts_at", "-pk"))
    tasks: dict[int, list[Task]] = {}
    for task in Task.objects.filter(item__in=[row.pk for row in rows]).select_related("unit", "owner").order_by("pk"):
        tasks.setdefault(task.item_id or 0, []).append(task)
    return [{"item": row, "meeting": row.meeting, "tasks": tasks.get(row.pk, [])} for row in rows]


def next_wednesday(at: datetime) -> datetime:
    """The next Wednesday, 09:00 in Asia/Shanghai, after `at`: when the weekly dispatch is held."""
    day = city_day(at)
    start = datetime.combine(day + timedelta(days=(2 - day.weekday()) % 7), time(9), tzinfo=CITY_TIME)
    return start if start > at else start + timedelta(days=7)
