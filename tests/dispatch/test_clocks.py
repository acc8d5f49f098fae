"""Clocks turned by hand: pause, resume, extend, reset, what becomes of their rungs, and the fold of their events."""

import random
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.actors import Actor
from dispatch.actions import clocks, orders, reckoning, sweep
from dispatch.actions.clocks import Subject
from dispatch.models import Clock, Day, Firing, PendingRung, Policy, WorkOrder
from dispatch.projection import replay
from petitions import events
from petitions.models import NO_DEADLINE, Event, Petition
from petitions.states import Refused
from tests.city import City, make_order

SYSTEM = Actor.system()
DAY = timedelta(days=1)


@pytest.fixture
def order(city: City) -> WorkOrder:
    """In hand and contacted, so that only the 7-day feedback runs: from Monday 16 to Monday 23 November."""
    made = make_order(city)
    return orders.record_contact(made.pk, means="phone", said="已联系", actor=city.people["handler"], at=city.at)


def feedback(order: WorkOrder) -> Clock:
    return Clock.objects.get(order=order, policy__key="O_feedback_7d")


def moved(order: WorkOrder, move: str, at) -> Clock:
    with transaction.atomic():
        clocks.subject_moved(Subject.of_order(orders.lock(order.pk)), move, actor=SYSTEM, at=at)
    return feedback(order)


def turned(clock: Clock, kind: str, at, **more) -> Clock:
    with transaction.atomic():
        locked = Clock.objects.select_for_update(of=("self",)).select_related("policy").get(pk=clock.pk)
        return clocks.turn(locked, kind, at=at, actor=SYSTEM, **more)


def armed(clock: Clock) -> list[tuple[int, int]]:
    return sorted(PendingRung.objects.filter(clock_id=clock.pk).values_list("generation", "rung"))


def edit_day(day, *, is_work: bool) -> None:
    Day.objects.filter(day=day).update(is_work=is_work)
    clocks.forget_cached_rules()


def same_as_its_events(clock: Clock) -> bool:
    clock.refresh_from_db()
    figures = replay(clock.events.order_by("id"))
    return all(getattr(clock, name) == value for name, value in vars(figures).items())


def test_a_pause_leaves_out_its_days_and_no_others(city: City, order: WorkOrder) -> None:
    clock = feedback(order)
    paused = moved(order, "pause", city.at + 2 * DAY)
    assert (paused.state, paused.consumed, armed(paused)) == ("paused", 2, [])
    resumed = moved(order, "resume", city.at + 12 * DAY)
    assert (resumed.state, resumed.paused_for, resumed.consumed) == ("running", 10 * DAY, 2)
    # Two days are used, the day of resumption (28 November) is not counted: five more end on 3 December.
    assert resumed.due_at == clock.due_at + 10 * DAY
    assert same_as_its_events(resumed)


def test_while_paused_lists_know_no_deadline_but_the_rule(city: City, order: WorkOrder) -> None:
    Clock.objects.exclude(policy__key="O_feedback_7d").update(state="cancelled")
    moved(order, "pause", city.at + DAY)
    for row in (WorkOrder.objects.get(pk=order.pk), Petition.objects.get(pk=order.petition_id)):
        assert (row.next_due_at, row.next_due_key) == (NO_DEADLINE, "O_feedback_7d")
    moved(order, "resume", city.at + 2 * DAY)
    order.refresh_from_db()
    assert order.next_due_at == feedback(order).due_at


def test_a_warning_follows_the_share_that_is_used_up(city: City, order: WorkOrder) -> None:
    clock = feedback(order)
    moved(order, "pause", city.at + 2 * DAY)
    resumed = moved(order, "resume", city.at + 12 * DAY)
    since = city.at + 12 * DAY
    warn = PendingRung.objects.get(clock_id=clock.pk, rung=1).fire_at
    assert warn == since + (resumed.due_at - since) * ((0.7 - 2 / 7) / (1 - 2 / 7))
    assert armed(clock) == [(3, n) for n in (1, 2, 3, 4)]


def test_a_rung_that_was_told_is_not_told_again_when_its_moment_has_passed(city: City, order: WorkOrder) -> None:
    clock = feedback(order)
    sweep.sweep(at=clock.due_at - DAY)
    assert Firing.objects.filter(clock_id=clock.pk).count() == 1
    moved(order, "pause", clock.due_at - DAY)
    moved(order, "resume", clock.due_at + 9 * DAY)
    assert [rung for _generation, rung in armed(clock)] == [2, 3, 4]


