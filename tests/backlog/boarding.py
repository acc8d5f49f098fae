"""A small backlog with every kind of row the wall counts; rows are written directly, for only reads are tried here."""

from datetime import date, datetime, time, timedelta
from typing import Any

from backlog.actions import deadlines
from backlog.models import (
    AgendaItem,
    BacklogCase,
    CaseLink,
    GroupMember,
    Meeting,
    Milestone,
    Reception,
    ReceptionDay,
    Renewal,
    Task,
    TaskForce,
    Workgroup,
)
from dispatch.clocks import city_day, end_of_day
from dispatch.models import Clock, Policy
from tests.city import City, make_petition

DAY = timedelta(days=1)


def add_case(
    city: City, serial: int, *, district: str = "330203", state: str = "working", **changes: Any
) -> BacklogCase:
    """A listed case on a petition of its own."""
    petition = changes.pop("petition", None) or make_petition(city)
    at: datetime = city.at
    fields: dict[str, Any] = {
        "year": 2026,
        "serial": serial,
        "state": state,
        "is_open": state in {"listed", "working", "applied", "signed", "checked", "rebounded"},
        "title": f"安置房面积补差争议{serial}",
        "petition": petition,
        "district": city.areas[district],
        "lead_unit": city.housing,
        "source": "hand",
        "since": date(2024, 11, 16) - serial * DAY,
        "nominated_at": at - 90 * DAY,
        "listed_at": at - 80 * DAY,
        "progressed_at": at - 5 * DAY,
    }
    case = BacklogCase.objects.create(**{**fields, **changes})
    CaseLink.objects.create(case=case, petition=petition, added_at=at)
    return case


def add_clock(subject: str, key: int, due_at: datetime, city: City, *, state: str = "running") -> Clock:
    """A deadline of a case, a milestone or a task."""
    policy = Policy.objects.get(
        key={"backlog": "B_progress", "milestone": "B_milestone", "task": "B_task"}[subject], is_current=True
    )
    return Clock.objects.create(
        policy=policy,
        subject=subject,
        subject_id=key,
        unit=city.housing,
        state=state,
        started_at=city.at - 30 * DAY,
        due_at=due_at,
    )


def end_of(day: date) -> datetime:
    return end_of_day(day)


def build_backlog(city: City) -> dict[str, BacklogCase]:
    """Eight cases in two districts, their deadlines, a meeting, receptions and a workgroup, around `city.at`."""
    at, today = city.at, city_day(city.at)
    legacy = TaskForce.objects.create(
        key="legacy", name="历史遗留", name_en="Legacy issues", begins_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
    )
    rural = TaskForce.objects.create(key="rural", name="农村农业", name_en="Rural affairs", position=1)
    far = "330225"
    cases = {
        "led": add_case(city, 1, force=legacy, leader=city.lead_official),
        "stuck": add_case(city, 2, force=legacy, progressed_at=at - 40 * DAY),
        "new": add_case(city, 3, force=rural, state="listed", listed_at=at - 3 * DAY, progressed_at=None),
        "settled": add_case(
            city, 4, force=rural, state="certified", settled_at=at - 10 * DAY, leader=city.lead_official
        ),
        "struck": add_case(
            city, 5, district=far, state="struck_off", settled_at=at - 400 * DAY, listed_at=at - 500 * DAY
        ),
        "rebounded": add_case(city, 6, district=far, force=legacy, state="rebounded", rebounds=1),
        "ended": add_case(city, 7, district=far, state="ended", settled_at=at - 2 * 3600 * timedelta(seconds=1)),
        "nominated": add_case(city, 8, state="nominated", listed_at=None),
    }
    _deadlines(city, cases, today)
    _rhythm(city, cases, at)
    group = Workgroup.objects.create(
        district=city.areas["330203"],
        name="海曙专班",
        leader=city.lead_official,
        meets_on=0,
        meets_at=time(9),
        rules="一、职责",
    )
    for name in ("陈洛平", "王建国", "李敏"):
        GroupMember.objects.create(group=group, name=name)
    Workgroup.objects.create(district=city.areas[far], name="象山专班", is_active=False)
    return cases


def _deadlines(city: City, cases: dict[str, BacklogCase], today: date) -> None:
    missed = Milestone.objects.create(
        case=cases["led"], name="签约", planned_on=today - 2 * DAY, first_planned_on=today - 2 * DAY
    )
    add_clock("milestone", missed.pk, end_of(today - 2 * DAY), city)
    # The same case is overdue with its own report as well, longer: it counts once, on the longer step.
    add_clock("backlog", cases["led"].pk, end_of(today - 5 * DAY), city)
    add_clock("backlog", cases["rebounded"].pk, end_of(today - 40 * DAY), city)
    add_clock("backlog", cases["stuck"].pk, end_of(today), city)
    # Met long ago: no matter.
    add_clock("backlog", cases["new"].pk, end_of(today - 9 * DAY), city, state="met")
    task = Task.objects.create(
        case=cases["new"],
        origin="case",
        text="核对面积测绘资料",
        unit=city.housing,
        owner=city.handler,
        due_on=today + 3 * DAY,
        assigned_at=city.at,
    )
    add_clock("task", task.pk, end_of(today + 3 * DAY), city)
    deadlines.refresh([case.pk for case in cases.values()])
    for stage in range(1, 6):
        Renewal.objects.create(case=cases["led"], round=1, stage=stage, done_on=today, text="完成", at=city.at)
    BacklogCase.objects.filter(pk=cases["led"].pk).update(renewed_round=1)
    Renewal.objects.create(case=cases["stuck"], round=1, stage=1, done_on=today, text="完成", at=city.at)


def _rhythm(city: City, cases: dict[str, BacklogCase], at: datetime) -> None:
    whole = city.areas["330200"]
    held = Meeting.objects.create(
        area=whole, year=2026, serial=1, title="第1次", state="closed", starts_at=at - 20 * DAY, closed_at=at - 20 * DAY
    )
    earlier = Meeting.objects.create(
        area=whole, year=2025, serial=9, title="去年", state="closed", starts_at=at - 400 * DAY
    )
    Meeting.objects.create(
        area=whole, year=2026, serial=2, title="第2次", starts_at=at + 2 * DAY, chair=city.conference_officer
    )
    for place, (key, outcome) in enumerate([("settled", "decided"), ("led", "adjourned"), ("new", "skipped")]):
        AgendaItem.objects.create(meeting=held, case=cases[key], position=place, outcome=outcome)
    AgendaItem.objects.create(meeting=earlier, case=cases["struck"], position=0, outcome="decided")
    for number, area in enumerate(["330203", "330200"]):
        day = ReceptionDay.objects.create(
            kind="hall",
            state="held",
            official=city.lead_official,
            area=city.areas[area],
            starts_at=at - (number + 1) * 7 * DAY,
            ends_at=at - (number + 1) * 7 * DAY + timedelta(hours=3),
            place="接待大厅",
            made_at=at,
        )
        for seq in range(1, number + 2):
            Reception.objects.create(day=day, seq=seq, persons=seq * 2, matter="安置房", at=at)
