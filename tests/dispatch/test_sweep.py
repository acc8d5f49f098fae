from datetime import timedelta

import pytest

from dispatch.actions import announcing, orders, sweep
from dispatch.models import Clock, Firing, Notice, PendingRung, SweepRun
from petitions import events
from petitions.models import Event
from tests.city import City, fed_back, make_order


def names(city: City, **filters: object) -> set[str]:
    rows = Notice.objects.filter(kind="deadline", channel="inapp", **filters)
    return set(rows.values_list("recipient__username", flat=True))


def rungs_of(order_clock: Clock) -> list[int]:
    return sorted(Firing.objects.filter(clock_id=order_clock.pk).values_list("rung", flat=True))


@pytest.fixture
def order(city: City):
    """Signed and contacted, so that only the 7-day feedback runs."""
    made = make_order(city)
    orders.record_contact(made.pk, means="phone", said="已联系", actor=city.people["handler"], at=city.at)
    orders.assign(made.pk, handler=city.people["handler"], actor=city.people["leader"], at=city.at)
    return made


def test_the_ladder_climbs_rung_by_rung_to_the_right_people(city: City, order) -> None:
    clock = order.clocks.get(policy__key="O_feedback_7d")
    due = clock.due_at
    for at, rungs, hears in (
        (clock.started_at + (due - clock.started_at) * 0.7, [1], {"handler"}),
        (due + timedelta(seconds=1), [1, 2], {"handler", "leader"}),
        (due + timedelta(days=1, seconds=1), [1, 2, 3], {"leader", "district_officer"}),
        (due + timedelta(days=2, seconds=1), [1, 2, 3, 4], {"leader", "district_officer", "officer"}),
    ):
        Notice.objects.all().delete()
        sweep.sweep(at=at)
        again = sweep.sweep(at=at)
        assert rungs_of(clock) == rungs
        assert names(city) == hears
        assert (again.fired, again.announced) == (0, 0)


def test_at_the_due_second_nothing_is_late_and_one_second_later_it_is(city: City, order) -> None:
    clock = order.clocks.get(policy__key="O_feedback_7d")
    sweep.sweep(at=clock.due_at)
    clock.refresh_from_db()
    assert clock.breached_at is None
    at = clock.due_at + timedelta(hours=5)
    sweep.sweep(at=at)
    clock.refresh_from_db()
    assert (clock.breached_at, clock.detected_at) == (clock.due_at, at)


def test_after_downtime_the_highest_rung_is_told_once_and_the_rest_are_recorded_with_it(city: City, order) -> None:
    clock = order.clocks.get(policy__key="O_feedback_7d")
    sweep.sweep(at=clock.due_at + timedelta(days=2, hours=1))
    told = dict(Firing.objects.filter(clock_id=clock.pk).values_list("rung", "is_coalesced"))
    assert told == {1: True, 2: True, 3: True, 4: False}
    notices = Notice.objects.filter(kind="deadline", channel="inapp", petition=order.petition)
    assert {n.params["rung"] for n in notices} == {"overdue_2"}
    assert names(city) == {"handler", "leader", "district_officer", "officer"}
    assert notices.count() == 4


def test_an_escalation_is_one_event_a_sweep_and_keeps_the_chain(city: City, order) -> None:
    sweep.sweep(at=city.at + timedelta(days=10))
    event = Event.objects.get(petition=order.petition, kind="deadline")
    assert [r["rung"] for r in event.data["rungs"]] == ["warn", "due", "overdue_1", "overdue_2"]
    assert events.verify(order.petition_id) is None


def test_an_unassigned_order_is_told_to_the_whole_unit(city: City) -> None:
    make_order(city)
    sweep.sweep(at=city.at + timedelta(minutes=90))
    assert names(city) == {"leader", "handler", "colleague"}


