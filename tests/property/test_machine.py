"""A petition, its work orders and their clocks under random moves, legal and not, with sweeps in between.

After every step the same things hold, whatever came before: see the invariants at the end.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions import clocks, ledger, orders, reckoning, sweep
from dispatch.clocks import city_day
from dispatch.models import Clock, ClockEvent, Day, Extension, Firing, Notice, Pause, PendingRung, WorkOrder
from dispatch.projection import replay
from petitions import actions as petitions
from petitions import events
from petitions.attachments import store_all
from petitions.models import NO_DEADLINE, Event, Petition
from petitions.states import Refused
from tests.city import City, build_city, make_petition

# Who tries a step: most often the one whose step it is, sometimes somebody else.
WHO = st.sampled_from(["", "", "", "", "outsider", "handler", "officer"])
LONG = "经现场核实，已更换主板并检验合格。"
# What a person may try on a work order: the step, and whose it is.
ORDER_STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "sign": (orders.sign, "handler"),
    "contact": (lambda pk, **by: orders.record_contact(pk, means="phone", said="已通话", **by), "handler"),
    "miss": (
        lambda pk, **by: orders.record_contact(pk, means="phone", said="无人接", result="unreached", **by),
        "handler",
    ),
    "feed_back": (lambda pk, **by: orders.feed_back(pk, outcome="solved", findings=LONG, **by), "handler"),
    "pass": (lambda pk, **by: orders.check(pk, passes=True, **by), "officer"),
    "send_back": (lambda pk, **by: orders.check(pk, passes=False, remark="缺照片", **by), "officer"),
    "call_back": (lambda pk, **by: orders.call_back(pk, result="refused", **by), "officer"),
    "recall": (lambda pk, **by: orders.recall(pk, reason="改派", **by), "officer"),
    "pause": (lambda pk, **by: ledger.grant_pause(pk, **by), "officer"),
    "refuse_pause": (lambda pk, **by: ledger.refuse_pause(pk, remark="理由不成立", **by), "officer"),
    "resume": (lambda pk, **by: ledger.resume(pk, **by), "officer"),
}
PETITION_STEPS: dict[str, Callable[..., Any]] = {
    "reply": lambda pk, **by: petitions.reply(pk, text=LONG, **by),
    "rate": lambda pk, **by: petitions.rate(pk, office=3, unit=3, comment="", **by),
    "close": lambda pk, **by: petitions.close(pk, remark="办结", **by),
    "withdraw": lambda pk, **by: petitions.withdraw(pk, reason="信访人撤回", **by),
    "reopen": lambda pk, **by: petitions.reopen(pk, reason="出现新的事实", **by),
    "rework": lambda pk, **by: petitions.rework(pk, reason="问题没有解决", **by),
}


class Casework(RuleBasedStateMachine):
    """One petition and everything that can be done about it."""

    city: City

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        clocks.forget_cached_rules()
        self.at = self.city.at
        self.seen = 0

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)
        clocks.forget_cached_rules()

    @initialize(
        urgency=st.sampled_from(["normal", "urgent", "difficult"]),
        purpose=st.sampled_from(["QJ", "QT", "YJ"]),
        head_start=st.sampled_from([2, 2, 2, 3, 4, 1, 0]),
    )
    def register(self, urgency: str, purpose: str, head_start: int) -> None:
        """From a fresh petition up to a checked feedback, so that short walks get far too."""
        self.petition = make_petition(self.city, urgency=urgency, purpose=purpose).pk
        if head_start:
            orders.dispatch(self.petition, lead=self.city.units["housing"], actor=self.person("officer"), at=self.at)
        for name in ("contact", "feed_back", "pass")[: max(head_start - 1, 0)]:
            self.step_on_order(name)

    # ---- what the steps share ----

    def attempt(self, step: Callable[..., Any], *arguments: Any, **fields: Any) -> bool:
        """Take a step: it is done with at most one event of its kind for each row, or refused and changes nothing."""
        before, count = self.snapshot(), Event.objects.filter(petition=self.petition).count()
        try:
            with transaction.atomic():
                step(*arguments, at=self.at, **fields)
        except Refused:
            assert self.snapshot() == before
            return False
        fresh = Event.objects.filter(petition=self.petition).order_by("seq")[count:]
        kinds = Counter((event.kind, event.data.get("order")) for event in fresh if event.kind != "attach")
        assert all(n == 1 for n in kinds.values()), kinds
        return True

    def snapshot(self) -> str:
        """A digest of every row a step could touch, in one statement."""
        models = (Petition, WorkOrder, Clock, ClockEvent, PendingRung, Pause, Extension, Notice, Event)
        rows = " UNION ALL ".join(f"SELECT t::text AS x FROM {model._meta.db_table} t" for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT md5(string_agg(x, '|' ORDER BY x)) FROM ({rows}) every_row")
            return str(cursor.fetchone()[0])

    def order(self) -> WorkOrder | None:
        return WorkOrder.objects.filter(petition=self.petition).order_by("-seq").first()

    def has_order(self) -> bool:
        return self.order() is not None

    def in_hand(self) -> bool:
        order = self.order()
        return order is not None and order.state == "in_hand"

    # ---- rules ----

    @rule(hours=st.sampled_from([1, 5, 20, 50, 170]), is_swept=st.booleans())
    def wait(self, hours: int, is_swept: bool) -> None:
        self.at += timedelta(hours=hours)
        if is_swept:
            ledger.resume_due(at=self.at)
            assert ledger.resume_due(at=self.at) == 0
            sweep.sweep(at=self.at)
            again = sweep.sweep(at=self.at)
            assert (again.fired, again.announced) == (0, 0)

    @rule(who=WHO)
    def dispatch(self, who: str) -> None:
        self.attempt(
            orders.dispatch, self.petition, lead=self.city.units["housing"], actor=self.person(who or "officer")
        )

    @precondition(has_order)
    @rule(name=st.sampled_from(sorted(ORDER_STEPS)), who=WHO)
    def try_on_order(self, name: str, who: str) -> None:
        self.step_on_order(name, who)

    # The way most cases go, so that random walks get far enough to reply and close.
    @precondition(has_order)
    @rule()
    def go_on(self) -> None:
        order = self.order()
        assert order is not None
        usual = {"waiting": "contact", "in_hand": "feed_back", "fed_back": "pass", "checked": "call_back"}
        if order.state in usual:
            self.step_on_order(usual[order.state])
        else:
            state = Petition.objects.values_list("state", flat=True).get(pk=self.petition)
            name = {"handling": "reply", "replied": "rate"}.get(state, "close")
            self.attempt(PETITION_STEPS[name], self.petition, actor=self.person("officer"))

    def step_on_order(self, name: str, who: str = "") -> None:
        order, (step, usually) = self.order(), ORDER_STEPS[name]
        assert order is not None
        self.attempt(step, order.pk, actor=self.person(who or usually))

    # A withdrawal is always possible and ends everything: seldom.
    @rule(name=st.sampled_from(["rework", "rate", "close", "reply", "reopen"] * 3 + ["withdraw"]), who=WHO)
    def try_on_petition(self, name: str, who: str) -> None:
        self.attempt(PETITION_STEPS[name], self.petition, actor=self.person(who or "officer"))

    @precondition(in_hand)
    @rule(
        ground=st.sampled_from(["majeure", "majeure", "expert", "unreached", "hearing"]),
        days=st.integers(0, 20),
        is_granted=st.sampled_from([True, True, False]),
    )
    def ask_pause(self, ground: str, days: int, is_granted: bool) -> None:
        order, handler = self.order(), self.person("handler")
        assert order is not None
        until = city_day(self.at + timedelta(days=days))
        fields = {"ground": ground, "reason": LONG, "until": until, "actor": handler}
        if self.attempt(ledger.ask_pause, order.pk, **fields):
            event = Event.objects.filter(petition=self.petition, kind="order.ask_pause").latest("seq")
            files = [SimpleUploadedFile("证明.txt", b"document")]
            store_all(self.petition, files, actor=handler, at=self.at, event=event)
            if is_granted:
                self.step_on_order("pause")

    @precondition(in_hand)
    @rule(amount=st.sampled_from([3, 1, 9, 0]), answer=st.sampled_from(["grant", "refuse", ""]), who=WHO)
    def ask_extension(self, amount: int, answer: str, who: str) -> None:
        order = self.order()
        clock = Clock.objects.filter(order=order, policy__key__startswith="O_feedback").order_by("-id").first()
        assert order is not None
        fields = {"clock": clock.pk if clock else 0, "amount": amount, "reason": LONG}
        self.attempt(ledger.ask_extension, order.pk, actor=self.person(who or "handler"), **fields)
        entry = Extension.objects.filter(order=order).order_by("-id").first()
        if answer and entry is not None:
            said = {"told_how": "phone", "told": "期限延长", "remark": "不同意"}
            decision = {"extension": entry.pk, "grants": answer == "grant", **said}
            self.attempt(ledger.decide_extension, order.pk, actor=self.person(who or "officer"), **decision)

    @rule(days=st.integers(1, 12), is_work=st.booleans())
    def edit_the_calendar(self, days: int, is_work: bool) -> None:
        Day.objects.filter(day=city_day(self.at + timedelta(days=days))).update(is_work=is_work)
        ids = list(Clock.objects.values_list("pk", flat=True))
        system = Actor.system()
        reckoning.recompute(ids, at=self.at, actor=system, reason="放假安排")
        assert reckoning.recompute(ids, at=self.at, actor=system, reason="放假安排") == []

    def person(self, who: str) -> User:
        return self.city.people[who]

    # ---- invariants ----

    @invariant()
    def everything_holds(self) -> None:
        if not hasattr(self, "petition"):
            return
        assert events.verify(self.petition) is None
        petition = Petition.objects.get(pk=self.petition)
        own = list(WorkOrder.objects.filter(petition=petition))
        alive = list(Clock.objects.select_related("policy").order_by("due_at"))
        folded(alive)
        breaches_are_dated_at_the_due_time(alive)
        rungs_belong_to_running_clocks(alive)
        nothing_is_told_twice()
        for row, clocks_of in ((petition, alive), *((o, [c for c in alive if c.order_id == o.pk]) for o in own)):
            lists_show_the_nearest_running_deadline(row, clocks_of)
        orders_rest_while_a_pause_runs(own)
        ended_cases_leave_nothing_running(petition, own, alive)


def folded(clocks_now: list[Clock]) -> None:
    """Every clock is the fold of its events."""
    history: dict[int, list[ClockEvent]] = {}
    for event in ClockEvent.objects.order_by("id"):
        history.setdefault(event.clock_id, []).append(event)
    for clock in clocks_now:
        figures = replay(history[clock.pk])
        assert {name: getattr(clock, name) for name in vars(figures)} == vars(figures)


def breaches_are_dated_at_the_due_time(clocks_now: list[Clock]) -> None:
    for clock in clocks_now:
        assert clock.breached_at in (None, clock.due_at)
        assert clock.detected_at is None or clock.detected_at >= clock.due_at
        assert not (clock.state == "paused" and clock.breached_at)


def rungs_belong_to_running_clocks(clocks_now: list[Clock]) -> None:
    """None stands before a clock that does not run, and all are of its present generation."""
    running = {clock.pk: clock.generation for clock in clocks_now if clock.state == "running"}
    assert all(running.get(rung.clock_id) == rung.generation for rung in PendingRung.objects.all())


def nothing_is_told_twice() -> None:
    told = Firing.objects.filter(announced_at__isnull=False, is_moot=False)
    moments = Counter(told.values_list("clock_id", "rung", "planned_at"))
    assert all(n == 1 for n in moments.values())


def lists_show_the_nearest_running_deadline(row: Petition | WorkOrder, clocks_of: list[Clock]) -> None:
    dues = [clock.due_at for clock in clocks_of if clock.state == "running" and not clock.policy.is_right]
    assert row.next_due_at == (dues[0] if dues else NO_DEADLINE)


def orders_rest_while_a_pause_runs(own: list[WorkOrder]) -> None:
    running = set(Pause.objects.filter(state="running", order__isnull=False).values_list("order_id", flat=True))
    assert {order.pk for order in own if order.state == "paused"} == running


def ended_cases_leave_nothing_running(petition: Petition, own: list[WorkOrder], clocks_now: list[Clock]) -> None:
    ended = {order.pk for order in own if not order.is_open}
    left = [clock for clock in clocks_now if clock.state in {"running", "paused"}]
    assert not [clock for clock in left if clock.order_id in ended]
    assert not Pause.objects.filter(order__in=ended, state__in=["asked", "running"]).exists()
    assert not Extension.objects.filter(order__in=ended, state="asked").exists()
    if not petition.is_open:
        assert {c.policy.key for c in left if not c.policy.is_right} <= set(OUTLIVE)


# Obligations towards the petitioner that stand although the case is closed.
OUTLIVE: tuple[str, ...] = ()


@pytest.mark.django_db
def test_whatever_is_tried_the_invariants_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    Casework.city = build_city()
    run_state_machine_as_test(
        Casework,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
