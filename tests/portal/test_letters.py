"""Letters: opened is received; public pages carry no person."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from petitions.actions import documents
from petitions.models import Delivery, Document, Hearing
from petitions.states.reviews import HearingState
from tests.city import City, make_petition

VALUES = {"route": "本事项由海曙区住建局办理", "next_step": "该局将在15日内书面告知您是否受理"}


def issued(city: City, **changes) -> Document:
    """A notice of receipt, issued an hour ago."""
    at = timezone.now() - timedelta(hours=1)
    petition = make_petition(city, at=at, **changes)
    made = documents.draft(petition.pk, "receipt", values=VALUES, actor=city.officer, at=at)
    documents.submit(made.pk, actor=city.officer, at=at)
    documents.sign(made.pk, actor=city.officer, at=at)
    return documents.issue(made.pk, actor=city.officer, at=at)


def test_opening_a_letter_is_its_electronic_delivery(city: City, opened) -> None:
    letter = issued(city)
    browser = opened(letter.petition)
    url = f"/portal/matter/letters/{letter.pk}/"
    assert letter.title in browser.get("/portal/matter/").content.decode()
    before = browser.get(url).content.decode()
    assert "海曙区住建局办理" not in before, "looking at the envelope delivers nothing"
    assert Document.objects.get().delivered_at is None
    after = browser.post(url, follow=True).content.decode()
    assert "海曙区住建局办理" in after
    assert Delivery.objects.get().way == "electronic"
    browser.post(url)
    assert Delivery.objects.count() == 1


def test_a_received_letter_is_taken_along_as_pdf(city: City, opened) -> None:
    letter = issued(city)
    browser = opened(letter.petition)
    url = f"/portal/matter/letters/{letter.pk}/"
    assert browser.get(f"{url}pdf/").status_code == 404, "not before it is received"
    browser.post(url)
    answer = browser.get(f"{url}pdf/")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")


def test_another_matters_letter_is_not_there(city: City, opened) -> None:
    letter, other = issued(city), make_petition(city)
    browser = opened(other)
    for path in (f"{letter.pk}/", f"{letter.pk}/pdf/", "0/", "x/", "9999999999999999999999/"):
        assert browser.get(f"/portal/matter/letters/{path}").status_code == 404
    assert browser.post(f"/portal/matter/letters/{letter.pk}/").status_code == 404
    assert Document.objects.get().delivered_at is None


def test_a_draft_is_not_there(city: City, opened) -> None:
    petition = make_petition(city)
    draft = documents.draft(petition.pk, "receipt", values=VALUES, actor=city.officer, at=city.at)
    assert opened(petition).get(f"/portal/matter/letters/{draft.pk}/").status_code == 404


@pytest.mark.parametrize("is_restricted", [False, True])
def test_public_notices_name_nobody_and_no_accusation(city: City, client: Client, is_restricted: bool) -> None:
    more = {"purpose": "JK", "respondent_unit": city.housing} if is_restricted else {}
    letter = issued(city, **more)
    until = timezone.localdate() + timedelta(days=30)
    documents.deliver(
        letter.pk,
        way="notice",
        on=timezone.now(),
        actor=city.officer,
        at=timezone.now(),
        place="市信访局公告栏",
        notice_until=until,
    )
    page = client.get("/portal/notices/").content.decode()
    assert (letter.number in page) is not is_restricted
    assert "周小琴" not in page and letter.petition.number not in page


@pytest.mark.parametrize("count", [1, 3])
def test_published_hearings_are_listed_with_their_text_only(
    city: City, client: Client, count: int, django_assert_num_queries
) -> None:
    for n in range(count):
        Hearing.objects.create(
            petition=make_petition(city),
            state=HearingState.PUBLISHED,
            asked_at=city.at,
            side="petitioner",
            subject="内部事由",
            conclusion="内部结论",
            publication=f"听证结果第{n}号",
            published_at=city.at + timedelta(minutes=n),
        )
    with django_assert_num_queries(1):
        page = client.get("/portal/hearings/").content.decode()
    assert all(f"听证结果第{n}号" in page for n in range(count))
    assert "内部" not in page
