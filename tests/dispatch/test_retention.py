"""The archive, its holds, and the removal of personal words from every copy (domain-facts §1.18; PIPL 19, 47)."""

import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict

from accounts.models import AccessLog
from dispatch.actions import jobs, keeping, orders
from dispatch.actions.notices import notify
from dispatch.models import Clock, Job, JobItem
from gateway.models import ApiClient, IdempotencyRecord
from petitions import actions, attachments, events, indexing, previews, retention
from petitions.actions import Person, archiving, erasing
from petitions.actions.archiving import K, archive, hold, release_hold
from petitions.drafts import save_draft
from petitions.models import (
    ArchiveRecord,
    Erasure,
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
