"""Changes of rules and calendar: seen first, confirmed by who may, carried over to the clocks in flight, once each."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dispatch import impact
from dispatch.actions import changes, jobs, recompute, rules
from dispatch.calendar import CalendarError
from dispatch.models import Clock, ClockEvent, ClockShift, Day, Firing, Job, Notice, Policy, RuleChange
from dispatch.policies import POLICIES
from dispatch.rulebook import build_calendar, calendar, calendar_version, forget_cached_rules, policies, profile
from petitions import actions
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied

FEEDBACK = "O_feedback_7d"


def work(change: RuleChange, at: datetime) -> Job:
    """Let a worker carry the change over."""
    jobs.drain(now=lambda: at)
    return Job.objects.get(pk=change.job_id)


def shorter(city: City, length: int = 5, key: str = FEEDBACK) -> RuleChange:
    return changes.prepare_policy(key, {"length": length}, reason="试行", actor=city.officer, at=city.at)


def days(*wanted: str, is_work: bool = False, **more: Any) -> list[dict[str, Any]]:
    return [{"day": day, "is_work": is_work, "note": "", "spans": None, **more} for day in wanted]


def clock_of(order: Any, key: str = FEEDBACK) -> Clock:
    return Clock.objects.get(order=order, policy__key=key)


# ---- rules ----


def test_a_prepared_change_counts_what_it_would_move_and_moves_nothing(city: City) -> None:
    order = make_order(city)
    before = clock_of(order)
    change = shorter(city)
    assert change.impact["looked_at"] == change.impact["moved"] == 1
    assert change.impact["shifts"]["unmoved"] == 0
    after = clock_of(order)
    assert (after.due_at, after.policy_id) == (before.due_at, before.policy_id)
    assert Policy.objects.get(key=FEEDBACK, is_current=True).length == 7


def test_a_confirmed_change_is_a_new_version_and_moves_the_clocks_in_flight(city: City) -> None:
    order = make_order(city)
    old = clock_of(order)
    change = changes.apply(shorter(city).pk, actor=city.officer, at=city.at)
    assert {p.length for p in policies() if p.key == FEEDBACK} == {5}
    job = work(change, city.at + timedelta(minutes=1))
    new = clock_of(order)
    assert (new.policy.version, new.policy.is_edited, new.due_at) == (2, True, old.due_at - timedelta(days=2))
    assert (job.done, job.refused) == (1, 0)
    shift = ClockShift.objects.get(change=change)
    assert (shift.old_due_at, shift.new_due_at, shift.is_newly_overdue) == (old.due_at, new.due_at, False)
    assert ClockEvent.objects.filter(clock=new, kind="recompute").count() == 1
    assert Policy.objects.filter(key=FEEDBACK, is_current=True).count() == 1


def test_it_says_which_cases_become_overdue(city: City) -> None:
    order = make_order(city)
    city.at += timedelta(days=6)
    change = shorter(city)
    assert change.impact["newly_overdue"] == 1
    changes.apply(change.pk, actor=city.officer, at=city.at)
    change.refresh_from_db()
    work(change, city.at)
    assert ClockShift.objects.get(change=change).is_newly_overdue
    assert clock_of(order).due_at < city.at


def test_an_ended_clock_is_never_judged_again(city: City) -> None:
    petition = replied(city)
    met = Clock.objects.get(petition=petition, policy__key=FEEDBACK)
    change = changes.apply(shorter(city, 1).pk, actor=city.officer, at=city.at + timedelta(days=3))
    assert change.job_id is None
    after = Clock.objects.get(pk=met.pk)
    assert (after.policy_id, after.due_at, after.breached_at, after.state) == (met.policy_id, met.due_at, None, "met")


def test_what_starts_after_the_change_runs_by_the_new_version(city: City) -> None:
    changes.apply(shorter(city).pk, actor=city.officer, at=city.at)
    assert clock_of(make_order(city)).policy.version == 2


def test_two_edits_of_one_rule_at_once_the_second_is_refused_in_words(city: City) -> None:
    shorter(city)
    with pytest.raises(Refused, match="沈一鸣") as refusal:
        changes.prepare_policy(FEEDBACK, {"length": 6}, reason="再改", actor=city.admin, at=city.at)
    assert refusal.value.code == "waiting"
    changes.prepare_policy("O_sign", {"length": 60}, reason="另一条", actor=city.admin, at=city.at)


def test_a_change_is_decided_once(city: City) -> None:
    change = shorter(city)
    changes.drop(change.pk, actor=city.officer, at=city.at)
    for step in (changes.apply, changes.drop, changes.recount):
        with pytest.raises(Refused) as refusal:
            step(change.pk, actor=city.officer, at=city.at)
        assert refusal.value.code == "decided"


def test_a_rule_of_law_takes_two_people_and_a_promise_one(city: City) -> None:
    own = shorter(city, 10, "D01_route")
    with pytest.raises(Refused) as refusal:
        changes.apply(own.pk, actor=city.officer, at=city.at)
    assert refusal.value.code == "two"
    changes.drop(own.pk, actor=city.officer, at=city.at)
    others = changes.prepare_policy("D01_route", {"length": 10}, reason="提速", actor=city.admin, at=city.at)
    assert changes.apply(others.pk, actor=city.officer, at=city.at).is_applied
    assert changes.apply(shorter(city).pk, actor=city.officer, at=city.at).is_applied


@pytest.mark.parametrize("who", ["leader", "handler", "dispatcher", "district_officer", "inspector", "agent"])
def test_nobody_else_prepares_or_confirms(city: City, who: str) -> None:
    with pytest.raises(Refused):
        changes.prepare_policy(FEEDBACK, {"length": 6}, reason="x", actor=city.people[who], at=city.at)
    with pytest.raises(Refused):
        changes.prepare_days(days("2026-11-20"), reason="x", actor=city.people[who], at=city.at)
    change = shorter(city)
    with pytest.raises(Refused):
        changes.apply(change.pk, actor=city.people[who], at=city.at)


def test_a_system_administrator_prepares_and_does_not_confirm(city: City) -> None:
    change = changes.prepare_policy(FEEDBACK, {"length": 6}, reason="x", actor=city.admin, at=city.at)
    with pytest.raises(Refused):
        changes.apply(change.pk, actor=city.admin, at=city.at)


def test_a_rung_nobody_hears_is_refused(city: City) -> None:
    for ladder in ([], [{"name": "due", "after": 0, "to": []}]):
        with pytest.raises(Refused) as refusal:
            changes.prepare_policy(FEEDBACK, {"ladder": ladder}, reason="x", actor=city.officer, at=city.at)
        assert refusal.value.field == "ladder"


def test_a_change_of_nothing_is_refused(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        changes.prepare_policy(FEEDBACK, {"length": 7}, reason="x", actor=city.officer, at=city.at)
    assert refusal.value.code == "unchanged"


# ---- profile ----


def switch(city: City, name: str) -> RuleChange:
    change = changes.prepare_profile(name, reason="市委要求", actor=city.admin, at=city.at)
    change = changes.apply(change.pk, actor=city.officer, at=city.at)
    work(change, city.at)
    return change


def test_the_national_profile_is_in_force_until_somebody_switches(city: City) -> None:
    assert profile() == "national"
    keys = {rule.key for rule in policies()}
    assert {"D05_handle", "D01_route", FEEDBACK} <= keys and not keys & {"Z01_decide", "Z03_handle"}


def test_switching_moves_open_handling_clocks_over_and_back(city: City) -> None:
    petition = make_petition(city)
    make_order(city, petition=petition)
    actions.accept(petition.pk, text="受理", actor=city.officer, at=city.at)
    clock = Clock.objects.get(petition=petition, policy__key="D05_handle")
    preview = changes.prepare_profile("zhejiang", reason="看看", actor=city.admin, at=city.at)
    assert preview.impact["moved"] == 1
    changes.drop(preview.pk, actor=city.admin, at=city.at)
    sixty = clock.due_at
    switch(city, "zhejiang")
    clock.refresh_from_db()
    assert clock.policy.key == "Z03_handle" and clock.due_at < sixty
    assert {rule.key for rule in policies()} >= {"Z01_decide", "Z03_handle"}
    switch(city, "national")
    clock.refresh_from_db()
    assert (clock.policy.key, clock.due_at, clock.state) == ("D05_handle", sixty, "running")


def test_the_profile_in_force_cannot_be_switched_on(city: City) -> None:
    with pytest.raises(Refused):
        changes.prepare_profile("national", reason="x", actor=city.admin, at=city.at)


# ---- calendar ----


def test_a_late_day_off_moves_the_clocks_in_flight_and_says_which(city: City) -> None:
    order = make_order(city)
    contact, feedback = clock_of(order, "O_contact"), clock_of(order)
    # The right to object is counted in working days too.
    objection = clock_of(order, "D04_objection")
    change = changes.prepare_days(days("2026-11-17"), reason="临时放假", actor=city.admin, at=city.at)
    assert change.impact["moved"] == 2
    moved = impact.moved_after(impact.plan_of(change), at=city.at, after=0, size=10)
    assert {c.clock_id for c in moved} == {contact.pk, objection.pk}
    change = changes.apply(change.pk, actor=city.admin, at=city.at)
    work(change, city.at)
    contact.refresh_from_db()
    assert contact.due_at == datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC)
    assert clock_of(order).due_at == feedback.due_at
    assert list(ClockShift.objects.filter(change=change).order_by("clock").values_list("clock", flat=True)) == sorted(
        [contact.pk, objection.pk]
    )
    assert contact.calendar_version == calendar_version() == 1
    row = Day.objects.get(day="2026-11-17")
    assert (row.is_work, row.is_confirmed, row.source) == (False, True, "edit")


def test_everybody_concerned_is_told_once_however_many_clocks_move(city: City) -> None:
    for _i in range(3):
        make_order(city)
    change = changes.prepare_days(days("2026-11-17"), reason="临时放假", actor=city.officer, at=city.at)
    change = changes.apply(change.pk, actor=city.officer, at=city.at)
    work(change, city.at)
    told = Notice.objects.filter(kind="rules_moved", channel="inapp").values_list("recipient__username", flat=True)
    assert list(told) == ["leader"]


def test_a_restricted_matter_tells_only_the_persons_named(city: City) -> None:
    petition = make_petition(city, purpose="JK", sensitivity="accusation", respondent_unit=city.housing)
    clocks = list(Clock.objects.filter(petition=petition).values_list("pk", flat=True))
    named = set(petition.involvements.exclude(user=None).values_list("user__username", flat=True))
    assert {user.username for user in recompute._people(clocks)} == named


def test_several_intervals_and_the_hours_of_one_day_set_the_minute(city: City) -> None:
    morning = changes.checked_spans([[540, 720]], "spans")
    change = changes.prepare_days(
        days("2026-11-16", is_work=True, spans=morning), reason="半天", actor=city.officer, at=city.at
    )
    order = make_order(city, at=city.at + timedelta(hours=1))
    change = changes.apply(change.pk, actor=city.officer, at=city.at + timedelta(hours=1))
    work(change, city.at + timedelta(hours=1))
    # 11:00 in Shanghai: one hour until noon, the second hour from 8:30 the next morning.
    assert clock_of(order, "O_sign").due_at == datetime(2026, 11, 17, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("spans", [[], [[720, 540]], [[540, 700], [690, 800]], [[540, 540]], [[0, 1500]]])
def test_empty_or_overlapping_hours_are_refused_in_words(city: City, spans: list[list[int]]) -> None:
    with pytest.raises(Refused):
        changes.checked_spans(spans, "spans")


def test_a_calendar_without_working_days_is_refused(city: City) -> None:
    every = [row.isoformat() for row in Day.objects.values_list("day", flat=True)]
    with pytest.raises(Refused) as refusal:
        changes.prepare_days(days(*every), reason="全年放假", actor=city.officer, at=city.at)
    assert refusal.value.code == "no_calendar"
    assert not RuleChange.objects.exists()


def test_one_calendar_edit_waits_at_a_time(city: City) -> None:
    changes.prepare_days(days("2026-11-17"), reason="x", actor=city.officer, at=city.at)
    with pytest.raises(Refused):
        changes.prepare_days(days("2026-11-18"), reason="y", actor=city.admin, at=city.at)


def test_a_typed_notice_confirms_the_whole_year(city: City) -> None:
    off = {date(2027, 1, 1): "元旦", date(2027, 2, 8): "春节"}
    rows = changes.notice_days(2027, off=off, make_up=[date(2027, 2, 20)], names=off)
    change = changes.prepare_days(rows, reason="国办通知", actor=city.officer, at=city.at)
    changes.apply(change.pk, actor=city.officer, at=city.at)
    assert not Day.objects.filter(day__year=2027, is_confirmed=False).exists()
    assert not calendar().is_provisional(date(2027, 3, 1))
    assert [calendar().is_work(day) for day in (date(2027, 2, 8), date(2027, 2, 20), date(2027, 2, 9))] == [
        False,
        True,
        True,
    ]
    assert Day.objects.get(day="2027-02-08").note == "春节"


def test_a_notice_refuses_days_of_another_year_and_days_named_twice(city: City) -> None:
    with pytest.raises(Refused):
        changes.notice_days(2027, off=[date(2028, 1, 1)], make_up=[], names={})
    with pytest.raises(Refused):
        changes.notice_days(2027, off=[date(2027, 1, 2)], make_up=[date(2027, 1, 2)], names={})


def test_days_this_release_knows_by_now_are_offered_and_not_taken_silently(city: City) -> None:
    Day.objects.filter(day__year=2026).update(is_confirmed=False, source="guess")
    Day.objects.filter(day="2026-10-01").update(is_work=True, note="")
    rules.load_days(from_year=2026, until_year=2027)
    assert Day.objects.get(day="2026-10-01").is_work
    known = changes.published_days(2026)
    change = changes.prepare_days(known, reason="国办通知", actor=city.admin, at=city.at, source="package")
    changes.apply(change.pk, actor=city.admin, at=city.at)
    row = Day.objects.get(day="2026-10-01")
    assert (row.is_work, row.is_confirmed, row.source) == (False, True, "package")
    assert changes.published_days(2027) == []


# ---- convergence ----


def test_a_batch_done_twice_changes_nothing_the_second_time(city: City) -> None:
    order = make_order(city)
    change = changes.apply(shorter(city).pk, actor=city.officer, at=city.at)
    work(change, city.at)
    first = clock_of(order)
    jobs.start("recompute", [first.pk], params={"change": change.pk}, actor=city.officer, at=city.at)
    jobs.drain(now=lambda: city.at)
    again = clock_of(order)
    assert (again.generation, again.due_at) == (first.generation, first.due_at)
    assert ClockEvent.objects.filter(clock=first, kind="recompute").count() == 1


def test_what_another_process_started_by_the_old_rule_is_put_right(city: City) -> None:
    change = changes.apply(shorter(city).pk, actor=city.officer, at=city.at)
    late = make_order(city)
    old = Policy.objects.get(key=FEEDBACK, version=1)
    Clock.objects.filter(order=late, policy__key=FEEDBACK).update(policy=old, started_at=change.decided_at)
    assert recompute.catch_up(at=city.at + timedelta(seconds=40)) >= 1
    assert clock_of(late).policy.version == 2
    assert recompute.catch_up(at=city.at + timedelta(seconds=80)) == 0


def test_a_rung_that_was_told_and_still_lies_behind_is_not_told_again(city: City) -> None:
    from dispatch.actions import sweep

    order = make_order(city)
    at = city.at + timedelta(days=6, hours=6)
    sweep.sweep(at=at)
    clock = clock_of(order)
    assert set(Firing.objects.filter(clock_id=clock.pk).values_list("rung", flat=True)) == {1}
    change = changes.prepare_policy(FEEDBACK, {"length": 8}, reason="延长", actor=city.officer, at=at)
    work(changes.apply(change.pk, actor=city.officer, at=at), at)
    sweep.sweep(at=at + timedelta(days=1))
    told = Notice.objects.filter(kind="deadline", params__name="7日反馈", params__rung="warn", channel="inapp")
    assert told.values("dedupe_key").distinct().count() == 1


# ---- releases ----


def release(monkeypatch: pytest.MonkeyPatch, key: str, **values: Any) -> None:
    """A new release that says something else about one rule."""
    rows = [{**row, **values} if row["key"] == key else row for row in POLICIES]
    monkeypatch.setattr(rules, "POLICIES", rows)
    forget_cached_rules()


def test_a_release_replaces_a_rule_nobody_edited_by_a_new_version(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order(city)
    release(monkeypatch, FEEDBACK, length=6)
    assert rules.load_policies(at=city.at) == 1
    new = Policy.objects.get(key=FEEDBACK, is_current=True)
    assert (new.version, new.length, new.is_edited) == (2, 6, False)
    assert recompute.carry_over(at=city.at, actor=actions_actor(), reason="0.2") is not None
    jobs.drain(now=lambda: city.at)
    assert clock_of(order).policy == new
    assert rules.load_policies(at=city.at) == 0


def actions_actor() -> Any:
    from accounts.actors import Actor

    return Actor.system("release")


def test_a_release_never_touches_a_rule_that_was_edited_here(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    changes.apply(shorter(city).pk, actor=city.officer, at=city.at)
    release(monkeypatch, FEEDBACK, length=6)
    assert rules.load_policies(at=city.at) == 0
    assert Policy.objects.get(key=FEEDBACK, is_current=True).length == 5


def test_a_missing_rule_is_created(city: City) -> None:
    Policy.objects.filter(key="O_reply").delete()
    assert rules.load_policies(at=city.at) == 1


def test_a_calendar_that_is_none_raises_before_anything_is_written(city: City) -> None:
    Day.objects.all().update(is_work=False)
    with pytest.raises(CalendarError):
        build_calendar()


class Killed(BaseException):
    """What a kill -9 leaves behind, as far as one process can play it: nothing of the transaction under way."""


def test_a_job_killed_half_way_goes_on_where_it_stopped(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = [clock_of(make_order(city)).pk for _i in range(5)]
    monkeypatch.setattr(recompute.Recompute, "batch_size", 2)
    change = changes.apply(shorter(city).pk, actor=city.officer, at=city.at)
    tell, told = recompute.tell, []

    def killed_at_the_second_batch(*args: Any, **kwargs: Any) -> None:
        told.append(args)
        if len(told) == 2:
            raise Killed
        tell(*args, **kwargs)

    monkeypatch.setattr(recompute, "tell", killed_at_the_second_batch)
    with pytest.raises(Killed):
        jobs.drain(now=lambda: city.at)
    assert Job.objects.get(pk=change.job_id).handled == ClockShift.objects.count() == 2
    # Under its lease nobody else touches it; afterwards any worker takes it up.
    assert jobs.drain(now=lambda: city.at) == 0
    job = work(change, city.at + timedelta(minutes=2))
    assert (job.state, job.done, job.refused) == ("done", 5, 0)
    assert sorted(ClockShift.objects.values_list("clock", flat=True)) == sorted(clocks)
    assert {Clock.objects.get(pk=pk).events.filter(kind="recompute").count() for pk in clocks} == {1}
