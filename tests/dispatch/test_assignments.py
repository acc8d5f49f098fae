"""Transfer and assignment (Regulation on Petition Work, art. 22): the term, its clock, the closing report."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.actions import orders
from dispatch.actions.assignments import report_closing
from dispatch.assignments import Assignment
from dispatch.models import Clock, Notice, WorkOrder
from petitions.states import Refused
from tests.city import City, fed_back, make_order, make_petition, replied

pytestmark = pytest.mark.django_db
REPORT = "电梯主板已更换并经检验合格，已当面告知信访人，无遗留问题。"


def clock_of(order: WorkOrder) -> Clock | None:
    return Clock.objects.filter(order=order, policy__key="D10_assigned").first()


def test_a_transfer_owes_no_report(city: City) -> None:
    order = make_order(city)
    assert order.mode == WorkOrder.Mode.TRANSFER and clock_of(order) is None
    with pytest.raises(Refused) as refused:
        report_closing(order.pk, report=REPORT, actor=city.handler, at=city.at)
    assert refused.value.code == "transfer"


@pytest.mark.parametrize("days", [20, 30, 60])
def test_the_term_of_the_assignment_is_the_length_of_its_clock(city: City, days: int) -> None:
    order = make_order(city, assignment=Assignment(days, "上级要求的期限"))
    clock = clock_of(order)
    assert clock is not None and clock.length == days
    first_free = (city.at + timedelta(days=days)).date()
    assert clock.due_at.date() >= first_free
    assert (clock.due_at.date() - first_free).days <= 3  # a last day off moves to the next working day


@pytest.mark.parametrize(
    ("days", "reason", "code"), [(2, "", "term"), (91, "特别复杂", "term"), (20, "", "term_reason")]
)
def test_a_term_is_bounded_and_reasoned(city: City, days: int, reason: str, code: str) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refused:
        make_order(city, petition=petition, assignment=Assignment(days, reason))
    assert refused.value.code == code
    assert not WorkOrder.objects.filter(petition=petition).exists()


def test_assisting_units_owe_no_report(city: City) -> None:
    petition = make_petition(city)
    made = orders.dispatch(
        petition.pk,
        lead=city.housing,
        assisting=[city.enforcement],
        assignment=Assignment(30),
        actor=city.officer,
        at=city.at,
    )
    assert [order.mode for order in made] == ["assign", "transfer"]


def test_the_reply_waits_for_the_closing_report(city: City) -> None:
    order = make_order(city, assignment=Assignment(30))
    with pytest.raises(Refused) as refused:
        replied(city, order=order)
    assert refused.value.code == "no_report"


def test_the_report_stops_the_clock_and_is_told_once(city: City) -> None:
    order = fed_back(city, order=make_order(city, assignment=Assignment(30)))
    report_closing(order.pk, report=REPORT, actor=city.handler, at=city.at + timedelta(days=3))
    clock = clock_of(order)
    assert clock is not None and clock.state == Clock.State.MET
    notice = Notice.objects.get(kind="closing_reported", channel="inapp")
    assert notice.recipient == city.officer and REPORT not in str(notice.params)
    with pytest.raises(Refused) as refused:
        report_closing(order.pk, report=REPORT, actor=city.handler, at=city.at + timedelta(days=4))
    assert refused.value.code == "reported"


def test_nobody_of_another_unit_reports(city: City) -> None:
    order = fed_back(city, order=make_order(city, assignment=Assignment(30)))
    with pytest.raises(Refused) as refused:
        report_closing(order.pk, report=REPORT, actor=city.outsider, at=city.at)
    assert refused.value.code == "forbidden"


def test_the_form_shows_the_term_before_sending_and_sends_it(city: City, client: Client) -> None:
    client.force_login(city.officer)
    petition = make_petition(city)
    shown = client.get(reverse("due_preview"), {"urgency": "normal", "mode": "assign", "term_days": "45"})
    assert "交办件办结报告" in shown.content.decode()
    plain = client.get(reverse("due_preview"), {"urgency": "normal", "mode": "transfer", "term_days": "45"})
    assert "交办件办结报告" not in plain.content.decode()
    data = {
        "lead": city.housing.pk,
        "urgency": "normal",
        "mode": "assign",
        "term_days": "45",
        "term_reason": "涉及历史档案调取",
        "version": petition.version,
    }
    response = client.post(reverse("petition_act", args=[petition.pk, "dispatch"]), data)
    assert response.status_code == 302
    order = WorkOrder.objects.get(petition=petition)
    assert (order.mode, order.term_days) == ("assign", 45)
