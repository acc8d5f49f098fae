"""The work record book: who writes and reads, what stays as it was written, what the petitioner may read (§7.4)."""

from datetime import date, timedelta

import pytest

from petitions.actions import Entry, amend_record, correct_record, end_promise, finish_next_step, write_record
from petitions.actions.records import is_intact
from petitions.events import verify
from petitions.models import Event, RecordEntry
from petitions.states import Refused
from tests.city import City, make_order, make_petition

LATER = timedelta(hours=2)


def entry(city: City, **changes) -> Entry:
    fields = {"entry_type": "visit", "happened_at": city.at, "place": "三号楼", "progress": "现场查看，主板已订货。"}
    return Entry(**{**fields, **changes})


def written(city: City, **changes) -> RecordEntry:
    order = make_order(city)
    return write_record(order.petition_id, entry=entry(city, **changes), actor=city.handler, at=city.at + LATER)[0]


def test_an_entry_is_numbered_and_its_event_holds_its_digest_and_no_words(city: City) -> None:
    row = written(city)
    second, event = write_record(row.petition_id, entry=entry(city), actor=city.leader, at=city.at + LATER)
    assert (row.entry_no, second.entry_no) == (1, 2)
    assert (event.kind, event.data["type"], event.text_digest) == ("record", "visit", "")
    assert is_intact(row) and verify(row.petition_id) is None
    RecordEntry.objects.filter(pk=row.pk).update(progress="改了")
    row.refresh_from_db()
    assert not is_intact(row)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"progress": " "}, "progress"),
        ({"happened_at": None}, "happened_at"),
        ({"promise_due": date(2026, 11, 20)}, "promise"),
        ({"promise": "周五前答复", "promise_due": date(2026, 11, 16)}, "promise_due"),
        ({"next_on": date(2026, 11, 20)}, "next_step"),
        ({"public_line": "请致电13812345127"}, "public_line"),
    ],
)
def test_what_cannot_stand_is_refused_with_its_field(city: City, changes: dict, field: str) -> None:
    if "happened_at" in changes:
        changes = {"happened_at": city.at + timedelta(days=1)}
    with pytest.raises(Refused) as refusal:
        written(city, **changes)
    assert refusal.value.field == field


def test_its_author_corrects_it_for_a_day_and_then_only_adds(city: City) -> None:
    row = written(city)
    corrected, _event = correct_record(
        row.pk,
        entry=entry(city, progress="现场查看，主板已到货。"),
        actor=city.handler,
        at=row.at + timedelta(hours=24),
    )
    assert corrected.progress == "现场查看，主板已到货。" and is_intact(corrected)
    late = row.at + timedelta(hours=24, seconds=1)
    with pytest.raises(Refused) as refusal:
        correct_record(row.pk, entry=entry(city), actor=city.handler, at=late)
    assert refusal.value.code == "immutable"
    amend_record(row.pk, text="主板已装好。", actor=city.handler, at=late)
    row.refresh_from_db()
    assert (row.progress, row.amendments.get().text) == ("现场查看，主板已到货。", "主板已装好。")
    assert is_intact(row)


def test_nobody_else_corrects_or_amends_it(city: City) -> None:
    row = written(city)
    for act in (
        lambda: correct_record(row.pk, entry=entry(city), actor=city.leader, at=row.at),
        lambda: amend_record(row.pk, text="补充", actor=city.officer, at=row.at),
        lambda: finish_next_step(row.pk, actor=city.leader, at=row.at),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "forbidden"


def test_a_correction_leaves_a_running_promise_as_it_was_given(city: City) -> None:
    row = written(city, promise="周五前答复", promise_due=date(2026, 11, 20))
    changed = entry(city, promise="下月答复", promise_due=date(2026, 12, 20))
    row, _event = correct_record(row.pk, entry=changed, actor=city.handler, at=row.at)
    assert (row.promise, row.promise_due) == ("周五前答复", date(2026, 11, 20))


def test_a_promise_is_kept_once_and_with_words(city: City) -> None:
    row = written(city, promise="周五前答复", promise_due=date(2026, 11, 20))
    with pytest.raises(Refused):
        end_promise(row.pk, outcome="kept", words=" ", actor=city.leader, at=row.at)
    row = end_promise(row.pk, outcome="kept", words="已书面答复。", actor=city.leader, at=row.at)
    assert row.promise_outcome == "kept" and not row.has_open_promise
    with pytest.raises(Refused) as refusal:
        end_promise(row.pk, outcome="released", words="不需要了", actor=city.handler, at=row.at)
    assert refusal.value.code == "ended"
    assert Event.objects.filter(petition=row.petition_id, kind="keep_promise").count() == 1


def test_the_team_reads_it_and_hotline_reviewer_and_outsiders_do_not(city: City) -> None:
    row = written(city)
    readers = {key for key, user in city.people.items() if RecordEntry.objects.visible_to(user).filter(pk=row.pk)}
    assert readers == {"officer", "district_officer", "conference_officer", "leader", "handler", "inspector"} | (
        {"colleague"} & readers
    )
    # The pool: until somebody is assigned, the unit's handlers see it.
    assert "colleague" in readers


@pytest.mark.parametrize("who", ["agent", "dispatcher", "inspector", "reviewer", "admin", "outsider"])
def test_who_only_reads_or_is_outside_does_not_write(city: City, who: str) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refusal:
        write_record(petition.pk, entry=entry(city), actor=city.people[who], at=city.at + LATER)
    assert refusal.value.code == "forbidden"


def test_class_a_stays_with_the_named(city: City) -> None:
    petition = make_petition(city, purpose="JK", sensitivity="accusation")
    row, _event = write_record(petition.pk, entry=entry(city), actor=city.officer, at=city.at + LATER)
    readers = {key for key, user in city.people.items() if RecordEntry.objects.visible_to(user).filter(pk=row.pk)}
    assert readers == {"officer"}


def test_the_petitioner_reads_the_edited_line_and_nothing_else(city: City) -> None:
    row = written(city, public_line="工作人员已到现场查看，电梯配件已订购。")
    write_record(row.petition_id, entry=entry(city), actor=city.handler, at=city.at + LATER)
    lines = list(RecordEntry.objects.public_lines(row.petition))
    assert [line.public_line for line in lines] == ["工作人员已到现场查看，电梯配件已订购。"]
    assert "progress" in lines[0].get_deferred_fields()


def test_what_was_offered_at_reception_is_a_list_of_services(city: City) -> None:
    row = written(city, entry_type="reception", care=["blood_pressure", "tea"])
    assert row.care.offered == ["tea", "blood_pressure"]
    with pytest.raises(ValueError, match="unknown"):
        written(city, entry_type="reception", care=["pulse"])


def test_the_next_step_is_struck_off_once(city: City) -> None:
    row = written(city, next_step="催物业安装", next_on=date(2026, 11, 18))
    done = finish_next_step(row.pk, actor=city.handler, at=city.at + timedelta(days=2))
    again = finish_next_step(row.pk, actor=city.handler, at=city.at + timedelta(days=3))
    assert done.next_done_at == again.next_done_at == city.at + timedelta(days=2)
