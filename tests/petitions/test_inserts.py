"""Rows by COPY are the rows `bulk_create` would have written."""

from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from petitions import actions, events
from petitions.actions import Person
from petitions.inserts import FEW, copy_text, insert
from petitions.models import Petition, Petitioner
from tests.city import City, draft

ODD = "第一行\r\n\\.\n\t制表\\N，“引号”'\"\\x41 \\"


def many(city: City, **changes: Any) -> list[Petition]:
    return actions.register_many([draft(city, **changes) for _n in range(FEW + 1)], actor=city.officer, at=city.at)


def test_words_come_back_as_they_were_given(city: City) -> None:
    pk = many(city, content=ODD, address="\\N")[-1].pk
    row = Petition.objects.get(pk=pk)
    assert (row.content, row.address, row.occurred_on, row.registered_at) == (ODD, "\\N", None, city.at)
    assert not events.verify_many([pk])


def test_people_are_encrypted_and_found_as_ever(city: City) -> None:
    pk = many(city, person=Person(name="周\\琴", phone="13812345127", address=ODD))[0].pk
    person = Petitioner.objects.get(petition=pk)
    assert (person.name, person.phone, person.address) == ("周\\琴", "13812345127", ODD)


def test_a_bad_row_raises_what_an_insert_raises(city: City) -> None:
    with pytest.raises(DataError), transaction.atomic():
        many(city, content="null \x00 byte")
    with pytest.raises(DataError), transaction.atomic():
        many(city, summary="长" * 300)
    with pytest.raises(IntegrityError, match="petition_source_ref"), transaction.atomic():
        many(city, source_ref="the same for all")


def test_nothing_is_inserted_for_nothing() -> None:
    assert insert([]) == []


def test_a_value_without_a_known_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        copy_text(object())
