"""Documents over the API: issued ones only, masked, within the client's units."""

from collections.abc import Callable
from typing import Any

from dispatch import papers
from dispatch.models import WorkOrder
from petitions.actions import documents
from tests.city import City
from tests.dispatch.test_supervision import issue as supervise
from tests.gateway.conftest import Caller
from tests.petitions.test_documents import issued_opinion, opinion, pdf_text


def test_issued_documents_are_listed_with_their_checksum(city: City, housing: Caller) -> None:
    document = issued_opinion(city)
    answer = housing.get(f"/petitions/{document.petition_id}/documents")
    assert answer.status_code == 200
    (row,) = answer.json()["items"]
    assert row["number"] == document.number and row["kind"] == "handling_opinion" and row["state"] == "issued"


def test_drafts_stay_inside(city: City, housing: Caller) -> None:
    document = opinion(city)
    assert housing.get(f"/petitions/{document.petition_id}/documents").json()["items"] == []
    assert housing.get(f"/petitions/{document.petition_id}/documents/{document.pk}/file").status_code == 404
    kinds = {e["kind"] for e in housing.get(f"/petitions/{document.petition_id}/events").json()["items"]}
    assert not {kind for kind in kinds if kind.startswith("document.")}


def test_letters_between_organs_stay_inside(city: City, housing: Caller) -> None:
    document = issued_opinion(city)
    row = supervise(city, order=WorkOrder.objects.get(petition=document.petition))
    letter = papers.letter_of(row, actor=city.officer, at=city.at)
    documents.submit(letter.pk, actor=city.officer, at=city.at)
    for _i in range(2):
        documents.sign(letter.pk, actor=city.officer, at=city.at)
    documents.issue(letter.pk, actor=city.officer, at=city.at)
    items = housing.get(f"/petitions/{document.petition_id}/documents").json()["items"]
    assert [item["id"] for item in items] == [document.pk]
    assert housing.get(f"/petitions/{document.petition_id}/documents/{letter.pk}/file").status_code == 404


def test_the_file_is_a_pdf_that_names_nobody(city: City, housing: Caller) -> None:
    document = issued_opinion(city)
    answer = housing.get(f"/petitions/{document.petition_id}/documents/{document.pk}/file", Accept="application/pdf")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    text = pdf_text(answer.content)
    assert "处理意见书" in text and "周小琴" not in text


def test_another_unit_and_another_petition_get_404(city: City, caller: Callable[..., Any]) -> None:
    document = issued_opinion(city)
    stranger = caller(unit="transport", channel="online")
    assert stranger.get(f"/petitions/{document.petition_id}/documents").status_code == 404
    assert stranger.get(f"/petitions/{document.petition_id}/documents/{document.pk}/file").status_code == 404
