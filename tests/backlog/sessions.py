"""Weekly dispatches for tests, through the real actions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from backlog.actions import agenda, meetings
from backlog.actions.agenda import TaskDraft
from backlog.models import AgendaItem, BacklogCase, Meeting
from dispatch.clocks import city_day
from tests.city import City

# The Wednesday after tests.city.MONDAY, nine o'clock in Shanghai.
WEDNESDAY = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def planned(city: City, *, actor: User | None = None, **changes: Any) -> Meeting:
    """The city's meeting on Wednesday with a proposed agenda."""
    fields: dict[str, Any] = {
        "area": city.areas["330200"],
        "starts_at": WEDNESDAY,
        "chair": city.lead_official,
        "actor": actor or city.conference_officer,
        "at": city.at,
        **changes,
    }
    return meetings.plan(**fields)


def live(city: City, meeting: Meeting | None = None, **changes: Any) -> Meeting:
    """In session."""
    meeting = meeting or planned(city, **changes)
    return meetings.begin(meeting.pk, actor=city.conference_officer, at=meeting.starts_at)


def draft(city: City, *, at: datetime = WEDNESDAY, **changes: Any) -> TaskDraft:
    """A task for 海曙区住建局 within a week."""
    fields: dict[str, Any] = {
        "text": "约谈开发商并提交缴款计划",
        "unit": city.housing,
        "due_on": city_day(at) + timedelta(days=7),
        "owner": city.handler,
    }
    return TaskDraft(**{**fields, **changes})


def settled(city: City, item: AgendaItem, outcome: str = "decided", **changes: Any) -> AgendaItem:
    """What came of a case."""
    words = {"decision": "由区住建局牵头办证。", "discussion": "欠缴土地出让金。"} if outcome != "skipped" else {}
    fields: dict[str, Any] = {"actor": city.conference_officer, "at": item.meeting.starts_at, **words, **changes}
    return agenda.settle(item.pk, outcome=outcome, **fields)


def closed(city: City, *cases: BacklogCase, tasks: bool = True, **changes: Any) -> Meeting:
    """A meeting that decided on all its cases, with a task each."""
    meeting = live(city, planned(city, size=0 if cases else 8, **changes) if not cases else _with(city, cases, changes))
    for item in meeting.items.all():
        settled(city, item, tasks=[draft(city, at=meeting.starts_at)] if tasks else [])
    return meetings.close(meeting.pk, actor=city.conference_officer, at=meeting.starts_at + timedelta(hours=1))


def _with(city: City, cases: tuple[BacklogCase, ...], changes: dict[str, Any]) -> Meeting:
    meeting = planned(city, size=0, **changes)
    for case in cases:
        agenda.add(meeting.pk, case.pk, actor=city.conference_officer, at=city.at)
    return meeting


def case_of(city: City, name: str) -> Any:
    """The case a fixture has laid by under this name."""
    return city.__dict__[name]