def test_an_extension_moves_the_date_and_warns_anew_when_the_warning_lies_ahead(city: City, order: WorkOrder) -> None:
    clock = feedback(order)
    sweep.sweep(at=clock.due_at - DAY)
    extended = turned(clock, "extend", clock.due_at - DAY, amount=7)
    assert extended.due_at == clock.due_at + 7 * DAY
    assert [rung for _generation, rung in armed(clock)] == [1, 2, 3, 4]
    assert same_as_its_events(extended)


@pytest.mark.parametrize("amount", [0, -3, 8])
def test_an_extension_keeps_to_what_the_rule_allows(city: City, order: WorkOrder, amount: int) -> None:
    with pytest.raises(Refused) as refusal:
        turned(feedback(order), "extend", city.at, amount=amount)
    assert refusal.value.code == "too_long"
    turned(feedback(order), "extend", city.at, amount=4)
    with pytest.raises(Refused):
        turned(feedback(order), "extend", city.at, amount=4)


@pytest.mark.parametrize("kind", ["pause", "extend", "reset"])
def test_a_clock_past_due_may_be_neither_paused_nor_extended(city: City, order: WorkOrder, kind: str) -> None:
    clock = feedback(order)
    with pytest.raises(Refused) as refusal:
        turned(clock, kind, clock.due_at + timedelta(seconds=1), amount=1)
    assert refusal.value.code == "clock_past_due"
    assert moved(order, "pause", clock.due_at + DAY).state == "running"
    assert turned(clock, kind, clock.due_at, amount=1).generation == 2


def test_a_paused_clock_never_breaches_and_may_be_met(city: City, order: WorkOrder) -> None:
    clock = moved(order, "pause", city.at + 6 * DAY)
    sweep.sweep(at=city.at + 60 * DAY)
    met = turned(clock, "stop", city.at + 60 * DAY)
    assert (met.state, met.breached_at) == ("met", None)
    assert same_as_its_events(met)


def test_a_pause_on_the_last_day_leaves_the_day_of_resumption(city: City, order: WorkOrder) -> None:
    clock = feedback(order)
    moved(order, "pause", clock.due_at - timedelta(hours=3))
    resumed = moved(order, "resume", clock.due_at + 5 * DAY)
    assert resumed.due_at == clock.due_at + 5 * DAY
    assert same_as_its_events(resumed)


def test_a_reset_starts_the_whole_period_anew(city: City, order: WorkOrder) -> None:
    Policy.objects.filter(key="O_feedback_7d").update(reset_moves=["supplement"])
    clocks.forget_cached_rules()
    clock = feedback(order)
    turned(clock, "extend", city.at, amount=3)
    fresh = moved(order, "supplement", city.at + 4 * DAY)
    assert (fresh.started_at, fresh.extended, fresh.due_at) == (city.at + 4 * DAY, 0, clock.due_at + 4 * DAY)
    assert same_as_its_events(fresh)


def test_a_firing_that_came_to_nothing_does_not_silence_the_next(city: City, order: WorkOrder) -> None:
    """It fired, then the clock was paused before anybody was told: after resumption it must still be told."""
    clock = feedback(order)
    at = PendingRung.objects.get(clock_id=clock.pk, rung=1).fire_at
    sweep.fire(at=at)
    moved(order, "pause", at)
    sweep.announce(at=at)
    assert Firing.objects.get(clock_id=clock.pk).is_moot
    moved(order, "resume", at + DAY)
    assert [rung for _generation, rung in armed(clock)] == [1, 2, 3, 4]


# ---- recomputing ----


def test_a_late_holiday_moves_the_clocks_in_flight_and_says_which(city: City) -> None:
    order = make_order(city)
    contact = Clock.objects.get(order=order, policy__key="O_contact")
    kept = Clock.objects.exclude(policy__unit="working_day").order_by("pk")
    others = list(kept.values_list("pk", "due_at"))
    edit_day((city.at + DAY).date(), is_work=False)
    ids = list(Clock.objects.values_list("pk", flat=True))
    at = city.at + timedelta(hours=1)
    changes = reckoning.recompute(ids, at=at, actor=SYSTEM, reason="临时放假")
    assert {c.clock_id for c in changes} == set(
        Clock.objects.filter(state="running", policy__unit="working_day").values_list("pk", flat=True)
    )
    assert (contact.pk, contact.due_at, contact.due_at + DAY) in {
        (c.clock_id, c.old_due_at, c.new_due_at) for c in changes
    }
    assert list(kept.values_list("pk", "due_at")) == others
    assert same_as_its_events(contact)
    event = Event.objects.get(petition=order.petition, kind="recompute")
    assert "O_contact" in {clock["rule"] for clock in event.data["clocks"]} and event.data["reason"] == "临时放假"
    assert events.verify(order.petition_id) is None
    assert {g for g, _r in armed(contact)} == {2}
    assert reckoning.recompute(ids, at=at, actor=SYSTEM, reason="临时放假") == []


