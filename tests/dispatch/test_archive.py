"""Into the archive: numbers, periods, what is missing, and legal holds (domain-facts §1.18)."""

from datetime import date, timedelta

import pytest

from dispatch.models import Clock
from petitions import actions
from petitions.actions import archiving, erasing
from petitions.actions.archiving import K, archive, hold, keep_until, release_hold
from petitions.models import (
    Attachment,
    Event,
    LegalHold,
    Petition,
)
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied
from tests.dispatch.test_retention import LATER, TZ, archived, ended


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
