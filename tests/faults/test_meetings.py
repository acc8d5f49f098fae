"""Two secretaries at once on real PostgreSQL: nothing lost, nothing doubled, no deadlock."""

from collections.abc import Callable
from typing import Any

import pytest

from backlog.actions import agenda, meetings, tasking
from backlog.models import AgendaItem, CaseEvent, Meeting, Task
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.backlog.sessions import WEDNESDAY, draft, live, planned, settled
from tests.city import City, build_city
from tests.faults.test_concurrency import together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(transactional_db: None) -> City:
    city = build_city()
    for n in range(4):
        make_case(city, title=f"第{n + 1}件积案")
    return city


def test_one_case_is_put_on_once(town: City) -> None:
    meeting = planned(town, size=0)
    case = make_case(town)
    jobs: list[Callable[[], Any]] = [
        lambda: agenda.add(meeting.pk, case.pk, actor=town.officer, at=town.at) for _n in range(4)
    ]
    results = together(*jobs)
    assert [r.code for r in results if isinstance(r, Refused)] == ["there"] * 3
    assert meeting.items.count() == 1


def test_two_write_on_one_case_and_one_is_told(town: City) -> None:
    item = live(town).items.first()
    seen = item.version

    def write(who: Any, words: str) -> Callable[[], Any]:
        return lambda: agenda.note(item.pk, discussion=words, decision="", actor=who, at=WEDNESDAY, version=seen)

    results = together(write(town.officer, "甲的记录"), write(town.conference_officer, "乙的记录"))
    refused = [r for r in results if isinstance(r, Refused)]
    assert [r.code for r in refused] == ["stale"]
    kept = AgendaItem.objects.get(pk=item.pk)
    assert (kept.version, kept.discussion) == (
        seen + 1,
        next(r for r in results if not isinstance(r, Refused)).discussion,
    )


def test_each_decides_on_a_case_of_their_own_at_once(town: City) -> None:
    items = list(live(town).items.all())
    jobs: list[Callable[[], Any]] = [
        (lambda item=item, who=who: settled(town, item, tasks=[draft(town)], actor=who))
        for item, who in zip(items, [town.officer, town.conference_officer] * 2, strict=True)
    ]
    assert not [r for r in together(*jobs) if isinstance(r, Exception)]
    assert Task.objects.count() == len(items)
    assert set(AgendaItem.objects.values_list("outcome", flat=True)) == {"decided"}


def test_it_is_closed_once_while_a_task_of_it_is_confirmed(town: City) -> None:
    meeting = live(town)
    for item in meeting.items.all():
        settled(town, item, tasks=[draft(town)])
    tasks = list(Task.objects.all())
    jobs: list[Callable[[], Any]] = [
        lambda: meetings.close(meeting.pk, actor=town.officer, at=WEDNESDAY),
        lambda: meetings.close(meeting.pk, actor=town.conference_officer, at=WEDNESDAY),
        *[
            (lambda task=task: tasking.confirm(task.pk, result="已办结。", actor=town.officer, at=WEDNESDAY))
            for task in tasks
        ],
    ]
    results = together(*jobs)
    assert len([r for r in results[:2] if isinstance(r, Refused)]) == 1
    assert not [r for r in results[2:] if isinstance(r, Exception)]
    assert Meeting.objects.get(pk=meeting.pk).state == "closed"
    assert CaseEvent.objects.filter(move="discuss").count() == len(tasks)
