"""Who hears a rung: fall-through where nobody sits, other subjects than petitions, named persons only for class A."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from dispatch.actions import clocks, orders, rules, sweep
from dispatch.actions.clocks import Subject, forget_cached_rules
from dispatch.models import Clock, Firing, Notice, Policy
from dispatch.policies.ladders import UNIT_LADDER
from tests.city import City, make_order, make_petition


def hears(city: City, **filters: Any) -> dict[str, str]:
    """Who heard of a deadline, and in whose place."""
    rows = Notice.objects.filter(kind="deadline", channel="inapp", **filters).select_related("recipient")
    return {n.recipient.username: n.params.get("in_place_of", "") for n in rows}


def close(*people: User) -> None:
    User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=False)


@pytest.fixture
def order(city: City) -> Any:
    made = make_order(city)
    orders.record_contact(made.pk, means="phone", said="已联系", actor=city.handler, at=city.at)
    orders.assign(made.pk, handler=city.handler, actor=city.leader, at=city.at)
    return made


def due(order: Any) -> Any:
    return order.clocks.get(policy__key="O_feedback_7d").due_at


def test_a_rung_whose_unit_leader_is_gone_is_heard_by_the_district(city: City, order: Any) -> None:
    close(city.leader)
    sweep.sweep(at=due(order) + timedelta(seconds=1))
    assert hears(city) == {"handler": "", "district_officer": "unit_leader"}


def test_a_closed_handlers_rung_goes_to_the_unit_first(city: City, order: Any) -> None:
    close(city.handler)
    sweep.sweep(at=order.clocks.get(policy__key="O_feedback_7d").started_at + timedelta(days=6))
    assert hears(city) == {"leader": "", "colleague": ""}


def test_an_empty_unit_and_an_empty_district_leave_the_city(city: City, order: Any) -> None:
    close(city.handler, city.colleague, city.leader, city.district_officer)
    sweep.sweep(at=due(order) + timedelta(seconds=1))
    assert set(hears(city)) == {"officer"}


def test_with_the_city_office_empty_too_the_hub_hears(city: City, order: Any) -> None:
    close(city.handler, city.colleague, city.leader, city.district_officer, city.officer)
    sweep.sweep(at=due(order) + timedelta(seconds=1))
    assert set(hears(city)) == {"dispatcher"}
    assert not Firing.objects.filter(is_unheard=True).exists()


def test_a_rung_nobody_can_hear_is_marked_and_not_silent(city: City, order: Any) -> None:
    close(*User.objects.all())
    result = sweep.sweep(at=due(order) + timedelta(seconds=1))
    assert result.set_aside == 0
    assert list(Firing.objects.filter(is_unheard=True).values_list("rung", flat=True)) == [2]
    clock = order.clocks.get(policy__key="O_feedback_7d")
    assert clock.breached_at == clock.due_at


def test_who_hears_in_their_own_right_is_not_told_that_they_stand_in(city: City, order: Any) -> None:
    close(city.leader)
    sweep.sweep(at=due(order) + timedelta(days=1, seconds=1))
    assert hears(city) == {"handler": "", "district_officer": ""}


def test_an_accusation_whose_named_person_is_not_on_the_ladder_still_reaches_the_named(city: City) -> None:
    petition = make_petition(city, purpose="JK", register_unit=city.units["district_office"])
    petition.involvements.filter(unit__isnull=True).exclude(user=city.officer).delete()
    sweep.sweep(at=city.at + timedelta(days=30))
    assert set(hears(city, petition=petition)) == {"officer"}
    assert not Notice.objects.filter(petition=petition, channel="apprise").exists()


def start_suggestion(city: City) -> Clock:
    """A clock of a subject without a petition: the housing bureau owes, a city officer waits."""
    Policy.objects.create(
        key="T_suggestion",
        name="建议答复",
        name_en="Answer to a suggestion",
        subject="suggestion",
        start_moves=["t_issue"],
        stop_moves=["answer"],
        length=30,
        unit="calendar_day",
        ladder=[{"name": "warn", "fraction": 0.7, "to": ["unit_leader"]}, {"name": "due", "after": 0, "to": ["asker"]}],
    )
    forget_cached_rules()
    subject = Subject("suggestion", 7, city.units["housing"], asker=city.officer)
    from accounts.actors import Actor

    clocks.subject_moved(subject, "t_issue", actor=Actor.of(city.officer), at=city.at)
    return Clock.objects.get(policy__key="T_suggestion")


def test_a_clock_without_a_petition_is_told_to_who_owes_and_who_waits(city: City) -> None:
    clock = start_suggestion(city)
    sweep.sweep(at=clock.started_at + timedelta(days=25))
    assert set(hears(city)) == {"leader"}
    sweep.sweep(at=clock.due_at + timedelta(seconds=1))
    clock.refresh_from_db()
    assert clock.breached_at == clock.due_at
    assert set(hears(city)) == {"leader", "officer"}
    notice = Notice.objects.filter(recipient=city.officer, channel="inapp", kind="deadline").get()
    assert (notice.petition_id, notice.params["subject"], notice.params["subject_id"]) == (None, "suggestion", 7)


def test_the_rules_in_force_use_only_words_somebody_answers_to(city: City) -> None:
    from dispatch.recipients import CHAINS

    rules.load_policies()
    words = {word for policy in Policy.objects.all() for step in policy.ladder for word in step["to"]}
    assert words <= set(CHAINS)
    assert {word for step in UNIT_LADDER for word in step["to"]} <= set(CHAINS)


def test_a_firing_whose_clock_is_gone_is_set_aside_and_does_not_come_back(city: City) -> None:
    Firing.objects.create(clock_id=987654, generation=1, rung=1, planned_at=city.at, fired_at=city.at)
    assert sweep.sweep(at=city.at).announced == 0
    assert "gone" in Firing.objects.get(clock_id=987654).error
    assert sweep.retell() == 1


def test_a_preview_of_a_sweep_writes_nothing(city: City, order: Any) -> None:
    before = Firing.objects.count()
    found = sweep.forecast(at=due(order) + timedelta(days=5))
    assert ("O_feedback_7d", "overdue_2", 1) in found.by_rung
    assert Firing.objects.count() == before
    assert not Notice.objects.filter(kind="deadline").exists()


def test_whoever_stands_in_hears_what_the_absent_person_hears_while_they_are_away(city: City) -> None:
    from accounts.absences import set_absence
    from dispatch.actions.notices import notify

    order = make_order(city)
    orders.record_contact(order.pk, means="phone", said="已联系", actor=city.handler, at=city.at)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    due = order.clocks.get(policy__key="O_feedback_7d").due_at
    set_absence(
        city.handler,
        substitute=city.colleague,
        since=city.at,
        until=due + timedelta(hours=1),
        actor=city.leader,
        at=city.at,
    )
    notify([city.handler], kind="assigned", petition=order.petition, order=order, key="away", at=city.at)
    notify(
        [city.handler], kind="assigned", petition=order.petition, order=order, key="back", at=due + timedelta(hours=2)
    )
    sweep.sweep(at=due - timedelta(hours=2))

    def heard(**filters: object) -> set[str]:
        rows = Notice.objects.filter(channel="inapp", petition=order.petition, **filters)
        return set(rows.values_list("recipient__username", flat=True))

    assert heard(dedupe_key="away") == {"handler", "colleague"}
    assert heard(dedupe_key="back") == {"handler"}
    assert heard(kind="deadline", params__rule="O_feedback_7d") == {"handler", "colleague"}
