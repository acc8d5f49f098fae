"""The archive, its holds, and the removal of personal words from every copy (domain-facts §1.18; PIPL 19, 47)."""

import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict

from accounts.models import AccessLog
from dispatch.actions import jobs, keeping, orders
from dispatch.actions.notices import notify
from dispatch.models import Clock, Job, JobItem, Notice
from gateway.models import ApiClient, IdempotencyRecord
from petitions import actions, attachments, events, indexing, previews, retention
from petitions.actions import Person, archiving, erasing
from petitions.actions.archiving import K, archive, hold, keep_until, release_hold
from petitions.drafts import save_draft
from petitions.models import (
    ArchiveRecord,
    ArchiveRule,
    Attachment,
    Erasure,
    Event,
    LegalHold,
    Petition,
    SavedView,
)
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied
from tests.dispatch.test_views_case import enter
from tests.files import picture

TZ = ZoneInfo("Asia/Shanghai")
LATER = timedelta(days=40 * 365)


def end(city: City, petition: Petition, at: datetime) -> Petition:
    """Close a replied petition; its periods of rights run out."""
    actions.rate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=at)
    closed = actions.close(petition.pk, remark="办结", actor=city.officer, at=at)
    Clock.objects.filter(petition=petition).update(due_at=at)
    rest(petition)
    return closed


