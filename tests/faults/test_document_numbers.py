"""Numbers of documents under concurrency: each once, none left out, whatever fails in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from petitions.actions import documents
from petitions.models import Document, DocumentSeries
from tests.city import City
from tests.petitions.test_documents import receipt

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 12


def in_thread(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def signed(city: City) -> Document:
    document = receipt(city)
    documents.submit(document.pk, actor=city.officer, at=city.at)
    return documents.sign(document.pk, actor=city.officer, at=city.at)


def test_numbers_given_at_once_are_each_given_once_and_without_gaps(city: City) -> None:
    waiting = [signed(city).pk for _i in range(COUNT)]

    def issue(pk: int) -> str:
        return in_thread(lambda: documents.issue(pk, actor=city.officer, at=city.at).number)

    with ThreadPoolExecutor(6) as pool:
        numbers = set(pool.map(issue, waiting))
    assert numbers == {f"甬信告〔2026〕{n}号" for n in range(1, COUNT + 1)}


def test_an_issue_that_fails_takes_no_number(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from petitions.signals import document_issued

    def fail(**_kwargs: Any) -> None:
        raise RuntimeError("a later room says no")

    document = signed(city)
    document_issued.connect(fail, weak=False, dispatch_uid="test")
    try:
        with pytest.raises(RuntimeError):
            documents.issue(document.pk, actor=city.officer, at=city.at)
    finally:
        document_issued.disconnect(dispatch_uid="test")
    document.refresh_from_db()
    assert document.state == "signed" and not DocumentSeries.objects.exists()
    assert documents.issue(document.pk, actor=city.officer, at=city.at).number == "甬信告〔2026〕1号"


def test_two_clicks_issue_once(city: City) -> None:
    document = signed(city)

    def issue(_n: int) -> str:
        def work() -> str:
            try:
                return documents.issue(document.pk, actor=city.officer, at=city.at).number
            except Exception as refusal:
                return type(refusal).__name__

        return in_thread(work)

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(issue, range(2)))
    assert outcomes == ["Refused", "甬信告〔2026〕1号"]
