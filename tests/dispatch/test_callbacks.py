"""The callback desk: whose calls, in which order, one caller each, and none that is lost (domain-facts §2.7)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AccessLog
from dispatch.actions import calls, orders, ratings
from dispatch.actions.callbacks import record, reveal_number
from dispatch.callbacks import queue, script
from dispatch.models import CallTask
from dispatch.talks import CITY_TIME
from petitions import actions
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, fed_back, make_order, make_petition, replied

ANSWERS = {"solved": "yes", "level": 5}


def enter(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def to_call(city: City, at: datetime | None = None, **changes) -> CallTask:
    """The call that a checked order brings."""
    at = at or city.at
    order = fed_back(city, order=make_order(city, petition=make_petition(city, at=at, **changes), at=at), at=at)
    orders.check(order.pk, passes=True, actor=city.officer, at=at + timedelta(hours=3))
    return CallTask.objects.get(order=order)


def claimed(city: City, task: CallTask, who: str = "agent", hours: float = 4) -> datetime:
    at = city.at + timedelta(hours=hours)
    calls.claim(task.pk, actor=city.people[who], at=at)
    return at


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=5)
    return city


def test_a_checked_lead_order_is_to_be_called_about_and_an_answer_ends_it(city: City) -> None:
    task = to_call(city)
    at = claimed(city, task)
    record(task.pk, result="reached", answers=ANSWERS, actor=city.agent, at=at)
    task.refresh_from_db()
    assert (task.end, task.order.state if task.order else "") == ("answered", "called_back")


def test_a_callback_on_the_case_page_ends_the_call_too(city: City) -> None:
    task = to_call(city)
    orders.call_back(task.order_id, result="refused", actor=city.officer, at=city.at + timedelta(hours=5))
    task.refresh_from_db()
    assert task.end == "refused"


def test_nobody_is_called_about_an_anonymous_matter_nor_an_assisting_order(city: City) -> None:
    order = fed_back(city, order=make_order(city, petition=make_petition(city, is_anonymous=True)))
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at)
    made = orders.dispatch(
        make_petition(city).pk, lead=city.town, assisting=[city.housing], actor=city.officer, at=city.at
    )
    fed_back(city, order=made[1])
    orders.check(made[1].pk, passes=True, actor=city.officer, at=city.at)
    assert not CallTask.objects.exists()


def test_each_unanswered_call_makes_the_next_and_the_third_ends_it(city: City) -> None:
    task, at = to_call(city), city.at + timedelta(hours=4)
    seen = []
    for _try in range(3):
        calls.claim(task.pk, actor=city.agent, at=at)
        record(task.pk, result="unreached", actor=city.agent, at=at)
        task.refresh_from_db()
        seen.append((task.tries, task.end))
        assert task.claimed_by is None
        if task.ended_at is None:
            assert task.call_after >= at + timedelta(hours=3)
            assert task not in queue(city.agent, at + timedelta(minutes=30))
            at = task.call_after
            assert task in queue(city.agent, at)
    assert seen == [(1, ""), (2, ""), (2, "tried")]
    task.order.refresh_from_db()
    assert task.order.state == "called_back"
    # So the reply is open, and the deadline of the callback was kept running all the while.
    assert (
        actions.reply(task.petition_id, text="已办结，特此答复，感谢反映。", actor=city.officer, at=at).state
        == "replied"
    )


@pytest.mark.parametrize("hour", range(24))
def test_the_next_try_is_in_another_part_of_the_day_and_at_a_decent_hour(hour: int) -> None:
    at = datetime(2026, 11, 16, hour, 20, tzinfo=CITY_TIME).astimezone(UTC)
    then = calls.next_try(at, hours=3).astimezone(CITY_TIME)
    assert then - at >= timedelta(hours=3)
    assert any(since <= then.hour < until for since, until in calls.PARTS)
    same = [part for part in calls.PARTS if part[0] <= hour < part[1] and part[0] <= then.hour < part[1]]
    assert not same


def test_an_appointment_is_kept_and_is_no_try(city: City) -> None:
    task = to_call(city)
    at = claimed(city, task)
    with pytest.raises(Refused) as refusal:
        record(task.pk, result="later", actor=city.agent, at=at)
    assert refusal.value.field == "call_at"
    then = at + timedelta(days=1)
    record(task.pk, result="later", call_at=then, actor=city.agent, at=at)
    task.refresh_from_db()
    assert (task.call_after, task.tries, task.ended_at) == (then, 0, None)
    assert task.order.callbacks.get().result == "later"


def test_one_call_has_one_caller_until_the_claim_runs_out(city: City) -> None:
    task = to_call(city)
    at = claimed(city, task)
    with pytest.raises(Refused) as refusal:
        calls.claim(task.pk, actor=city.dispatcher, at=at + timedelta(minutes=19))
    assert refusal.value.code == "claimed"
    with pytest.raises(Refused) as refusal:
        record(task.pk, result="reached", answers=ANSWERS, actor=city.dispatcher, at=at)
    assert refusal.value.code == "not_claimed"
    calls.claim(task.pk, actor=city.dispatcher, at=at + timedelta(minutes=21))
    with pytest.raises(Refused):
        record(task.pk, result="reached", answers=ANSWERS, actor=city.agent, at=at + timedelta(minutes=22))


@pytest.mark.django_db(transaction=True)
def test_agents_asking_at_once_never_get_the_same_call(city: City) -> None:
    for _i in range(3):
        to_call(city)
    got: list[int | None] = []
    people = ["agent", "dispatcher", "officer", "district_officer"]
    start = threading.Barrier(len(people))

    def ask(name: str) -> None:
        try:
            start.wait()
            task = calls.claim_next(actor=city.people[name], at=city.at + timedelta(hours=4))
            got.append(task.pk if task else None)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[name]) for name in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [pk for pk in got if pk]
    assert len(taken) == len(set(taken)) == 3


@pytest.mark.parametrize(
    "changes", [{"purpose": "JK"}, {"sensitivity": "confidential"}], ids=["class A", "confidential"]
)
def test_what_is_confidential_never_reaches_an_agents_queue(city: City, changes: dict) -> None:
    order = make_order(city, petition=make_petition(city, **changes))
    actions.involve(order.petition_id, user=city.handler, at=city.at)
    fed_back(city, order=order)
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at)
    task, at = CallTask.objects.get(), city.at + timedelta(hours=4)
    assert not queue(city.agent, at).exists()
    assert enter(city.agent).get(f"/callbacks/{task.pk}/").status_code == 404
    with pytest.raises(Refused) as refusal:
        calls.claim(task.pk, actor=city.agent, at=at)
    assert refusal.value.code == "forbidden"
    assert queue(city.officer, at).exists()


SEES = {"agent", "dispatcher", "officer", "district_officer"}


EVERYBODY = (*sorted(SEES), "far_officer", "handler", "leader", "inspector", "outsider", "admin")


@pytest.mark.parametrize("name", EVERYBODY)
def test_queue_and_seat_agree_for_every_role(lately: City, name: str) -> None:
    task = to_call(lately)
    client = enter(lately.people[name])
    listed = client.get("/callbacks/")
    seat = client.get(f"/callbacks/{task.pk}/")
    if name in SEES:
        assert [line["task"] for line in listed.context["lines"]] == [task]
        assert seat.status_code == 200
    elif name == "far_officer":
        assert listed.context["lines"] == []
        assert seat.status_code == 404
    else:
        assert (listed.status_code, seat.status_code) == (403, 404)


def test_an_agent_sees_the_matter_only_while_the_call_is_theirs(lately: City) -> None:
    task, client = to_call(lately), enter(lately.agent)
    url = f"/callbacks/{task.pk}/"
    words = "反映小区电梯停运两个月未修复"
    assert words not in client.get("/callbacks/").content.decode()
    assert words not in client.get(url).content.decode()
    assert client.post(f"{url}take/").status_code == 302
    page = client.get(url).content.decode()
    assert words in page
    assert "13812345127" not in page
    assert client.get(f"/petitions/{task.petition_id}/").status_code == 404
    CallTask.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert words not in client.get(url).content.decode()


def test_the_number_is_shown_for_a_reason_that_is_logged_to_the_one_who_calls(lately: City) -> None:
    task, client = to_call(lately), enter(lately.agent)
    url = f"/callbacks/{task.pk}/number/"
    assert client.post(url, {"reason": "回访信访人"}).status_code == 422
    calls.claim(task.pk, actor=lately.agent, at=timezone.now())
    shown = client.post(url, {"reason": "回访信访人"})
    assert "13812345127" in shown.content.decode()
    assert AccessLog.objects.get().user == lately.agent
    with pytest.raises(Refused):
        reveal_number(task.pk, reason="想看看", actor=lately.dispatcher, at=timezone.now())


def test_saving_goes_on_to_the_next_call(lately: City) -> None:
    first, second = to_call(lately), to_call(lately)
    client = enter(lately.agent)
    assert client.post("/callbacks/next/").url == f"/callbacks/{first.pk}/"
    bad = client.post(f"/callbacks/{first.pk}/", {"result": "reached", "then": "next"})
    assert bad.status_code == 422
    assert {"solved", "level"} <= set(bad.context["form"].errors)
    sent = {"result": "reached", "solved": "yes", "level": "5", "was_contacted": "yes", "then": "next"}
    assert client.post(f"/callbacks/{first.pk}/", sent).url == f"/callbacks/{second.pk}/"
    assert client.post(f"/callbacks/{second.pk}/", sent).url == "/callbacks/"


def test_a_bad_rating_is_called_about_from_the_desk_and_rated_once_more(city: City) -> None:
    petition, at = replied(city), city.at + timedelta(days=1)
    actions.rate(petition.pk, office=3, unit=1, comment="", actor=city.officer, at=at)
    task = CallTask.objects.open().get()
    calls.claim(task.pk, actor=city.agent, at=at)
    record(task.pk, result="reached", said="异响仍在", actor=city.agent, at=at)
    ratings.put_right(
        petition.pk, measures="更换了曳引钢丝绳并检验合格。", actor=city.handler, at=at + timedelta(days=2)
    )
    again, later = CallTask.objects.open().get(), at + timedelta(days=3)
    assert "{" not in script(again, city.agent)
    calls.claim(again.pk, actor=city.agent, at=later)
    with pytest.raises(Refused):
        record(again.pk, result="reached", actor=city.agent, at=later)
    record(again.pk, result="reached", rating=(3, 3), actor=city.agent, at=later)
    assert petition.bad_ratings.get().is_rated_again
    assert not CallTask.objects.open().exists()


def test_who_cannot_be_reached_for_the_rating_more_leaves_the_first_one_standing(city: City) -> None:
    petition, at = replied(city), city.at + timedelta(days=1)
    actions.rate(petition.pk, office=3, unit=1, comment="", actor=city.officer, at=at)
    ratings.put_right(petition.pk, measures="更换了曳引钢丝绳并检验合格。", actor=city.handler, at=at)
    task = CallTask.objects.open().get()
    for _try in range(3):
        at = max(at, task.call_after)
        calls.claim(task.pk, actor=city.agent, at=at)
        record(task.pk, result="unreached", actor=city.agent, at=at)
        task.refresh_from_db()
    assert task.end in {"tried", "cancelled"}
    bad = petition.bad_ratings.get()
    assert bad.ended_at is not None
    assert not bad.is_rated_again
    closed = actions.close(Petition.objects.get(pk=petition.pk).pk, remark="", actor=city.officer, at=at)
    assert closed.state == "closed"


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_takes_the_same_statements_for_one_row_and_three(
    lately: City, count: int, django_assert_num_queries
) -> None:
    for _i in range(count):
        to_call(lately)
    client = enter(lately.officer)
    client.get("/callbacks/")
    with django_assert_num_queries(4):
        assert len(client.get("/callbacks/").context["lines"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_bad_ratings_take_the_same_statements_for_one_row_and_three(
    city: City, count: int, django_assert_num_queries
) -> None:
    for _i in range(count):
        petition = replied(city)
        actions.rate(petition.pk, office=3, unit=1, comment="", actor=city.officer, at=city.at + timedelta(days=1))
    client = enter(city.leader)
    client.get("/callbacks/bad/")
    with django_assert_num_queries(5):
        assert len(client.get("/callbacks/bad/").context["lines"]) == count
    assert enter(city.outsider).get("/callbacks/bad/").context["lines"] == []