def rest(petition: Petition) -> None:
    """Let every period that still runs be over, as it is years later."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dispatch_clock SET state = 'met' WHERE petition_id = %s", [petition.pk])


def ended(city: City, **changes: Any) -> Petition:
    order = make_order(city, petition=make_petition(city, **changes))
    return end(city, replied(city, order=order), city.at + timedelta(days=1))


def archived(city: City, **changes: Any) -> ArchiveRecord:
    petition = ended(city, **changes)
    return archive(petition.pk, rule=archiving.kind_of(petition), actor=city.officer, at=city.at + timedelta(days=2))


def test_a_file_of_a_document_that_no_row_points_to_is_found_and_removed(
    city: City, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    pk = make_petition(city).pk
    left = default_storage.save(f"documents/{pk}/7-1/{'a' * 64}.docx", ContentFile(b"word"))
    copy = next(copy for copy in retention.copies() if copy.name == "files")
    assert copy.find([pk]) == 1
    with django_capture_on_commit_callbacks(execute=True):
        copy.anonymise([pk], city.at)
    assert copy.find([pk]) == 0 and not default_storage.exists(left)


# ---- into the archive ----


def test_numbers_are_given_by_office_and_year_without_a_gap(city: City) -> None:
    first, second = archived(city), archived(city)
    assert (first.number, second.number) == ("NB-PETITION-XF-2026-00001", "NB-PETITION-XF-2026-00002")
    petition = ended(city)
    with pytest.raises(Refused):
        archive(petition.pk, rule="nonsense", actor=city.officer, at=city.at)
    other = archive(petition.pk, rule=K.RESULT, actor=city.district_officer, at=city.at + timedelta(days=2))
    assert other.number == "330203-PETITION-XF-2026-00001"
    again = ended(city)
    kept = archive(again.pk, rule=K.RESULT, actor=city.officer, at=city.at + timedelta(days=2))
    assert kept.serial == 3


@pytest.mark.parametrize(
    ("ended_on", "months", "until"),
    [
        (date(2026, 11, 17), 360, date(2056, 12, 31)),
        (date(2026, 12, 31), 120, date(2036, 12, 31)),
        (date(2026, 1, 1), 120, date(2036, 12, 31)),
        (date(2024, 2, 29), 30, date(2027, 6, 30)),
        (date(2026, 5, 5), None, None),
    ],
)
def test_a_period_begins_with_the_year_after_the_end(ended_on: date, months: int | None, until: date | None) -> None:
    assert keep_until(ended_on, months) == until


def test_the_kind_is_proposed_by_result_and_origin(city: City) -> None:
    withdrawn = make_petition(city)
    actions.withdraw(withdrawn.pk, reason="撤回", actor=city.officer, at=city.at)
    assert archiving.kind_of(Petition.objects.get(pk=withdrawn.pk)) == K.NO_RESULT
    assert archiving.kind_of(ended(city)) == K.RESULT
    assert archiving.kind_of(ended(city, channel="leader")) == K.LEADER_RESULT


def test_another_kind_needs_a_reason(city: City) -> None:
    petition = ended(city)
    with pytest.raises(Refused) as refusal:
        archive(petition.pk, rule=K.LEADER_RESULT, actor=city.officer, at=city.at)
    assert refusal.value.field == "reason"
    record = archive(petition.pk, rule=K.LEADER_RESULT, reason="市领导批示件", actor=city.officer, at=city.at)
    assert (record.keep_until, record.override_reason) == (None, "市领导批示件")


def test_an_incomplete_file_is_refused_with_what_it_lacks(city: City) -> None:
    open_one = make_petition(city)
    with pytest.raises(Refused):
        archive(open_one.pk, rule=K.NO_RESULT, actor=city.officer, at=city.at)
    petition = ended(city)
    Attachment.objects.create(
        petition=petition, event=Event.objects.filter(petition=petition).latest("seq"), name="待扫描.txt", size=1,
        content_type="text/plain", sha256="0" * 64, uploaded_at=city.at, scan="waiting",
    )  # fmt: skip
    with pytest.raises(Refused, match="病毒扫描"):
        archive(petition.pk, rule=K.RESULT, actor=city.officer, at=city.at)


def test_a_right_that_still_runs_keeps_the_case_out_of_the_archive(city: City) -> None:
    order = make_order(city)
    petition = replied(city, order=order)
    actions.rate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at + timedelta(days=1))
    closed = actions.close(petition.pk, remark="办结", actor=city.officer, at=city.at + timedelta(days=1))
    actions.deliver_opinion(closed.pk, way="by_hand", actor=city.officer, at=city.at + timedelta(days=1))
    assert Clock.objects.filter(petition=closed, state="running").exists()
    with pytest.raises(Refused) as refusal:
        archive(closed.pk, rule=K.RESULT, actor=city.officer, at=city.at + timedelta(days=1))
    assert refusal.value.code == "incomplete"


def test_it_is_archived_once_and_again_after_a_reopening_under_its_number(city: City) -> None:
    record = archived(city)
    with pytest.raises(Refused) as refusal:
        archive(record.petition_id, rule=K.RESULT, actor=city.officer, at=city.at + timedelta(days=3))
    assert refusal.value.code == "archived"


@pytest.mark.parametrize("who", ["outsider", "handler", "leader", "inspector", "admin", "far_officer"])
def test_who_is_no_office_of_the_case_neither_archives_nor_holds(city: City, who: str) -> None:
    petition = ended(city)
    user = city.people[who]
    with pytest.raises(Refused):
        archive(petition.pk, rule=K.RESULT, actor=user, at=city.at)
    with pytest.raises(Refused):
        hold(petition.pk, reason="行政诉讼", actor=user, at=city.at)


# ---- holds ----


def test_a_hold_stops_the_removal_until_it_is_lifted(city: City) -> None:
    record, late = archived(city), city.at + LATER
    hold(record.petition_id, reason="（2056）浙02行初1号", actor=city.officer, at=late)
    assert list(erasing.due(at=late)) == []
    with pytest.raises(Refused) as refusal:
        erasing.anonymise(record.petition_id, actor=city.officer, at=late)
    assert refusal.value.code == "held"
    assert release_hold(record.petition_id, reason="判决生效", actor=city.officer, at=late) == 1
    with pytest.raises(Refused):
        release_hold(record.petition_id, reason="判决生效", actor=city.officer, at=late)
    assert [row.pk for row in erasing.due(at=late)] == [record.pk]
    row = LegalHold.objects.get()
    assert (row.released_by, row.release_reason) == (city.officer, "判决生效")


def test_a_hold_with_a_day_ends_by_itself(city: City) -> None:
    record, late = archived(city), city.at + LATER
    until = late.astimezone(TZ).date()
    hold(record.petition_id, reason="审计需要", until=until, actor=city.officer, at=late)
    assert not erasing.due(at=late).exists()
    assert erasing.due(at=late + timedelta(days=1)).exists()
    with pytest.raises(Refused):
        hold(record.petition_id, reason="审计需要", until=until, actor=city.officer, at=late + timedelta(days=1))


# ---- the removal ----


def prove(at: datetime) -> None:
    """A night of the archive: both its jobs run."""
    keeping.keep_archive(at=at)
    for job in Job.objects.filter(kind__in=[keeping.KIND, keeping.CHECK], state="waiting").order_by("pk"):
        jobs.run_now(job.pk, now=lambda: at)


def test_a_case_taken_up_again_and_ended_anew_is_not_removed_by_its_old_period(city: City) -> None:
    record = archived(city)
    again, late = city.at + timedelta(days=3), city.at + LATER
    Petition.objects.filter(pk=record.petition_id).update(reopened_at=again)
    assert list(erasing.due(at=late)) == []
    with pytest.raises(Refused) as refusal:
        erasing.anonymise(record.petition_id, actor=city.officer, at=late)
    assert refusal.value.code == "not_archived"
    assert record.number not in enter(city.officer).get("/retention/?shelf=due").content.decode()
    anew = archive(record.petition_id, rule=K.RESULT, actor=city.officer, at=again + timedelta(days=1))
    assert anew.number == record.number
    assert [row.pk for row in erasing.due(at=late)] == [record.pk]


def test_nothing_is_removed_before_its_day(city: City) -> None:
    record = archived(city)
    last = datetime.combine(record.keep_until or date.min, datetime.min.time(), TZ)
    with pytest.raises(Refused) as refusal:
        erasing.anonymise(record.petition_id, actor=city.officer, at=last + timedelta(hours=23))
    assert refusal.value.code == "not_due"
    assert erasing.anonymise(record.petition_id, actor=city.officer, at=last + timedelta(hours=25)).rule == K.RESULT


CANARY = "金丝雀"
WORDS = {
    name: f"{CANARY}{name}隐私" for name in ("概况", "正文", "诉求", "地址", "住址", "说明", "答复", "通话", "文件")
}


def filled(city: City) -> Petition:
    """A case with a canary in every place a person can write into, taken through every room."""
    at, name = city.at, f"{CANARY}姓名"
    person = Person(name=name, phone="13987650001", id_type="111", id_no="330203190001010013", address=WORDS["住址"])
    petition = make_petition(
        city, summary=WORDS["概况"], content=WORDS["正文"] * 3, demand=WORDS["诉求"], address=WORDS["地址"],
        person=person, source_ref=f"{CANARY}-0001",
    )  # fmt: skip
    pk, officer = petition.pk, city.officer
    actions.add_note(pk, kind="phone_note", text=WORDS["通话"], actor=officer, at=at)
    upload = SimpleUploadedFile(f"{WORDS['文件']}.png", picture())
    attachments.store(pk, upload=upload, actor=officer, at=at)
    attachments.store(pk, upload=SimpleUploadedFile("名单.txt", WORDS["文件"].encode()), actor=officer, at=at)
    previews.make_waiting(at=at)
    save_draft(officer, f"note:{pk}", QueryDict(f"text={WORDS['说明']}"), at=at)
    SavedView.objects.create(user=officer, name="此人", query=f"q={name}&state=closed")
    AccessLog.objects.create(
        at=at, user=officer, action="reveal", target=f"petition:{pk}", reason=WORDS["说明"], detail=WORDS["文件"]
    )
    order = orders.dispatch(pk, lead=city.housing, instruction=WORDS["说明"], actor=officer, at=at)[0]
    orders.sign(order.pk, actor=city.handler, at=at)
    orders.record_contact(order.pk, means="phone", said=WORDS["通话"], actor=city.handler, at=at)
    orders.feed_back(order.pk, outcome="solved", findings=WORDS["答复"] * 2, actor=city.handler, at=at)
    orders.check(order.pk, passes=True, actor=officer, at=at)
    answers = {"was_contacted": True, "solved": "yes", "satisfaction": 3}
    orders.call_back(order.pk, result="reached", said=WORDS["通话"], answers=answers, actor=officer, at=at)
    actions.reply(pk, text=WORDS["答复"] * 2, actor=officer, at=at + timedelta(hours=5))
    notify([officer], kind="recurred", petition=petition, key="canary", at=at, params={"n": 2, "words": WORDS["说明"]})
    job = jobs.start("batch_note", [pk], params={"text": WORDS["说明"] * 2, "kind": "note"}, actor=officer, at=at)
    jobs.run_now(job.pk, now=lambda: at + timedelta(hours=6))
    JobItem.objects.filter(job=job).update(message=WORDS["说明"])
    client = ApiClient.objects.create(
        name="canary", channel="hotline", unit=city.hotline, scopes=["petitions.read"], created_at=at
    )
    IdempotencyRecord.objects.create(
        client=client, method="POST", route="/api/v1/petitions", key="k", body_digest="0" * 64, status=201, headers={},
        response=json.dumps({"number": petition.number, "summary": WORDS["概况"]}, ensure_ascii=False).encode(),
        created_at=at,
    )  # fmt: skip
    indexing.index_pending()
    closed = end(city, Petition.objects.get(pk=pk), at + timedelta(days=1))
    archive(pk, rule=K.RESULT, actor=officer, at=at + timedelta(days=2))
    return closed


def found_in_tables(*needles: str) -> dict[str, list[str]]:
    """Table.column → needles found in it, over every column of text, JSON, bytes, arrays and search words."""
    kinds = ("text", "character varying", "jsonb", "json", "bytea", "ARRAY", "tsvector")
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = ANY (%s)",
            [list(kinds)],
        )
        for table, column, kind in cursor.fetchall():
            for needle in needles:
                if kind == "bytea":
                    where, value = f'position(%s::bytea IN "{column}") > 0', needle.encode()
                else:
                    where, value = f'strpos("{column}"::text, %s) > 0', needle  # type: ignore[assignment]
                cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {where}', [value])
                if cursor.fetchone()[0]:
                    found.setdefault(f"{table}.{column}", []).append(needle)
    return found


def found_in_storage(*needles: str) -> list[str]:
    def below(folder: str) -> list[str]:
        folders, files = default_storage.listdir(folder)
        prefix = f"{folder}/" if folder else ""
        return [f"{prefix}{name}" for name in files] + [p for name in folders for p in below(f"{prefix}{name}")]

    return [
        path for path in below("") if any(n in path or n.encode() in default_storage.open(path).read() for n in needles)
    ]


@pytest.mark.django_db(transaction=True)
def test_no_word_of_a_case_is_left_anywhere(city: City) -> None:
    petition = filled(city)
    pk, late = petition.pk, city.at + LATER
    indexing.index_pending()
    blind = petition.petitioners.values_list("name_index", "phone_index", "id_index", "home_index").get()
    needles = (CANARY, "金丝", "13987650001", "330203190001010013", petition.query_code, *filter(None, blind))
    before = found_in_tables(*needles)
    # The canaries sing everywhere first, or their silence would prove nothing.
    for column in (
        "petitions_petition.summary",
        "petitions_eventtext.text",
        "petitions_attachment.name",
        "petitions_savedview.query",
        "petitions_searchentry.text",
        "petitions_petitioner.name_index",
        "accounts_accesslog.reason",
        "dispatch_workorder.instruction",
        "dispatch_contactrecord.said",
        "dispatch_feedback.findings",
        "dispatch_callback.said",
        "dispatch_job.params",
        "dispatch_jobitem.message",
        "dispatch_notice.params",
        "gateway_idempotencyrecord.response",
    ):
        assert column in before, column
    assert found_in_storage(CANARY)
    stored = default_storage.listdir(f"previews/{pk}")

    job = keeping.keep_archive(at=late)
    assert job is not None
    jobs.run_now(job.pk, now=lambda: late)
    assert JobItem.objects.get(job=job).result == "done"
    prove(late + timedelta(days=1))
    indexing.index_pending()

    assert found_in_tables(*needles) == {}
    assert found_in_storage(CANARY) == []
    assert stored
    assert retention.find_words([pk]) == {}
    assert events.verify(pk) is None
    assert events.removed_words(pk) > 3
    erasure = Erasure.objects.get(petition=pk)
    assert erasure.checked_at == late + timedelta(days=1)
    assert erasure.before != erasure.after
    assert erasure.counts["files"] == 2
    assert CANARY not in json.dumps(erasure.counts)


def erased(city: City) -> Erasure:
    record = archived(city)
    erasing.anonymise(record.petition_id, actor=city.officer, at=city.at + LATER)
    erasing.check_erasure(record.petition_id, at=city.at + LATER)
    return Erasure.objects.get()


def test_the_chain_still_tells_tampering_from_the_law(city: City) -> None:
    erasure = erased(city)
    assert events.verify(erasure.petition_id) is None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE petitions_event SET actor_label = 'somebody' WHERE petition_id = %s AND seq = 1",
            [erasure.petition_id],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    broken = events.verify(erasure.petition_id)
    assert broken is not None
    assert broken.seq == 1


def test_words_taken_away_without_the_law_break_the_chain(city: City) -> None:
    petition = make_petition(city)
    event = actions.add_note(petition.pk, kind="note", text="记录", actor=city.officer, at=city.at)
    event.words.delete()
    broken = events.verify(petition.pk)
    assert broken is not None
    assert broken.reason == "the words do not fit their digest"


def test_pages_of_a_case_without_words_still_open(city: City) -> None:
    erasure = erased(city)
    client = enter(city.officer)
    for tab in ("timeline", "matter", "orders", "related", "log"):
        page = client.get(f"/petitions/{erasure.petition_id}/?tab={tab}")
        assert page.status_code == 200, tab
    assert "文字内容已依法匿名化" in client.get(f"/petitions/{erasure.petition_id}/").content.decode()
    assert client.get("/petitions/").status_code == 200
    assert client.get("/jobs/").status_code == 200


def test_a_case_without_words_is_not_taken_up_again(city: City) -> None:
    erasure = erased(city)
    with pytest.raises(Refused) as refusal:
        actions.reopen(erasure.petition_id, reason="新情况", actor=city.officer, at=city.at + LATER)
    assert refusal.value.code == "erased"
    with pytest.raises(Refused):
        erasing.anonymise(erasure.petition_id, actor=city.officer, at=city.at + LATER)
    with pytest.raises(Refused):
        actions.add_note(erasure.petition_id, kind="note", text="新词", actor=city.officer, at=city.at + LATER)
    with pytest.raises(Refused):
        upload = SimpleUploadedFile("新.txt", b"words")
        attachments.store(erasure.petition_id, upload=upload, actor=city.officer, at=city.at + LATER)


def test_no_other_case_tells_whose_it_was(city: City) -> None:
    record = archived(city)
    later = make_petition(city)
    actions.mark_repeat(later.pk, of=Petition.objects.get(pk=record.petition_id), actor=city.officer, at=city.at)
    assert later.repeat_suggestions.exists()
    erasing.anonymise(record.petition_id, actor=city.officer, at=city.at + LATER)
    later.refresh_from_db()
    assert (later.repeat_of, later.recurrence) == (None, 2)
    assert not later.repeat_suggestions.filter(earlier=record.petition_id).exists()


def test_the_check_finds_what_a_failing_storage_left_and_removes_it(city: City) -> None:
    erasure = erased(city)
    erasure.checked_at = None
    erasure.save()
    path = default_storage.save(f"attachments/{erasure.petition_id}/left", io.BytesIO(b"words"))  # type: ignore[arg-type]
    assert erasing.check_erasure(erasure.petition_id, at=city.at + LATER) == {"files": 1}
    erasure.refresh_from_db()
    assert erasure.left == {"files": 1}
    default_storage.delete(path)
    assert erasing.check_erasure(erasure.petition_id, at=city.at + LATER) == {}
    erasure.refresh_from_db()
    assert (erasure.left, erasure.checked_at) == ({}, city.at + LATER)


def test_one_proof_that_fails_stops_neither_the_others_nor_the_night(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good, due = archived(city), archived(city), archived(city)
    for record in (bad, good):
        erasing.anonymise(record.petition_id, actor=city.officer, at=city.at + LATER)

    def find(ids: Sequence[int]) -> int:
        if bad.petition_id in ids:
            raise OSError("the storage is away")
        return 0

    monkeypatch.setitem(retention._COPIES, "shaky", retention.Copy("shaky", lambda _ids, _at: 0, find))
    night = city.at + LATER + timedelta(days=1)
    prove(night)
    assert dict(Erasure.objects.values_list("petition", "checked_at")) == {
        bad.petition_id: None,
        good.petition_id: night,
        due.petition_id: None,
    }


def test_recordings_that_fail_keep_no_other_case_waiting(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = archived(city), archived(city)
    erase = erasing._erase_recordings

    def shaky(record_id: int, at: datetime) -> int:
        if record_id == first.pk:
            raise OSError("the storage is away")
        return erase(record_id, at)

    monkeypatch.setattr(erasing, "_erase_recordings", shaky)
    erasing.erase_recordings(at=city.at + timedelta(days=1500))
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.recordings_erased_at is None
    assert second.recordings_erased_at is not None


def test_recordings_go_earlier_than_the_file(city: City) -> None:
    petition = ended(city)
    sound = SimpleUploadedFile("录音.mp3", b"ID3\x03\0\0\0\0\0" + b"\0" * 40)
    row = attachments.store(petition.pk, upload=sound, actor=city.officer, at=city.at + timedelta(days=1))
    paper = SimpleUploadedFile("答复.txt", b"words")
    other = attachments.store(petition.pk, upload=paper, actor=city.officer, at=city.at + timedelta(days=1))
    archive(petition.pk, rule=K.RESULT, actor=city.officer, at=city.at + timedelta(days=2))
    assert erasing.erase_recordings(at=city.at + timedelta(days=700)) == 0
    hold(petition.pk, reason="行政诉讼", actor=city.officer, at=city.at + timedelta(days=800))
    assert erasing.erase_recordings(at=city.at + timedelta(days=800)) == 0
    release_hold(petition.pk, reason="判决生效", actor=city.officer, at=city.at + timedelta(days=801))
    assert erasing.erase_recordings(at=city.at + timedelta(days=801)) == 1
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.name, row.erased_at is not None, other.erased_at) == ("", True, None)
    assert events.verify(petition.pk) is None
    assert enter(city.officer).get(f"/attachments/{row.pk}/").status_code == 404


# ---- the registry ----


def test_every_room_is_covered() -> None:
    names = {copy.name for copy in retention.copies()}
    assert {"rows_petitions", "rows_dispatch", "petition", "event_words", "files", "search", "drafts", "jobs"} <= names
    assert {"answers", "access_log", "saved_views"} <= names


# ---- pages ----


@pytest.mark.parametrize("who", ["officer", "district_officer", "inspector"])
def test_offices_and_inspectors_read_the_archive(city: City, who: str) -> None:
    record = archived(city)
    hold(record.petition_id, reason="行政诉讼", actor=city.officer, at=city.at)
    client = enter(city.people[who])
    assert record.number in client.get("/retention/?shelf=all").content.decode()
    assert "行政诉讼" in client.get("/retention/?shelf=held").content.decode()
    for shelf in ("due", "done"):
        assert client.get(f"/retention/?shelf={shelf}").status_code == 200
    assert client.get("/retention/?shelf=nonsense").status_code == 404


@pytest.mark.parametrize("who", ["outsider", "handler", "leader", "dispatcher", "agent", "admin", "reviewer"])
def test_others_do_not(city: City, who: str) -> None:
    assert enter(city.people[who]).get("/retention/").status_code == 403


def test_another_districts_archive_is_not_there(city: City) -> None:
    record = archived(city)
    client = enter(city.far_officer)
    assert record.number not in client.get("/retention/?shelf=all").content.decode()
    erasing.anonymise(record.petition_id, actor=city.officer, at=city.at + LATER)
    erasure = Erasure.objects.get()
    for path in (f"/retention/proofs/{erasure.pk}/", f"/retention/proofs/{erasure.pk}.json"):
        assert client.get(path).status_code == 404
        assert enter(city.inspector).get(path).status_code == 200


def test_the_proof_is_a_page_a_pdf_and_json_without_personal_words(city: City) -> None:
    erasure = erased(city)
    client = enter(city.officer)
    page = client.get(f"/retention/proofs/{erasure.pk}/").content.decode()
    data = client.get(f"/retention/proofs/{erasure.pk}.json").json()
    sheet = client.get(f"/retention/proofs/{erasure.pk}.pdf")
    assert data["chain"] == "intact"
    assert data["copies"]["petition"] == 1
    assert data["digest_before"] == erasure.before
    assert erasure.before[:8] in page
    text = pypdf.PdfReader(io.BytesIO(sheet.content)).pages[0].extract_text()
    assert erasure.before[:8] in text
    for words in ("周小琴", "电梯"):
        assert words not in page + json.dumps(data, ensure_ascii=False) + text


def test_a_period_is_changed_on_the_record_for_cases_to_come(city: City) -> None:
    record = archived(city)
    client = enter(city.officer)
    assert client.post(f"/retention/periods/{K.RESULT}/", {"months": 3, "source": "x"}).status_code == 422
    assert client.post(f"/retention/periods/{K.RESULT}/", {"months": 180, "source": "新规"}).status_code == 302
    rule = ArchiveRule.objects.get(key=K.RESULT)
    assert (rule.months, rule.history.count()) == (180, 2)
    record.refresh_from_db()
    assert record.months == 360
    assert enter(city.district_officer).get(f"/retention/periods/{K.RESULT}/").status_code == 403


def test_the_steps_are_taken_on_the_case_page(city: City) -> None:
    petition, client = ended(city), enter(city.officer)
    page = client.get(f"/petitions/{petition.pk}/do/archive/")
    assert "永久" in page.content.decode()
    answer = client.post(f"/petitions/{petition.pk}/do/archive/", {"rule": K.RESULT, "reason": ""})
    assert answer.status_code == 302
    assert ArchiveRecord.objects.get().number in client.get(f"/petitions/{petition.pk}/").content.decode()
    client.post(f"/petitions/{petition.pk}/do/hold/", {"reason": "行政诉讼"})
    assert LegalHold.objects.filter(released_at=None).exists()
    client.post(f"/petitions/{petition.pk}/do/release_hold/", {"reason": "判决生效"})
    assert not LegalHold.objects.filter(released_at=None).exists()


def test_the_run_is_started_by_hand_by_the_city_office_only(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    archived(city)
    assert enter(city.district_officer).post("/retention/run/").status_code == 403
    assert enter(city.officer).post("/retention/run/").status_code == 302
    assert not Job.objects.exists()
    job = keeping.start_due(at=city.at + LATER)
    assert job is not None
    assert keeping.start_due(at=city.at + LATER) is None


def test_notices_of_a_case_without_words_are_still_readable(city: City) -> None:
    record = archived(city)
    erasing.anonymise(record.petition_id, actor=city.officer, at=city.at + LATER)
    assert Notice.objects.filter(petition=record.petition_id).exists()
    assert enter(city.handler).get("/notices/").status_code == 200
