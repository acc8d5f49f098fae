"""What the pages of task forces and workgroups show: cases by state, progress beside time, rhythm, coverage."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.dates import WEEKDAYS
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from backlog.group_rhythm import next_meeting, next_report
from backlog.models import BacklogCase, GroupReport, Milestone, TaskForce, Workgroup
from backlog.querysets import LEAST_MEMBERS
from backlog.states import SETTLED_STATES, CaseState
from dispatch.clocks import city_day


@dataclass(frozen=True)
class Figures:
    """Cases of a force or a district, as far as the reader sees them."""

    listed: int = 0
    stock: int = 0
    settled: int = 0

    @property
    def percent(self) -> int:
        """Settled in a hundred taken up (化解率)."""
        return round(100 * self.settled / self.listed) if self.listed else 0


def figures_by(user: User, column: str) -> dict[int | None, Figures]:
    """The figures by `force` or `district`, in one statement."""
    rows = BacklogCase.objects.visible_to(user).filter(listed_at__isnull=False).order_by().values(column)
    rows = rows.annotate(
        listed=Count("pk"),
        stock=Count("pk", filter=Q(is_open=True)),
        settled=Count("pk", filter=Q(state__in=SETTLED_STATES)),
    )
    return {row[column]: Figures(row["listed"], row["stock"], row["settled"]) for row in rows}


def states_of(user: User, where: Q) -> list[dict[str, Any]]:
    """Cases by state, in the order of their life, empty states left out."""
    rows = BacklogCase.objects.visible_to(user).filter(where, listed_at__isnull=False).order_by()
    found = dict(rows.values_list("state").annotate(n=Count("pk")))
    total = sum(found.values())
    return [
        {"state": state.value, "label": state.label, "n": found[state], "share": round(100 * found[state] / total, 1)}
        for state in CaseState
        if state in found
    ]


def missed_of(user: User, where: dict[str, Any], at: datetime, most: int = 8) -> list[Milestone]:
    """The milestones missed longest."""
    rows = Milestone.objects.visible_to(user).standing().filter(actual_on=None, planned_on__lt=city_day(at))
    rows = rows.filter(case__is_open=True, **{f"case__{name}": value for name, value in where.items()})
    return list(rows.select_related("case__district", "case__leader").order_by("planned_on", "id")[:most])


def time_share(force: TaskForce, today: date) -> int | None:
    """How much of the campaign has passed, in per cent; None without its days."""
    if force.begins_on is None or force.ends_on is None or force.ends_on <= force.begins_on:
        return None
    passed = (today - force.begins_on).days / (force.ends_on - force.begins_on).days
    return round(100 * min(max(passed, 0), 1))


@dataclass(frozen=True)
class ForceLine:
    """A task force on the board."""

    force: TaskForce
    figures: Figures
    time: int | None

    @property
    def is_behind(self) -> bool:
        """Less is settled than time has passed."""
        return self.time is not None and self.figures.listed > 0 and self.figures.percent < self.time

    @property
    def lag(self) -> int:
        return (self.time or 0) - self.figures.percent


@dataclass(frozen=True)
class GroupLine:
    """A workgroup on the board; the row carries `people` and `last_report`."""

    group: Any
    figures: Figures
    at: datetime

    @cached_property
    def missing(self) -> list[str]:
        """Why it does not count for the coverage; empty when it does. The same rule as `WorkgroupQuerySet.standing`."""
        group = self.group
        found = []
        if not group.is_active:
            return [_("not at work")]
        if group.leader_id is None:
            found.append(_("no leader"))
        if group.people < LEAST_MEMBERS:
            lacking = LEAST_MEMBERS - group.people
            found.append(ngettext("%(n)d member too few", "%(n)d members too few", lacking) % {"n": lacking})
        if group.meets_on is None or group.meets_at is None:
            found.append(_("no meeting day"))
        if not group.rules:
            found.append(_("no rules"))
        return found

    @property
    def rhythm(self) -> str:
        return rhythm_words(self.group)

    @property
    def next_meeting(self) -> datetime | None:
        return next_meeting(self.group, self.at) if self.group.is_active else None

    @property
    def next_report(self) -> date | None:
        return next_report(self.group, self.group.last_report) if self.group.is_active else None

    @property
    def days_late(self) -> int:
        """Days the report is late, 0 when it is not."""
        expected = self.next_report
        return max((city_day(self.at) - expected).days, 0) if expected is not None else 0


def rhythm_words(group: Workgroup) -> str:
    """`Monday 09:00`, '' without a meeting day."""
    if group.meets_on is None or group.meets_at is None:
        return ""
    return f"{WEEKDAYS[group.meets_on]} {group.meets_at:%H:%M}"


def force_lines(user: User, at: datetime, rows: Sequence[TaskForce] | None = None) -> list[ForceLine]:
    """Task forces, those at rest last."""
    found = figures_by(user, "force")
    if rows is None:
        rows = list(TaskForce.objects.visible_to(user).select_related("leader", "lead_unit"))
    today = city_day(at)
    lines = [ForceLine(force, found.get(force.pk, Figures()), time_share(force, today)) for force in rows]
    return sorted(lines, key=lambda line: not line.force.is_active)


def groups(user: User) -> Any:
    """Workgroups with what a line needs."""
    last = GroupReport.objects.filter(group=OuterRef("pk")).order_by("-on", "-id").values("on")[:1]
    rows: Any = Workgroup.objects.visible_to(user)
    rows = rows.with_members().annotate(last_report=Subquery(last))
    return rows.select_related("district", "leader", "office")


def group_lines(user: User, at: datetime) -> list[GroupLine]:
    """Workgroups in the order of their districts."""
    found = figures_by(user, "district")
    return [GroupLine(group, found.get(group.district_id, Figures()), at) for group in groups(user)]


_HEADING = re.compile(r"^([一二三四五六七八九十]+、|第[一二三四五六七八九十]+[章条])")


def paragraphs(rules: str) -> list[tuple[bool, str]]:
    """Rules line by line: whether it is a heading, and its text."""
    rows = (line.strip() for line in rules.splitlines())
    return [(bool(_HEADING.match(line)) and len(line) <= 24, line) for line in rows if line]
