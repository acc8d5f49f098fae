"""Backlog cases to plan on."""

from datetime import date, datetime, timedelta
from typing import Any

from backlog.models import BacklogCase, CaseOfficial, Milestone
from tests.backlog import cases
from tests.city import City


def make_case(city: City, state: str = "working", *, at: datetime | None = None, **given: Any) -> BacklogCase:
    """A case of 海曙区 at work, with 住建局 responsible and the lead official named."""
    given.setdefault("leader", city.people["lead_official"])
    given.setdefault("title", f"某小区安置房久拖未交付之{BacklogCase.objects.count() + 1}")
    case = cases.make_case(city, state, at=at, **given)
    if case.leader is not None:
        CaseOfficial.objects.create(case=case, user=case.leader, part="lead", since=at or city.at)
    return case


def plan_days(case: BacklogCase, today: date, *days: tuple[str, int, int, int | None]) -> list[Milestone]:
    """Milestones as rows: name, first and planned day and the day reached, counted from today. No clocks run."""
    rows = []
    for place, (name, start, planned, actual) in enumerate(days, start=1):
        day = today + timedelta(days=planned)
        rows.append(
            Milestone.objects.create(
                case=case,
                name=name,
                position=place,
                starts_on=today + timedelta(days=start),
                planned_on=day,
                first_planned_on=day,
                actual_on=None if actual is None else today + timedelta(days=actual),
            )
        )
    return rows


USUAL = (
    ("查清历史沿革", -60, -46, -47),
    ("会商定责", -46, -38, -30),
    ("形成化解方案", -30, -9, None),
    ("与信访人协商", -9, 5, None),
    ("签订协议", 5, 30, None),
    ("兑现落实", 30, 75, None),
)