def test_a_date_moved_past_now_takes_back_a_breach_that_never_was(city: City) -> None:
    order = make_order(city)
    contact = Clock.objects.get(order=order, policy__key="O_contact")
    at = contact.due_at + timedelta(hours=2)
    sweep.sweep(at=at)
    contact.refresh_from_db()
    assert contact.breached_at == contact.due_at
    edit_day((city.at + DAY).date(), is_work=False)
    (change,) = [
        c for c in reckoning.recompute([contact.pk], at=at, actor=SYSTEM, reason="") if c.clock_id == contact.pk
    ]
    assert change.undoes_breach
    contact.refresh_from_db()
    assert (contact.breached_at, contact.detected_at) == (None, None)
    assert same_as_its_events(contact)
    sweep.sweep(at=contact.due_at + timedelta(seconds=1))
    contact.refresh_from_db()
    assert contact.breached_at == contact.due_at
    assert same_as_its_events(contact)


def test_an_edited_rule_measures_anew_what_was_used_before_a_pause(city: City, order: WorkOrder) -> None:
    moved(order, "pause", city.at + 5 * DAY)
    moved(order, "resume", city.at + 6 * DAY)
    clock = feedback(order)
    old = clock.policy
    longer = Policy.objects.create(
        **{
            f.name: getattr(old, f.name)
            for f in Policy._meta.concrete_fields
            if f.name not in {"id", "version", "unit", "is_current"}
        },
        version=old.version + 1,
        unit="working_day",
        is_current=False,
    )
    preview = reckoning.preview([clock.pk], at=city.at + 6 * DAY, policies={old.pk: longer})
    changes = reckoning.recompute([clock.pk], at=city.at + 6 * DAY, actor=SYSTEM, reason="", policies={old.pk: longer})
    assert preview == changes and len(changes) == 1
    clock.refresh_from_db()
    # Tuesday to Friday are four working days; Sunday 22 November is not one, so three remain: Monday to Wednesday.
    assert (clock.consumed, clock.due_at) == (4, clocks.arithmetic.end_of_day((city.at + 9 * DAY).date()))
    assert clock.policy_id == longer.pk
    assert same_as_its_events(clock)


def test_ended_clocks_are_never_judged_again(city: City, order: WorkOrder) -> None:
    clock = Clock.objects.get(order=order, policy__key="O_contact")
    before = Clock.objects.filter(pk=clock.pk).values().get()
    edit_day((city.at + DAY).date(), is_work=False)
    assert reckoning.recompute([clock.pk], at=city.at, actor=SYSTEM, reason="") == []
    assert Clock.objects.filter(pk=clock.pk).values().get() == before


@pytest.mark.parametrize("seed", range(6))
def test_after_any_course_of_moves_the_row_is_the_fold_of_its_events(city: City, order: WorkOrder, seed: int) -> None:
    choice = random.Random(seed)
    clock, at = feedback(order), city.at
    for _step in range(14):
        at += timedelta(hours=choice.randrange(1, 60))
        kind = choice.choice(["pause", "resume", "extend", "stop", "reopen", "sweep", "recompute", "reset"])
        if kind == "sweep":
            sweep.sweep(at=at)
        elif kind == "recompute":
            edit_day((at + DAY).date(), is_work=choice.random() < 0.5)
            reckoning.recompute([clock.pk], at=at, actor=SYSTEM, reason="")
        else:
            try:
                turned(clock, kind, at, amount=1)
            except Refused:
                continue
        assert same_as_its_events(clock)
        assert clock.breached_at in (None, clock.due_at)
        assert (clock.state == "running") == bool(armed(clock)) or kind in {"sweep", "reopen", "recompute"}
        assert {g for g, _r in armed(clock)} <= {clock.generation}
