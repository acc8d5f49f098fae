"""A data set from being asked for to being forgotten: once for each reach and period, by a job, under a log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AccessLog
from dispatch.actions import jobs
from dispatch.models import Job, JobItem
from gateway import tasks
from gateway.actions import datasets
from gateway.datasets.reading import counts
from gateway.models import DatasetDownload, DatasetPart, DatasetRow, DatasetRun
from petitions.actions import recusals
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db

# A Friday in January: November, the last quarter and the year have ended.
AFTER = datetime(2027, 1, 8, 2, 0, tzinfo=UTC)


def drain(at: datetime = AFTER) -> None:
    jobs.drain(now=lambda: at)


def made(city: City, period: str = "2026-11", petitions: int = 6) -> DatasetRun:
    for _i in range(petitions):
        make_petition(city)
    run = datasets.ask_for_person(city.officer, period, at=AFTER)
    drain()
    run.refresh_from_db()
    return run


def test_a_month_becomes_rows(city: City) -> None:
    run = made(city)
    assert (run.state, run.total, run.exact, run.generalised, run.suppressed) == ("made", 6, 6, 0, 0)
    row = run.rows.get()
    assert (row.town, row.district, row.period, row.count) == ("330203001", "330203", "2026-11", 6)
    assert not DatasetPart.objects.exists()


def test_a_year_is_counted_month_by_month_with_progress(city: City) -> None:
    make_petition(city)
    run = datasets.ask_for_person(city.officer, "2026", at=AFTER)
    assert (run.job.total, run.job.kind) == (13, "dataset")
    jobs.run_now(run.job_id, now=lambda: AFTER, seconds=0)
    run.job.refresh_from_db()
    assert (run.job.done, DatasetPart.objects.count()) == (1, 1)
    drain()
    run.refresh_from_db()
    assert run.is_made and run.is_few and run.published["total"] is None


def test_a_worker_that_dies_between_two_months_loses_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """What kill -9 leaves: a lease nobody renews, and the months that were written with it."""
    for _i in range(6):
        make_petition(city)
    run = datasets.ask_for_person(city.officer, "2026-Q4", at=AFTER)
    job = jobs.claim(at=AFTER)
    assert job is not None
    jobs._batch(job, datasets.DatasetHandler(), [job.items.get(position=1).pk], lambda: AFTER)
    counted: list[int] = []

    def counting(reach: Any, **days: Any) -> Any:
        counted.append(days["since"].month)
        return counts(reach, **days)

    monkeypatch.setattr(datasets, "counts", counting)
    drain()
    run.refresh_from_db()
    assert run.state == "waiting"
    drain(AFTER + jobs.LEASE + timedelta(seconds=1))
    run.refresh_from_db()
    assert run.is_made and run.total == 6
    assert counted == [11, 12]


def test_the_same_again_is_answered_with_the_same_rows(city: City) -> None:
    run = made(city)
    make_petition(city)
    again = datasets.ask_for_person(city.inspector, "2026-11", at=AFTER)
    drain()
    assert again == run and DatasetRun.objects.count() == 1 and Job.objects.filter(kind="dataset").count() == 1
    assert run.rows.get().count == 6


@pytest.mark.parametrize("period", ["2026-Q4", "2026"])
def test_what_overlaps_is_refused(city: City, period: str) -> None:
    made(city)
    with pytest.raises(Refused, match="2026-11") as refused:
        datasets.ask_for_person(city.officer, period, at=AFTER)
    assert (refused.value.field, refused.value.code) == ("period", "overlap")
    assert datasets.ask_for_person(city.officer, "2026-Q3", at=AFTER).period == "2026-Q3"


@pytest.mark.parametrize(("period", "code"), [("2027-01", "not_ended"), ("2027", "not_ended"), ("soon", "invalid")])
def test_only_what_has_ended_in_city_time(city: City, period: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        datasets.ask_for_person(city.officer, period, at=AFTER)
    assert refused.value.code == code
    # 00:30 on 1 February in Shanghai.
    assert datasets.ask_for_person(city.officer, "2027-01", at=datetime(2027, 1, 31, 16, 30, tzinfo=UTC))


def test_two_people_get_the_same_whatever_they_are_recused_in(city: City) -> None:
    petition = make_petition(city)
    said = {"ground": "kin", "reason": "系当事人近亲属"}
    row = recusals.ask_recusal(petition.pk, person=city.inspector, **said, actor=city.officer, at=city.at)
    recusals.move(row.pk, "grant_recusal", actor=city.officer, at=city.at)
    assert not Petition.objects.visible_to(city.inspector).exists()
    asked = datasets.ask_for_person(city.inspector, "2026-11", at=AFTER)
    drain()
    asked.refresh_from_db()
    assert asked.suppressed == 1


def test_another_system_counts_its_own_units_only(city: City, caller: Any) -> None:
    make_petition(city, register_unit=city.hotline)
    make_petition(city)
    system = caller(unit="hotline", scopes=["reports:read"]).client
    run = datasets.ask_for_client(system, "2026-11", at=AFTER)
    everything = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    drain()
    run.refresh_from_db()
    everything.refresh_from_db()
    assert (run.unit, run.total, everything.unit, everything.total) == (city.hotline, 1, None, 2)


def test_the_head_of_the_city_is_the_whole_city(city: City, caller: Any) -> None:
    run = made(city)
    root = caller(unit="root", scopes=["reports:read"]).client
    assert datasets.ask_for_client(root, "2026-11", at=AFTER) == run


def test_who_may_not_ask_is_refused(city: City, caller: Any) -> None:
    with pytest.raises(Refused) as person:
        datasets.ask_for_person(city.handler, "2026-11", at=AFTER)
    with pytest.raises(Refused) as system:
        datasets.ask_for_client(caller(scopes=["petitions:read"]).client, "2026-11", at=AFTER)
    assert person.value.code == system.value.code == "forbidden"
    assert not DatasetRun.objects.exists()


def test_what_stopped_is_begun_again_by_asking_again(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    make_petition(city)

    def broken(*_a: Any, **_k: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(datasets, "counts", broken)
    run = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    drain()
    run = DatasetRun.objects.get()
    assert run.has_failed
    results = list(run.job.items.order_by("position").values_list("result", "error"))
    assert results == [(JobItem.Result.REFUSED, "RuntimeError: "), (JobItem.Result.REFUSED, "")]
    monkeypatch.undo()
    again = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    assert again == run and again.job_id != run.job_id
    drain()
    assert DatasetRun.objects.get().is_made


def test_what_never_had_rows_stands_in_nobodys_way(city: City) -> None:
    run = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    jobs.cancel(run.job_id, actor=city.officer, at=AFTER)
    assert datasets.ask_for_person(city.officer, "2026-Q4", at=AFTER).period == "2026-Q4"
    # Nor does it come back beside what was made instead.
    with pytest.raises(Refused, match="2026-Q4"):
        datasets.ask_for_person(city.officer, "2026-11", at=AFTER)


def test_a_job_tried_again_from_its_page_makes_the_same_data_set(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    make_petition(city)
    run = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    job = run.job
    job.items.update(result=JobItem.Result.REFUSED)
    drain()
    follower = jobs.start(job.kind, [1, 2], params=job.params, actor=city.officer, at=AFTER, parent=job)
    drain()
    run.refresh_from_db()
    follower.refresh_from_db()
    assert run.is_made and follower.refused == 0


def test_taking_a_file_is_logged_and_there_is_none_before_the_rows(city: City, caller: Any) -> None:
    run = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    with pytest.raises(Refused) as refused:
        datasets.log_download(run, "csv", by=city.officer, ip=None, at=AFTER)
    assert refused.value.code == "not_made"
    drain()
    run.refresh_from_db()
    system = caller(unit="root", scopes=["reports:read"]).client
    datasets.log_download(run, "csv", by=city.inspector, ip="10.1.0.7", at=AFTER)
    datasets.log_download(run, "parquet", by=system, ip="10.1.0.8", at=AFTER)
    told = [(row.who, row.form, row.ip, row.user, row.client) for row in DatasetDownload.objects.order_by("pk")]
    assert told == [
        ("唐国峰", "csv", "10.1.0.7", city.inspector, None),
        (system.name, "parquet", "10.1.0.8", None, system),
    ]
    entries = AccessLog.objects.order_by("pk").values_list("user", "client", "action", "target", "detail")
    assert list(entries) == [
        (city.inspector.pk, "", "export", f"dataset:{run.pk}", "2026-11 csv"),
        (None, system.name, "export", f"dataset:{run.pk}", "2026-11 parquet"),
    ]


def test_rows_go_after_their_days_and_are_made_anew_when_asked_for(city: City) -> None:
    run = made(city)
    keep = timedelta(days=30)
    assert datasets.purge(at=AFTER + keep, keep=keep) == 0
    assert datasets.purge(at=AFTER + keep + timedelta(seconds=1), keep=keep) == 1
    run.refresh_from_db()
    assert (run.state, run.total, DatasetRow.objects.count()) == ("expired", 6, 0)
    # Its rows are out: what overlaps stays refused.
    with pytest.raises(Refused):
        datasets.ask_for_person(city.officer, "2026", at=AFTER)
    assert datasets.ask_for_person(city.officer, "2026-11", at=AFTER) == run
    drain()
    run.refresh_from_db()
    assert (run.state, DatasetRow.objects.count()) == ("made", 1)


def test_a_move_the_table_lacks_is_refused(city: City) -> None:
    run = made(city)
    with pytest.raises(Refused):
        datasets.move(run, "waiting", at=AFTER)


@pytest.mark.parametrize(
    ("schedule", "periods"),
    [("month", ["2026-10", "2026-11", "2026-12"]), ("year", ["2024", "2025", "2026"]), ("", []), ("weekly", [])],
)
def test_the_schedule_makes_the_latest_periods_once(
    city: City, settings: Any, schedule: str, periods: list[str]
) -> None:
    settings.DATASET_SCHEDULE = schedule
    for _i in range(2):
        datasets.ask_as_scheduled(at=AFTER)
    assert sorted(DatasetRun.objects.values_list("period", flat=True)) == periods
    assert set(DatasetRun.objects.values_list("job__actor_label", "job__created_by")) <= {("按计划自动生成", None)}
    drain()
    assert not DatasetRun.objects.exclude(state="made").exists()


def test_the_schedule_leaves_out_what_was_made_by_hand(city: City, settings: Any) -> None:
    settings.DATASET_SCHEDULE = "month"
    datasets.ask_for_person(city.officer, "2026-Q4", at=AFTER)
    assert datasets.ask_as_scheduled(at=AFTER) == []


def test_the_nightly_task_removes_first_and_then_asks(city: City) -> None:
    run = made(city, "2020-01", petitions=0)
    DatasetRun.objects.update(made_at=timezone.now() - timedelta(days=2000))
    tasks.tend_datasets()
    run.refresh_from_db()
    assert run.state == "expired"
    found = DatasetRun.objects.exclude(pk=run.pk)
    assert found.exists() and all(other.until < timezone.localdate() for other in found)


def test_k_is_the_offices_and_a_larger_one_makes_other_rows(city: City, settings: Any) -> None:
    run = made(city)
    settings.DATASET_K = 10
    stricter = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    drain()
    stricter.refresh_from_db()
    assert stricter != run and (stricter.k, stricter.row_count, stricter.is_few) == (10, 0, True)
