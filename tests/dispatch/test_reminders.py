"""Reminders: one click, counted, not more than once within the term, answered with a note of progress."""

from datetime import timedelta

import pytest

from dispatch.actions import orders, supervision
from dispatch.models import Clock, Notice, WorkOrder
from petitions.models import Event
from petitions.states import Refused
from tests.city import City, fed_back, make_order


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind, channel="inapp").values_list("recipient__username", flat=True))


def test_a_reminder_tells_handler_and_leader_and_is_counted(city: City) -> None:
    order = make_order(city)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    order = supervision.remind(order.pk, text="请速与信访人联系", actor=city.dispatcher, at=city.at)
    assert order.reminder_count == 1
    assert told("reminded") == {"leader", "handler"}
    event = Event.objects.get(petition=order.petition, kind="order.remind")
    assert event.data["count"] == 1
    assert event.words.text == "请速与信访人联系"
    clock = order.clocks.get(policy__key="O_remind")
    assert (clock.state, clock.unit) == ("running", city.housing)


def test_the_same_order_is_not_reminded_again_before_its_term_is_over(city: City) -> None:
    order = make_order(city)
    supervision.remind(order.pk, actor=city.officer, at=city.at)
    with pytest.raises(Refused, match="海曙区住建局"):
        supervision.remind(order.pk, actor=city.dispatcher, at=city.at + timedelta(hours=8))
    # One working day, counted from the next day: Tuesday's end.
    again = supervision.remind(order.pk, actor=city.officer, at=city.at + timedelta(days=1, hours=15))
    assert again.reminder_count == 2


def test_an_urgent_order_may_be_reminded_after_an_hour(city: City) -> None:
    order = make_order(city, urgency="extra_urgent")
    supervision.remind(order.pk, actor=city.officer, at=city.at)
    with pytest.raises(Refused):
        supervision.remind(order.pk, actor=city.officer, at=city.at + timedelta(minutes=59))
    supervision.remind(order.pk, actor=city.officer, at=city.at + timedelta(minutes=61))


def test_a_note_of_progress_answers_every_open_reminder_and_stops_its_clock(city: City) -> None:
    order = make_order(city)
    supervision.remind(order.pk, actor=city.officer, at=city.at)
    supervision.remind(order.pk, actor=city.dispatcher, at=city.at + timedelta(days=2))
    at = city.at + timedelta(days=2, hours=1)
    order = supervision.answer_reminder(order.pk, text="已到现场，明日更换主板", actor=city.handler, at=at)
    assert not order.reminders.filter(answered_at=None).exists()
    assert not Clock.objects.filter(policy__key="O_remind", state="running").exists()
    assert told("reminder_answered") == {"officer", "dispatcher"}
    with pytest.raises(Refused):
        supervision.answer_reminder(order.pk, text="再次答复", actor=city.handler, at=at)


def test_a_feedback_answers_the_reminder_by_itself(city: City) -> None:
    order = make_order(city)
    supervision.remind(order.pk, actor=city.officer, at=city.at)
    fed_back(city, order=order)
    assert order.clocks.get(policy__key="O_remind").state == "met"
    with pytest.raises(Refused):
        supervision.remind(order.pk, actor=city.officer, at=city.at + timedelta(days=3))


@pytest.mark.parametrize(
    ("who", "may"),
    [("dispatcher", True), ("officer", True), ("district_officer", True), ("inspector", True), ("far_officer", False),
     ("conference_officer", False), ("leader", False), ("lead_official", False), ("admin", False)],
)  # fmt: skip
def test_who_reminds(city: City, who: str, may: bool) -> None:
    order = make_order(city)
    if may:
        supervision.remind(order.pk, actor=city.people[who], at=city.at)
    else:
        with pytest.raises(Refused):
            supervision.remind(order.pk, actor=city.people[who], at=city.at)
    assert WorkOrder.objects.get(pk=order.pk).reminder_count == int(may)


def test_only_the_unit_answers(city: City) -> None:
    order = make_order(city)
    supervision.remind(order.pk, actor=city.officer, at=city.at)
    for who in ("officer", "outsider", "other_leader"):
        with pytest.raises(Refused):
            supervision.answer_reminder(order.pk, text="正在办理", actor=city.people[who], at=city.at)
