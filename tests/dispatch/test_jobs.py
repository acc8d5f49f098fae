"""Jobs: each row once, whatever happens to the worker; who sees them; their page and files."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import OperationalError

from accounts.actors import Actor
from accounts.models import AccessLog, User
from dispatch import jobs as kinds
from dispatch.actions import jobs
from dispatch.models import Job, JobItem
from petitions import actions
from petitions.models import Event
from petitions.states import Refused
from tests.city import City, make_petition
from tests.dispatch.test_views_case import enter


class NoteHandler(jobs.Handler):
    """Adds a note; what a row asks for beside it stands in its params."""

    subject = "petition"
    label = "记录"

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        if item.params.get("raise") == "refused":
            raise Refused("不可以")
        event = actions.add_note(item.target_id, kind="note", text=job.params["text"], actor=actor, at=at)
        if item.params.get("raise") == "fault":
            raise RuntimeError("broken row")
        if item.params.get("raise") == "thrown_back":
            raise OperationalError("deadlock detected")
        item.event_id = event.pk
        return "已记录"


class CountHandler(jobs.Handler):
    """Set-based: a batch a transaction; breaks at the target 7."""

    batch_size = 4
    batches: list[list[int]] = []

    def run_batch(self, job: Job, items: Sequence[JobItem], *, at: datetime, actor: Actor) -> None:
        targets = [item.target_id for item in items]
        if 7 in targets:
            raise ValueError("seven")
        self.batches.append(targets)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    known = dict(kinds._HANDLERS)
    CountHandler.batches = []
    jobs.register("test_note", NoteHandler())
    jobs.register("test_count", CountHandler())
    yield
    kinds._HANDLERS.clear()
    kinds._HANDLERS.update(known)


def begin(city: City, count: int = 3, *, actor: User | None = None, rows: Any = None, **changes: Any) -> Job:
    targets = [make_petition(city).pk for _i in range(count)]
    asked = {targets[place]: params for place, params in (rows or {}).items()}
    return jobs.start(
        "test_note", targets, params={"text": "成批"}, rows=asked, actor=actor or city.officer, at=city.at, **changes
    )


def drain(city: City, at: datetime | None = None) -> int:
    return jobs.drain(now=lambda: at or city.at)


def results(job: Job) -> list[str]:
    return list(job.items.order_by("position").values_list("result", flat=True))


def notes_of(job: Job) -> list[int]:
    rows = job.items.order_by("position").values_list("target_id", flat=True)
    return [Event.objects.filter(petition_id=pk, kind="note").count() for pk in rows]


def test_every_row_is_done_and_says_so(city: City) -> None:
    job = begin(city)
    drain(city)
    job.refresh_from_db()
    assert (job.state, job.done, job.refused, job.total) == ("done", 3, 0, 3)
    assert results(job) == ["done"] * 3
    assert notes_of(job) == [1, 1, 1]
    item = job.items.first()
    assert item is not None and item.message == "已记录"
    assert Event.objects.get(pk=item.event_id).actor == city.officer


def test_a_refused_and_a_poisoned_row_hold_up_no_other_and_leave_nothing_behind(city: City) -> None:
    job = begin(city, 4, rows={0: {"raise": "refused"}, 2: {"raise": "fault"}})
    drain(city)
    job.refresh_from_db()
    assert results(job) == ["refused", "done", "refused", "done"]
    assert (job.state, job.done, job.refused) == ("done", 2, 2)
    assert notes_of(job) == [0, 1, 0, 1]
    refused, _done, poisoned, _last = job.items.order_by("position")
    assert refused.message == "不可以"
    assert "broken row" in poisoned.error and "broken row" not in poisoned.message


def test_a_row_the_database_throws_back_is_tried_three_times(city: City) -> None:
    job = begin(city, 2, rows={0: {"raise": "thrown_back"}})
    drain(city)
    assert results(job) == ["refused", "done"]
    assert job.items.order_by("position")[0].attempts == jobs.TRIES


def test_the_same_target_twice_is_one_row(city: City) -> None:
    pk = make_petition(city).pk
    job = jobs.start("test_note", [pk, pk], params={"text": "x"}, actor=city.officer, at=city.at)
    drain(city)
    assert notes_of(job) == [1]


def test_an_unknown_kind_is_refused_before_anything_is_written(city: City) -> None:
    with pytest.raises(KeyError):
        jobs.start("no_such_kind", [1], params={}, actor=city.officer, at=city.at)
    assert not Job.objects.exists()


def test_a_job_whose_kind_is_gone_ends_with_its_reason(city: City) -> None:
    job = begin(city)
    del kinds._HANDLERS["test_note"]
    drain(city)
    job.refresh_from_db()
    assert job.state == "failed" and "test_note" in job.error
    assert enter(city.officer).get(f"/jobs/{job.pk}/").status_code == 200


def test_a_batch_with_one_bad_row_is_halved_until_it_stands_alone(city: City) -> None:
    job = jobs.start("test_count", range(1, 11), params={}, actor=Actor.system("rules"), at=city.at)
    drain(city)
    job.refresh_from_db()
    assert (job.state, job.done, job.refused) == ("done", 9, 1)
    assert job.items.get(target_id=7).result == "refused"
    assert sorted(n for batch in CountHandler.batches for n in batch) == [n for n in range(1, 11) if n != 7]


def test_rights_are_asked_again_when_a_row_has_its_turn(city: City) -> None:
    job = begin(city, 1, actor=city.dispatcher)
    User.objects.filter(pk=city.dispatcher.pk).update(role="inspector")
    drain(city)
    assert results(job) == ["refused"] and notes_of(job) == [0]


def test_who_has_left_does_nothing_more(city: City) -> None:
    job = begin(city, 2)
    User.objects.filter(pk=city.officer.pk).update(is_active=False)
    drain(city)
    assert results(job) == ["refused", "refused"] and notes_of(job) == [0, 0]


def test_a_claimed_job_is_nobody_elses_until_the_lease_is_over(city: City) -> None:
    job = begin(city)
    assert jobs.claim(at=city.at) == job
    assert jobs.claim(at=city.at + jobs.LEASE - timedelta(seconds=1)) is None
    assert drain(city, city.at + jobs.LEASE) == 1
    assert notes_of(job) == [1, 1, 1]


def test_a_worker_that_was_replaced_does_no_further_row(city: City) -> None:
    job = begin(city)
    old = jobs.claim(at=city.at)
    assert old is not None
    new = jobs.claim(at=city.at + jobs.LEASE)
    assert new is not None and new.pk == job.pk
    jobs.work(old, now=lambda: city.at + jobs.LEASE, until=city.at + timedelta(hours=1))
    assert notes_of(job) == [0, 0, 0]
    assert results(job) == ["waiting"] * 3


def test_a_cancelled_job_keeps_what_is_done_and_leaves_the_rest(city: City) -> None:
    job = begin(city)
    held = jobs.claim(at=city.at)
    assert held is not None
    first = job.items.order_by("position")[0]
    jobs._batch(held, kinds.handler_for("test_note"), [first.pk], lambda: city.at)
    jobs.cancel(job.pk, actor=city.officer, at=city.at)
    jobs.work(held, now=lambda: city.at, until=city.at + timedelta(hours=1))
    job.refresh_from_db()
    assert job.state == "cancelled" and results(job) == ["done", "waiting", "waiting"]
    assert notes_of(job) == [1, 0, 0]
    with pytest.raises(Refused):
        jobs.cancel(job.pk, actor=city.officer, at=city.at)


def test_a_row_that_kills_every_worker_is_set_aside(city: City) -> None:
    job = begin(city)
    at = city.at
    for _death in range(jobs.TRIES):
        assert jobs.claim(at=at) is not None
        at += jobs.LEASE
    drain(city, at)
    job.refresh_from_db()
    assert results(job) == ["refused", "done", "done"] and job.state == "done"


def test_a_long_job_makes_room_for_a_short_one(city: City) -> None:
    long, short = begin(city, 3), begin(city, 1)
    moments = iter(city.at + timedelta(seconds=11 * n) for n in range(100))
    jobs.drain(now=lambda: next(moments), seconds=600)
    long.refresh_from_db()
    short.refresh_from_db()
    assert short.state == long.state == "done" and short.finished_at < long.finished_at


def test_a_draft_is_sent_once_and_by_its_own_person_only(city: City) -> None:
    pk = make_petition(city).pk
    draft = jobs.prepare("test_note", [pk], params={}, actor=city.officer, at=city.at)
    assert drain(city) == 0
    with pytest.raises(Refused):
        jobs.confirm(draft.pk, params={"text": "x"}, actor=city.dispatcher, at=city.at)
    jobs.confirm(draft.pk, params={"text": "x"}, actor=city.officer, at=city.at)
    with pytest.raises(Refused) as twice:
        jobs.confirm(draft.pk, params={"text": "x"}, actor=city.officer, at=city.at)
    assert twice.value.code == "sent"
    drain(city)
    assert notes_of(draft) == [1]


def test_a_forgotten_draft_goes_after_two_days(city: City) -> None:
    jobs.prepare("test_note", [make_petition(city).pk], params={}, actor=city.officer, at=city.at)
    kept = begin(city, 1)
    drain(city, city.at + timedelta(days=3))
    assert list(Job.objects.values_list("pk", flat=True)) == [kept.pk]


def test_a_broker_that_is_away_costs_nothing_but_time(
    city: City, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.current_app.send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        job = begin(city)
    drain(city)
    job.refresh_from_db()
    assert job.state == "done"


def test_own_jobs_only_but_the_city_office_sees_all(city: City) -> None:
    job = begin(city, 1, actor=city.district_officer)
    for person in city.people.values():
        expected = 200 if person in {city.district_officer, city.officer} else 404
        client = enter(person)
        assert client.get(f"/jobs/{job.pk}/").status_code == expected, person.username
        assert client.get(f"/jobs/{job.pk}/result.csv").status_code == expected
        in_list = [row[0].pk for row in client.get("/jobs/?show=all").context["rows"]]
        assert (job.pk in in_list) == (expected == 200)
    assert enter(city.outsider).post(f"/jobs/{job.pk}/cancel/").status_code == 404
    assert enter(city.officer).post(f"/jobs/{job.pk}/retry/").status_code == 403


def test_a_row_out_of_sight_keeps_its_result_and_loses_its_words(city: City) -> None:
    secret = make_petition(city, purpose="JK", summary="检举某局长")
    job = jobs.start("test_note", [secret.pk], params={"text": "x"}, actor=city.officer, at=city.at)
    drain(city)
    assert "检举某局长" in enter(city.officer).get(f"/jobs/{job.pk}/").content.decode()
    # Another city officer sees the job, but is not named for the matter.
    User.objects.filter(pk=city.inspector.pk).update(role="city_officer")
    page = enter(city.inspector).get(f"/jobs/{job.pk}/").content.decode()
    table = enter(city.inspector).get(f"/jobs/{job.pk}/result.csv").content.decode()
    for text in (page, table):
        assert "检举" not in text and secret.short_number not in text and "已记录" not in text


def test_the_page_asks_for_itself_while_the_job_runs_and_is_still_when_it_has_ended(city: City) -> None:
    job = begin(city, rows={0: {"raise": "refused"}})
    client = enter(city.officer)
    live = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in live and "<html" not in live
    drain(city)
    page = client.get(f"/jobs/{job.pk}/")
    assert "every 2s" not in page.content.decode()
    only = client.get(f"/jobs/{job.pk}/?show=refused")
    assert [line["item"].position for line in only.context["lines"]] == [1]
    assert "不可以" in only.content.decode()


def test_what_was_refused_is_tried_again_as_a_job_of_its_own(city: City) -> None:
    job = begin(city, 3, rows={1: {"raise": "refused"}})
    client = enter(city.officer)
    drain(city)
    response = client.post(f"/jobs/{job.pk}/retry/")
    follower = Job.objects.get(parent=job)
    assert response.url == f"/jobs/{follower.pk}/" and follower.total == 1
    follower.items.update(params={})
    drain(city, datetime.now(tz=city.at.tzinfo))
    assert notes_of(job) == [1, 1, 1]


def test_rows_are_taken_away_as_a_table_and_that_is_logged(city: City) -> None:
    job = begin(city, 2)
    drain(city)
    client = enter(city.officer)
    lines = client.get(f"/jobs/{job.pk}/result.csv").content.decode("utf-8-sig").splitlines()
    # Two rows under a heading; who took them stands below, apart.
    assert "已记录" in lines[1] and lines[3] == "" and "沈一鸣 officer" in lines[4]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/jobs/{job.pk}/result.xlsx").content))
    assert "沈一鸣 officer" in book.active["A5"].value and book.active["A4"].value is None
    assert "沈一鸣 officer" in book.active.oddFooter.left.text
    assert AccessLog.objects.filter(action="export", target=f"job:{job.pk}").count() == 2
    assert client.get(f"/jobs/{job.pk}/result.exe").status_code == 404


def test_three_rows_cost_as_many_queries_as_one(city: City, django_assert_num_queries: Any) -> None:
    one, three = begin(city, 1), begin(city, 3)
    client = enter(city.officer)
    client.get(f"/jobs/{one.pk}/")
    for job in (one, three):
        with django_assert_num_queries(11):
            client.get(f"/jobs/{job.pk}/")
    for _count in (2, 3):
        with django_assert_num_queries(3):
            client.get("/jobs/")
        begin(city, 1)
