"""Absence and substitution: who may enter one, what it opens, and what it never opens."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.absences import AbsenceRefused, end_absence, set_absence
from accounts.models import Absence, User
from dispatch.absences import standing_in_for
from dispatch.actions import orders
from dispatch.models import WorkOrder
from petitions import actions as petitions
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition

DAY = timedelta(days=1)


@pytest.fixture
def lately(city: City) -> City:
    """The city in the present: who stands in for whom follows the database's clock."""
    city.at = timezone.now()
    return city


def away(city: City, **changes: Any) -> Absence:
    """The handler is away from now on for a week; the colleague stands in."""
    fields: dict[str, Any] = {
        "substitute": city.colleague,
        "since": city.at - timedelta(minutes=5),
        "until": city.at + 7 * DAY,
        "reason": "年休假",
        "actor": city.leader,
        "at": city.at,
        **changes,
    }
    return set_absence(changes.pop("user", city.handler), **{k: v for k, v in fields.items() if k != "user"})


def test_the_substitute_sees_and_handles_what_the_absent_person_handles(lately: City) -> None:
    city = lately
    order = make_order(city, at=city.at - DAY)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at - DAY)
    assert not Petition.objects.visible_to(city.colleague).exists()
    away(city)
    assert Petition.objects.visible_to(city.colleague).exists()
    signed = orders.sign(order.pk, actor=city.colleague, at=city.at)
    assert (signed.state, signed.handler) == ("in_hand", city.handler)
    assert Petition.objects.visible_to(city.handler).exists()
    assert standing_in_for([city.handler, city.leader], city.at) == {city.handler.pk: city.colleague}
    assert standing_in_for([city.handler], city.at + 8 * DAY) == {}


def test_what_a_person_was_named_for_stays_with_that_person(lately: City) -> None:
    city = lately
    petition = make_petition(city, purpose="JK")
    petitions.name_person(petition.pk, user=city.handler, reason="承办", actor=city.officer, at=city.at)
    away(city)
    assert Petition.objects.visible_to(city.handler).exists()
    assert not Petition.objects.visible_to(city.colleague).exists()


def test_an_ended_or_coming_absence_opens_nothing(lately: City) -> None:
    city = lately
    order = make_order(city, at=city.at - DAY)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at - DAY)
    coming = away(city, since=city.at + DAY)
    assert not WorkOrder.objects.visible_to(city.colleague).exists()
    end_absence(coming.pk, actor=city.handler, at=city.at)
    running = away(city)
    assert WorkOrder.objects.visible_to(city.colleague).exists()
    end_absence(running.pk, actor=city.handler, at=city.at)
    assert not WorkOrder.objects.visible_to(city.colleague).exists()
    with pytest.raises(AbsenceRefused):
        end_absence(running.pk, actor=city.handler, at=city.at)


def test_new_work_goes_to_the_substitute(lately: City) -> None:
    city = lately
    away(city)
    order = make_order(city)
    with pytest.raises(Refused) as refusal:
        orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    assert (refusal.value.code, refusal.value.field) == ("absent", "handler")
    assert "李建" in str(refusal.value)
    orders.assign(order.pk, handler=city.colleague, actor=city.leader, at=city.at)


def test_overlaps_circles_and_chains_are_refused(lately: City) -> None:
    city = lately
    away(city)
    for changes, field in (
        ({}, "since"),
        ({"user": city.leader, "substitute": city.handler, "actor": city.leader}, "substitute"),
        ({"user": city.colleague, "substitute": city.leader}, "since"),
        ({"user": city.colleague, "substitute": city.handler}, "substitute"),
        ({"user": city.leader, "substitute": city.leader}, "substitute"),
        ({"user": city.leader, "substitute": city.other_handler}, "substitute"),
        ({"user": city.leader, "until": city.at - DAY, "since": city.at - 2 * DAY}, "until"),
        ({"user": city.leader, "until": city.at - DAY}, "until"),
    ):
        with pytest.raises(AbsenceRefused) as refusal:
            away(city, **changes)
        assert refusal.value.field == field, changes
    away(city, user=city.colleague, substitute=city.leader, since=city.at + 7 * DAY, until=city.at + 9 * DAY)


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("handler", True),
        ("leader", True),
        ("officer", True),
        ("district_officer", True),
        ("colleague", False),
        ("other_leader", False),
        ("far_officer", False),
        ("inspector", False),
    ],
)
def test_the_person_the_leader_and_the_office_enter_an_absence(lately: City, person: str, may: bool) -> None:
    if may:
        assert away(lately, actor=lately.people[person])
        return
    with pytest.raises(AbsenceRefused):
        away(lately, actor=lately.people[person])


def test_whoever_moves_to_another_unit_or_leaves_sees_the_cases_no_more(lately: City) -> None:
    city = lately
    order = make_order(city, at=city.at - DAY)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at - DAY)
    assert Petition.objects.visible_to(city.handler).exists()
    User.objects.filter(pk=city.handler.pk).update(unit=city.enforcement)
    moved = User.objects.get(pk=city.handler.pk)
    assert not Petition.objects.visible_to(moved).exists()
    assert not WorkOrder.objects.visible_to(moved).exists()
    User.objects.filter(pk=city.handler.pk).update(unit=city.housing, is_active=False)
    gone = User.objects.get(pk=city.handler.pk)
    assert not Petition.objects.visible_to(gone).exists()
