"""The demo city: the same every time, made only by actions, with every state, and a past whose deadlines kept time."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from accounts.models import User
from config.demo_city import people
from config.demo_city.matters import matters
from config.demo_city.planning import plan
from config.demo_city.simulation import play
from config.demo_city.stock import bucket_of
from config.demo_city.world import World
from dispatch.actions import notices
from dispatch.actions.clocks import forget_cached_rules
from dispatch.models import (
    Clock,
    ClockEvent,
    Firing,
    Notice,
    PendingRung,
    Proposal,
    Reminder,
    Suggestion,
    SupervisionOrder,
    WorkOrder,
)
from dispatch.states import OrderState
from petitions.events import verify_all
from petitions.identity import check_phone, parse_resident_id
from petitions.models import Event, Petition, Petitioner, Purpose
from petitions.states import State

# A Tuesday afternoon in Shanghai.
UNTIL = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
COUNT = 110


@pytest.fixture(scope="module")
def reference(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The whole reference data, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        forget_cached_rules()
        call_command("load_reference", verbosity=0)
        yield
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
        forget_cached_rules()


@pytest.fixture(scope="module")
def said(reference: None) -> str:
    """The seeded city; what the command said."""
    out = StringIO()
    call_command("seed_demo", petitions=COUNT, cases=0, until=UNTIL.isoformat(), stdout=out)
    return out.getvalue()


def test_it_makes_as_many_as_asked_and_says_so(said: str) -> None:
    assert Petition.objects.count() == COUNT
    assert f"seed_demo 25/{COUNT}\n" in said
    assert said.splitlines()[-1].startswith(f"seed_demo {COUNT}/{COUNT} done")


def test_it_refuses_to_run_twice(said: str) -> None:
    with pytest.raises(CommandError, match="--more"):
        call_command("seed_demo", petitions=5)
    with pytest.raises(CommandError, match="time zone"):
        call_command("seed_demo", petitions=5, until="2026-11-24", more=True)


def test_every_state_occurs(said: str) -> None:
    assert set(Petition.objects.values_list("state", flat=True)) == set(State.values)
    assert set(WorkOrder.objects.values_list("state", flat=True)) == set(OrderState.values)


def test_every_bucket_of_deadlines_occurs(said: str) -> None:
    dues = Petition.objects.filter(is_open=True).values_list("next_due_at", flat=True)
    buckets = Counter(bucket_of(due, UNTIL) for due in dues)
    assert min(buckets[name] for name in ("overdue", "today", "soon", "later")) >= 5


def test_every_petition_was_registered_and_every_chain_holds(said: str) -> None:
    assert Event.objects.filter(kind="register", seq=1).count() == COUNT
    assert not [found for _count, found in verify_all() if found]
    for number in Petition.objects.values_list("pk", flat=True):
        # A rung that fell due while a hearing of the past was played is told by the sweep after it.
        told = Event.objects.filter(petition=number).exclude(kind="deadline")
        times = list(told.order_by("seq").values_list("at", flat=True))
        assert times == sorted(times)
        assert times[-1] <= UNTIL


def test_numbers_follow_the_order_of_registration(said: str) -> None:
    moments = list(Petition.objects.order_by("year", "serial").values_list("registered_at", flat=True))
    assert moments == sorted(moments)


def test_every_rung_fired_within_its_minute(said: str) -> None:
    assert not PendingRung.objects.filter(fire_at__lte=UNTIL).exists()
    assert not Firing.objects.filter(announced_at=None).exists()
    assert Firing.objects.exists()
    # A clock reopened by a send-back may be past its due time already.
    reopened = ClockEvent.objects.filter(kind="reopen").values("clock")
    late = Firing.objects.filter(fired_at__gt=F("planned_at") + timedelta(minutes=1))
    assert not late.exclude(clock_id__in=reopened).exists()
    # A right lapses; nobody is late.
    duties = Clock.objects.filter(policy__is_right=False)
    overdue = duties.filter(state="running", due_at__lt=UNTIL - timedelta(minutes=1))
    assert overdue.exists()
    assert not overdue.filter(breached_at=None).exists()


def test_no_old_mail_waits_and_no_old_notice_is_unread(said: str) -> None:
    old = Notice.objects.filter(created_at__lt=UNTIL - timedelta(days=1))
    assert old.exists()
    assert not old.filter(delivered_at=None).exists()
    assert not old.filter(channel="inapp", read_at=None).exists()


@pytest.mark.parametrize(
    ("username", "least"),
    [("shenyiming", 20), ("linwanqing", 20), ("chenluoping", 5), ("xuwenbo", 8), ("wangruolan", 8), ("zhengkaiyue", 3),
     ("hujingyi", 3), ("luozhengfei", 1), ("fangdahai", 1), ("zhouxiaoman", 2)],
)  # fmt: skip
def test_the_cast_has_work(said: str, username: str, least: int) -> None:
    person = User.objects.get(username=username)
    assert Petition.objects.visible_to(person).filter(is_open=True).count() >= least


def test_the_open_accusation_is_for_the_named_officer_only(said: str) -> None:
    open_ones = Petition.objects.filter(purpose=Purpose.ACCUSE, is_open=True)
    assert open_ones.visible_to(User.objects.get(username="shenyiming")).count() == open_ones.count() == 1
    for username in ("linwanqing", "xuwenbo", "tangguofeng", "chenluoping"):
        assert not open_ones.visible_to(User.objects.get(username=username)).exists()


def test_its_people_are_credible_and_cannot_be_called(said: str) -> None:
    for person in Petitioner.objects.all():
        assert person.name
        assert check_phone(person.phone).startswith("1990000")
        if person.id_no:
            assert parse_resident_id(person.id_no, today=UNTIL.date()).sex == person.sex


def test_no_blank_is_left_in_any_text(said: str) -> None:
    for petition in Petition.objects.all():
        text = petition.summary + petition.content + petition.demand + petition.reply_text
        assert "{" not in text
        assert "|" not in text
        assert len(petition.content) >= 15


def test_the_same_seed_plans_the_same_city(reference: None) -> None:
    def planned() -> list[Any]:
        clusters = plan(World.load(UNTIL), petitions=60, seed="7", months=6)
        return [
            (case.title, case.story, case.person, [(step.at, step.kind) for step in case.steps])
            for cluster in clusters
            for case in cluster
        ]

    assert planned() == planned()


def test_the_same_plan_leaves_the_same_numbers_of_everything(reference: None) -> None:
    def lived() -> list[int]:
        with transaction.atomic():
            world = World.load(UNTIL)
            for cluster in plan(world, petitions=60, seed="7", months=6)[::9]:
                play(cluster, world)
            counts = [model.objects.count() for model in (Petition, Event, WorkOrder, Clock, Firing, Notice)]
            transaction.set_rollback(True)
        return counts

    assert lived() == lived()


def test_there_are_forty_kinds_of_matters_and_more() -> None:
    handled = [matter for matter in matters() if matter.is_handled]
    assert len(handled) >= 40
    for matter in handled:
        assert {"title", "demand", "contact", "solved", "other", "why"} <= set(matter.words)


@pytest.mark.django_db
def test_settling_leaves_the_news_alone(city: Any) -> None:
    from tests.city import make_order

    make_order(city)
    assert notices.settle(before=city.at) == 0
    written = Notice.objects.count()
    assert notices.settle(before=city.at + timedelta(seconds=1), petitions=[0]) == 0
    assert notices.settle(before=city.at + timedelta(seconds=1)) == written
    assert not Notice.objects.filter(channel="email", delivered_at=None).exists()


def test_identity_numbers_pass_their_check() -> None:
    from random import Random

    for seed in range(50):
        number = people.identity_number(Random(seed), "330203", "female")
        assert parse_resident_id(number, today=UNTIL.date()).sex == "female"


def test_the_offices_supervise(said: str) -> None:
    assert set(SupervisionOrder.objects.values_list("level", flat=True)) >= {"letter", "order", "listed"}
    assert {"waiting", "answered", "ended"} <= set(SupervisionOrder.objects.values_list("state", flat=True))
    assert Proposal.objects.filter(decided_at=None).exists()
    assert Reminder.objects.filter(answered_at=None).exists()
    assert Reminder.objects.exclude(answered_at=None).exists()
    assert {"waiting", "answered"} <= set(Suggestion.objects.values_list("state", flat=True))
    unanswered = Clock.objects.filter(subject="suggestion", state="running").exclude(breached_at=None)
    assert unanswered.exists()
