"""Rapport notes: narrow, for author and successor, logged, gone in time (§7.4; PIPL 6, 19, 28)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.db import connection

from accounts.models import AccessLog
from dispatch.actions import orders
from petitions import actions
from petitions.actions import drop_rapport, expire_rapport, read_rapport, write_rapport
from petitions.actions.rapport import kept_until
from petitions.models import Event, RapportNote
from petitions.rapport import FORBIDDEN
from petitions.states import Refused
from tests.city import City, make_order, make_petition

TEXT = "喜欢聊种花，上午精神好、说话慢一些。".replace("精神好、", "")


def note(city: City, petition_id: int, **changes) -> RapportNote:
    fields = {"text": TEXT, "basis": "consent", "reason": "本人11月16日口头同意", "actor": city.handler, "at": city.at}
    return write_rapport(petition_id, **{**fields, **changes})


@pytest.fixture
def case(city: City) -> int:
    order = make_order(city)
    orders.sign(order.pk, actor=city.handler, at=city.at)
    return order.petition_id


def test_only_its_author_reads_it_whatever_the_others_may_see(city: City, case: int) -> None:
    note(city, case)
    readers = {key for key, user in city.people.items() if read_rapport(case, actor=user, at=city.at)}
    assert readers == {"handler"}


def test_every_reading_is_logged_and_an_empty_one_is_not(city: City, case: int) -> None:
    note(city, case)
    read_rapport(case, actor=city.handler, at=city.at)
    read_rapport(case, actor=city.officer, at=city.at)
    rows = AccessLog.objects.filter(action="rapport", target=f"petition:{case}").order_by("id")
    assert [row.user for row in rows] == [city.handler, city.handler]


def test_it_is_ciphertext_in_the_database(city: City, case: int) -> None:
    row = note(city, case)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, reason FROM petitions_rapportnote WHERE id = %s", [row.pk])
        assert not any("花" in value or "同意" in value for value in cursor.fetchone())


def test_the_next_handler_reads_it_and_the_one_after_takes_their_place(city: City, case: int) -> None:
    note(city, case)
    order = orders.WorkOrder.objects.get(petition=case)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    orders.assign(order.pk, handler=city.colleague, note="已约周五上午", actor=city.leader, at=city.at)
    readers = {key for key, user in city.people.items() if read_rapport(case, actor=user, at=city.at)}
    # The author handed the case over and sees it no more: neither the case nor its note.
    assert readers == {"colleague"}


def test_a_ground_and_a_reason_are_asked_for(city: City, case: int) -> None:
    for changes, field in (({"basis": ""}, "basis"), ({"reason": " 是 "}, "reason"), ({"text": "长" * 201}, "text")):
        with pytest.raises(Refused) as refusal:
            note(city, case, **changes)
        assert refusal.value.field == field


@pytest.mark.parametrize("subject", FORBIDDEN)
def test_forbidden_subjects_are_refused_with_the_word_and_why(city: City, case: int, subject: str) -> None:
    for word in FORBIDDEN[subject][1]:
        with pytest.raises(Refused) as refusal:
            note(city, case, text=f"他{word}，要注意。")
        assert refusal.value.code == "forbidden_subject"
        assert str(FORBIDDEN[subject][0]) in str(refusal.value)


def test_blanks_between_the_characters_do_not_help(city: City, case: int) -> None:
    with pytest.raises(Refused):
        note(city, case, text="最近住 院了")


def test_who_does_not_write_in_the_book_writes_none(city: City, case: int) -> None:
    for who in ("inspector", "admin", "agent", "outsider"):
        with pytest.raises(Refused) as refusal:
            note(city, case, actor=city.people[who])
        assert refusal.value.code == "forbidden"


def test_it_goes_six_months_after_the_case_and_only_that_it_went_is_kept(city: City) -> None:
    petition = make_petition(city)
    note(city, petition.pk, actor=city.officer)
    ended = city.at + timedelta(days=3)
    actions.withdraw(petition.pk, reason="已自行协商解决", actor=city.officer, at=ended)
    until = kept_until(ended)
    assert expire_rapport(at=until - timedelta(seconds=1)) == 0
    assert expire_rapport(at=until) == 1
    assert expire_rapport(at=until) == 0
    event = Event.objects.get(petition=petition, kind="rapport_deleted")
    assert event.data == {"count": 1, "expired": True} and event.text_digest == ""
    assert not RapportNote.objects.exists()


def test_a_case_taken_up_again_keeps_its_notes(city: City) -> None:
    petition = make_petition(city)
    note(city, petition.pk, actor=city.officer)
    actions.withdraw(petition.pk, reason="已自行协商解决", actor=city.officer, at=city.at)
    actions.reopen(petition.pk, reason="协商未履行", actor=city.officer, at=city.at + timedelta(days=1))
    assert expire_rapport(at=city.at + timedelta(days=400)) == 0


def test_half_a_year_ends_on_the_last_day_of_a_short_month() -> None:
    assert kept_until(datetime(2026, 8, 31, 4, tzinfo=UTC)) == datetime(2027, 2, 28, 4, tzinfo=UTC)
    assert kept_until(datetime(2026, 11, 16, 4, tzinfo=UTC)) == datetime(2027, 5, 16, 4, tzinfo=UTC)


def test_its_author_deletes_it_and_nobody_else_can(city: City, case: int) -> None:
    row = note(city, case)
    with pytest.raises(RapportNote.DoesNotExist):
        drop_rapport(row.pk, actor=city.officer, at=city.at)
    drop_rapport(row.pk, actor=city.handler, at=city.at)
    assert not RapportNote.objects.exists()


def test_the_reference_data_pages_do_not_have_it() -> None:
    assert RapportNote not in admin.site._registry
