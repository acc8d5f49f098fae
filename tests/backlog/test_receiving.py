"""What is recorded of a batch: its words, its task, its trace on petition and backlog case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings

from backlog.actions import bookings, receiving, receptions, visitors
from backlog.actions.receiving import Visit
from backlog.models import CaseEvent, Reception, ReceptionDay, Task
from backlog.states import BookingState, CaseState, DayState
from dispatch.clocks import city_day
from dispatch.models import Clock, Notice
from petitions.models import Event, Petition
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.backlog.days import a_day, booked, published
from tests.city import City, make_petition
from tests.dispatch.test_supervision import accusation

MATTER = "三号楼电梯停运两个月，老人出行困难。"


def visit(city: City, **changes: object) -> Visit:
    fields = {"matter": MATTER, "visitor": "周小琴", "persons": 2, "result": "explained"}
    return Visit(**{**fields, **changes})  # type: ignore[arg-type]


def test_what_is_given_to_a_unit_becomes_its_task_with_a_clock(city: City) -> None:
    day = published(city)
    due = city_day(day.starts_at) + timedelta(days=7)
    given = visit(city, result="handed", unit=city.housing, due_on=due, opinion="请住建局一周内修复。")
    row = receiving.receive(day.pk, given, actor=city.lead_official, at=day.starts_at)
    task = Task.objects.get(reception=row)
    assert (task.unit, task.due_on, task.text, task.origin) == (city.housing, due, "请住建局一周内修复。", "reception")
    clock = Clock.objects.get(subject="task", subject_id=task.pk)
    assert city_day(clock.due_at) == due
    assert Notice.objects.filter(kind="task_given", recipient=city.leader).exists()


def test_the_batches_of_a_day_are_numbered(city: City) -> None:
    day = published(city)
    rows = [receiving.receive(day.pk, visit(city), actor=city.officer, at=day.starts_at) for _n in range(3)]
    assert [row.seq for row in rows] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"matter": " "}, "matter"),
        ({"persons": 0}, "persons"),
        ({"result": "handed"}, "unit"),
        ({"result": "gone"}, "result"),
    ],
)
def test_what_is_missing_is_named(city: City, changes: dict[str, object], field: str) -> None:
    day = published(city)
    with pytest.raises(Refused) as refused:
        receiving.receive(day.pk, visit(city, **changes), actor=city.officer, at=day.starts_at)
    assert refused.value.field == field
    assert not Reception.objects.exists()


def test_a_unit_needs_a_day_and_words(city: City) -> None:
    day = published(city)
    due = city_day(day.starts_at) + timedelta(days=7)
    for changes, field in (
        ({"unit": city.housing}, "due_on"),
        ({"due_on": due}, "unit"),
        ({"unit": city.housing, "due_on": due}, "opinion"),
    ):
        with pytest.raises(Refused) as refused:
            receiving.receive(day.pk, visit(city, **changes), actor=city.officer, at=day.starts_at)
        assert refused.value.field == field
    # A refused task leaves no reception behind.
    past = visit(city, unit=city.housing, due_on=due - timedelta(days=30), opinion="请尽快修复")
    with pytest.raises(Refused):
        receiving.receive(day.pk, past, actor=city.officer, at=day.starts_at)
    assert not Reception.objects.exists()


def test_nothing_is_recorded_before_the_day_nor_on_one_called_off(city: City) -> None:
    day = published(city)
    with pytest.raises(Refused):
        receiving.receive(day.pk, visit(city), actor=city.officer, at=day.starts_at - timedelta(days=1))
    receptions.call_off(day.pk, reason="领导有紧急公务", actor=city.officer, at=city.at)
    with pytest.raises(Refused):
        receiving.receive(day.pk, visit(city), actor=city.officer, at=day.starts_at)


def test_a_held_day_takes_what_was_forgotten_and_a_used_day_is_not_called_off(city: City) -> None:
    day = published(city)
    receiving.receive(day.pk, visit(city), actor=city.officer, at=day.starts_at)
    with pytest.raises(Refused):
        receptions.call_off(day.pk, reason="领导有紧急公务", actor=city.officer, at=day.starts_at)
    receptions.hold(day.pk, actor=city.officer, at=day.ends_at)
    receiving.receive(day.pk, visit(city), actor=city.officer, at=day.ends_at + timedelta(days=1))
    assert ReceptionDay.objects.get().state == DayState.HELD


def test_a_booking_is_recorded_once_and_its_person_has_come(city: City) -> None:
    day = published(city)
    booking, _code = booked(city, day)
    row = receiving.receive(day.pk, visit(city, booking=booking), actor=city.officer, at=day.starts_at)
    booking.refresh_from_db()
    assert (booking.state, row.booking) == (BookingState.CAME, booking)
    with pytest.raises(Refused) as refused:
        receiving.receive(day.pk, visit(city, booking=booking), actor=city.officer, at=day.starts_at)
    assert refused.value.code == "twice"
    other, _code = booked(city, day, phone="13900000009")
    bookings.cancel_own(other.pk, at=city.at)
    with pytest.raises(Refused):
        receiving.receive(day.pk, visit(city, booking=other), actor=city.officer, at=day.starts_at)


def test_somebody_elses_day_is_not_written_on(city: City) -> None:
    day = published(city)
    for key in ("far_officer", "conference_officer", "inspector", "leader", "handler", "agent"):
        with pytest.raises(Refused):
            receiving.receive(day.pk, visit(city), actor=city.people[key], at=day.starts_at)


def test_petition_and_case_know_that_the_person_was_received(city: City) -> None:
    case = make_case(city, CaseState.WORKING)
    day = a_day(city, kind="with_case", case=case, capacity=0)
    row = receiving.receive(day.pk, visit(city, case=case), actor=city.officer, at=day.starts_at)
    # The words belong to the main petition: one day they are emptied with it.
    assert row.petition == case.petition
    event = Event.objects.get(petition=case.petition, kind="reception")
    assert event.data == {"reception": row.pk, "kind": "with_case", "persons": 2, "result": "explained"}
    assert MATTER not in bytes(event.body).decode()
    assert CaseEvent.objects.get(case=case, move="receive").data["reception"] == row.pk
    case.refresh_from_db()
    assert case.progressed_at == day.starts_at
    assert case.state == CaseState.WORKING


def test_a_closed_case_takes_no_reception(city: City) -> None:
    case = make_case(city, CaseState.ENDED)
    day = published(city)
    with pytest.raises(Refused):
        receiving.receive(day.pk, visit(city, case=case), actor=city.officer, at=day.starts_at)
    assert not Reception.objects.exists()


def test_no_task_is_given_on_a_settled_case(city: City) -> None:
    case = make_case(city, CaseState.CERTIFIED)
    day = published(city)
    due = city_day(day.starts_at) + timedelta(days=7)
    given = visit(city, case=case, unit=city.housing, due_on=due, opinion="请继续跟进。")
    with pytest.raises(Refused) as refused:
        receiving.receive(day.pk, given, actor=city.officer, at=day.starts_at)
    assert refused.value.field == "unit"
    assert not Task.objects.exists()
    receiving.receive(day.pk, visit(city, case=case), actor=city.officer, at=day.starts_at)


def test_the_task_of_a_batch_is_hidden_and_emptied_with_it(city: City) -> None:
    day, petition = published(city), make_petition(city)
    due = city_day(day.starts_at) + timedelta(days=7)
    given = visit(city, unit=city.housing, due_on=due, opinion="请住建局一周内修复。")
    loose = receiving.receive(day.pk, given, actor=city.officer, at=day.starts_at)
    tied = receiving.receive(day.pk, replace(given, petition=petition), actor=city.officer, at=day.starts_at)
    assert Task.objects.visible_to(city.inspector).count() == 2
    Petition.objects.filter(pk=petition.pk).update(is_restricted=True)
    assert list(Task.objects.visible_to(city.inspector)) == [Task.objects.get(reception=loose)]
    visitors.forget_visitors(at=day.ends_at + timedelta(days=settings.RECEPTION_KEEP_DAYS + 1))
    assert (Task.objects.get(reception=loose).text, Task.objects.get(reception=tied).text) == ("", given.opinion)


def test_class_a_is_linked_to_no_batch(city: City) -> None:
    day, closed = published(city), accusation(city)
    with pytest.raises(Refused) as refused:
        receiving.receive(day.pk, visit(city, petition=closed), actor=city.officer, at=day.starts_at)
    assert refused.value.field == "petition"
    row = receiving.receive(day.pk, visit(city), actor=city.officer, at=day.starts_at)
    with pytest.raises(Refused):
        receiving.link(row.pk, petition=closed, actor=city.officer, at=day.starts_at)


def test_a_batch_gets_its_petition_afterwards_once(city: City) -> None:
    day, petition = published(city), make_petition(city)
    row = receiving.receive(day.pk, visit(city), actor=city.officer, at=day.starts_at)
    with pytest.raises(Refused):
        receiving.link(row.pk, petition=petition, actor=city.inspector, at=day.starts_at)
    assert receiving.link(row.pk, petition=petition, actor=city.officer, at=day.starts_at).petition == petition
    assert Event.objects.filter(petition=petition, kind="reception").count() == 1
    with pytest.raises(Refused):
        receiving.link(row.pk, petition=petition, actor=city.officer, at=day.starts_at)


def test_what_a_reader_is_kept_out_of_is_not_in_the_calendar_either(city: City) -> None:
    day, petition = published(city), make_petition(city)
    row = receiving.receive(day.pk, visit(city, petition=petition), actor=city.officer, at=day.starts_at)
    assert list(Reception.objects.visible_to(city.inspector)) == [row]
    Petition.objects.filter(pk=petition.pk).update(is_restricted=True)
    assert not Reception.objects.visible_to(city.inspector).exists()
    # A role alone opens no class A: only who is named.
    assert not Reception.objects.visible_to(city.officer).exists()