def test_a_met_clock_fires_no_more(city: City) -> None:
    order = fed_back(city)
    assert not PendingRung.objects.filter(clock_id__in=order.clocks.filter(state="met").values("pk")).exists()
    orders.check(order.pk, passes=True, actor=city.people["officer"], at=city.at)
    orders.call_back(order.pk, result="refused", actor=city.people["officer"], at=city.at)
    sweep.sweep(at=city.at + timedelta(days=60))
    fired = set(Firing.objects.values_list("clock_id", flat=True))
    open_keys = ["O_reply", "D03_notify_transferred"]
    assert fired == set(order.clocks.filter(policy__key__in=open_keys).values_list("pk", flat=True))


def test_work_sent_back_never_repeats_a_rung(city: City) -> None:
    order = fed_back(city)
    clock = order.clocks.get(policy__key="O_feedback_7d")
    clock.refresh_from_db()
    Firing.objects.create(
        clock_id=clock.pk, generation=1, rung=1, planned_at=city.at, fired_at=city.at, announced_at=city.at
    )
    orders.check(order.pk, passes=False, remark="缺少照片", actor=city.people["officer"], at=city.at)
    assert sorted(PendingRung.objects.filter(clock_id=clock.pk).values_list("rung", flat=True)) == [2, 3, 4]


def test_a_firing_whose_clock_was_met_meanwhile_is_told_to_nobody(city: City, order) -> None:
    clock = order.clocks.get(policy__key="O_feedback_7d")
    sweep.fire(at=clock.due_at + timedelta(hours=1))
    orders.feed_back(
        order.pk,
        outcome="solved",
        findings="已经修好并检验合格。",
        actor=city.people["handler"],
        at=clock.due_at + timedelta(hours=1),
    )
    sweep.announce(at=clock.due_at + timedelta(hours=2))
    assert names(city) == set()
    clock.refresh_from_db()
    assert clock.breached_at == clock.due_at
    assert not Firing.objects.filter(announced_at__isnull=True).exists()


def test_a_poisoned_firing_is_set_aside_with_its_error_and_the_rest_are_told(city: City, monkeypatch) -> None:
    first, second = make_order(city), make_order(city)
    poisoned = first.clocks.get(policy__key="O_sign").pk
    real = announcing._record

    def record(rows, at):
        if any(row["clock_id"] == poisoned for row in rows):
            raise RuntimeError("this row is poisoned")
        real(rows, at)

    monkeypatch.setattr(announcing, "_record", record)
    result = sweep.sweep(at=city.at + timedelta(minutes=90))
    assert (result.announced, result.set_aside) == (1, 1)
    assert "poisoned" in Firing.objects.get(clock_id=poisoned).error
    assert not Notice.objects.filter(petition=first.petition, kind="deadline").exists()
    assert Notice.objects.filter(petition=second.petition, kind="deadline").exists()
    monkeypatch.undo()
    assert sweep.sweep(at=city.at + timedelta(minutes=91)).announced == 0


def test_an_accusations_deadline_is_told_to_named_persons_only(city: City) -> None:
    from tests.city import make_petition

    petition = make_petition(city, purpose="JK", register_unit=city.units["district_office"])
    sweep.sweep(at=city.at + timedelta(days=30))
    assert names(city, petition=petition) == {"officer"}


def test_an_idle_sweep_says_so_and_a_late_one_tells_its_lag(city: City) -> None:
    make_order(city)
    assert sweep.sweep(at=city.at).fired == 0
    assert sweep.sweep(at=city.at + timedelta(hours=3)).lag_seconds > 3600
    assert SweepRun.objects.count() == 2


def test_a_rung_put_in_late_far_in_the_past_fires_in_the_next_sweep(city: City) -> None:
    order = make_order(city)
    late = city.at + timedelta(days=9)
    sweep.sweep(at=late)
    clock = order.clocks.get(policy__key="O_feedback_7d")
    # As a send-back does: the clock runs on with its old deadline, and the rungs above the last one told are due.
    PendingRung.objects.create(fire_at=city.at, clock_id=clock.pk, generation=9, rung=1)
    assert sweep.sweep(at=late + timedelta(minutes=1)).fired == 1
