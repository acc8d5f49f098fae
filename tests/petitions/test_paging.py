"""Keyset pages and capped counts."""

import base64
from datetime import timedelta

import pytest

from petitions.models import Petition
from petitions.paging import Order, Position, capped_counts, capped_text, counts_of_few, page_of
from tests.city import make_petition

DUE = Order("next_due_at")
NEW = Order("registered_at", is_descending=True)


def walk(rows, order, size):
    """Every row from the first page to the last, and the cursors on the way."""
    seen, cursor, pages = [], "", 0
    while True:
        page = page_of(rows, order, cursor=cursor, size=size)
        seen += [p.pk for p in page.rows]
        pages += 1
        if not page.next:
            return seen, page, pages
        cursor = page.next


@pytest.mark.parametrize("order", [DUE, NEW, Order("updated_at"), Order("next_due_at", is_descending=True)])
def test_it_shows_every_row_once_when_all_keys_are_equal(city, order):
    made = {make_petition(city).pk for _i in range(7)}
    Petition.objects.update(next_due_at=city.at, updated_at=city.at, registered_at=city.at)
    seen, last, pages = walk(Petition.objects.all(), order, size=3)
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == made
    assert (pages, len(last.rows)) == (3, 1)


def test_it_neither_skips_nor_repeats_when_a_row_is_added_between_pages(city):
    for hour in range(4):
        make_petition(city, at=city.at + timedelta(hours=hour))
    first = page_of(Petition.objects.all(), NEW, size=2)
    make_petition(city, at=city.at + timedelta(hours=9))
    second = page_of(Petition.objects.all(), NEW, cursor=first.next, size=2)
    shown = [p.pk for p in (*first.rows, *second.rows)]
    assert len(set(shown)) == 4
    assert second.next == ""


def test_it_goes_back_the_way_it_came(city):
    for hour in range(7):
        make_petition(city, at=city.at + timedelta(hours=hour))
    rows = Petition.objects.all()
    first = page_of(rows, NEW, size=3)
    second = page_of(rows, NEW, cursor=first.next, size=3)
    third = page_of(rows, NEW, cursor=second.next, size=3)
    back = page_of(rows, NEW, cursor=third.previous, size=3)
    assert [p.pk for p in back.rows] == [p.pk for p in second.rows]
    start = page_of(rows, NEW, cursor=back.previous, size=3)
    assert [p.pk for p in start.rows] == [p.pk for p in first.rows]
    assert (first.previous, start.previous) == ("", "")
    assert start.next


def test_it_starts_again_when_the_rows_behind_a_cursor_are_gone(city):
    for hour in range(4):
        make_petition(city, at=city.at + timedelta(hours=hour))
    first = page_of(Petition.objects.all(), NEW, size=2)
    kept = Petition.objects.filter(pk__in=[p.pk for p in first.rows])
    page = page_of(kept, NEW, cursor=first.next, size=2)
    assert [p.pk for p in page.rows] == [p.pk for p in first.rows]
    assert page.is_whole


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(b'[0,"2026-01-01",1]').decode(),
        "W10",
    ],
)
def test_it_takes_a_damaged_cursor_for_the_first_page(city, cursor):
    make_petition(city)
    assert Position.decode(cursor) is None
    assert len(page_of(Petition.objects.all(), NEW, cursor=cursor).rows) == 1


def test_a_cursor_survives_its_way_through_an_address(city):
    position = Position(city.at, 17, is_backward=True)
    assert Position.decode(position.encode()) == position
    assert position.encode().replace("-", "").replace("_", "").isalnum()


def test_it_counts_many_sets_in_one_statement_and_stops_at_the_cap(city, django_assert_num_queries):
    for _i in range(4):
        make_petition(city)
    rows = Petition.objects.all()
    with django_assert_num_queries(1):
        assert capped_counts([rows, rows.none(), rows.filter(state="closed"), [rows, rows]], cap=2) == [3, 0, 0, 3]
    with django_assert_num_queries(0):
        assert capped_counts([rows.none(), []]) == [0, 0]
    assert (capped_text(999), capped_text(1000)) == ("999", "999+")


def test_it_counts_conditions_over_a_small_set(city, django_assert_num_queries):
    from django.db.models import Q

    make_petition(city)
    make_petition(city, urgency="urgent")
    with django_assert_num_queries(1):
        assert counts_of_few(Petition.objects.all(), [Q(), Q(urgency="urgent"), Q(pk__in=[])]) == [2, 1, 0]
    assert counts_of_few(Petition.objects.all(), []) == []
