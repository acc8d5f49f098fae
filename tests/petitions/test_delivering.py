"""Letters that arrive late, out of their turn, or after the matter has moved on."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.models import Clock
from petitions import actions
from petitions.actions import documents, reviews
from petitions.models import Delivery, Document, Petition, ReviewRequest
from petitions.states import Refused, State
from tests.city import City, replied
from tests.petitions.test_documents import issued, issued_opinion
from tests.remedies import DAY, decided


def paper_of(city: City, petition: Petition, kind: str, *, at: datetime) -> Document:
    """The opinion of review the decision called for, signed and issued by its organ."""
    document = Document.objects.filter(petition=petition, kind=kind).latest("pk")
    values = {"rereview_organ": "宁波市人民政府"} if kind == "review_opinion" else {}
    who = city.people["district_reviewer" if document.unit == city.units["district"] else "reviewer"]
    documents.amend(document.pk, values=values, actor=who, at=at)
    documents.submit(document.pk, actor=who, at=at)
    documents.sign(document.pk, actor=who, at=at)
    return documents.issue(document.pk, actor=who, at=at)


def post(city: City, document: Document, *, at: datetime) -> None:
    documents.deliver(document.pk, way="post", on=at, tracking="XA12345678933", actor=city.officer, at=at)


def arrive(city: City, document: Document, *, at: datetime) -> None:
    documents.receive(document.pk, on=at, receiver="周小琴", actor=city.officer, at=at)


def posted_review(city: City, **more: Any) -> tuple[Petition, Document]:
    """Decided in review; the review opinion is in the post."""
    row = decided(city, **more)
    letter = paper_of(city, row.petition, "review_opinion", at=city.at + 3 * DAY)
    post(city, letter, at=city.at + 3 * DAY)
    return Petition.objects.get(pk=row.petition_id), letter


def runs(petition: Petition, key: str) -> bool:
    return Clock.objects.filter(subject="petition", subject_id=petition.pk, policy__key=key).exists()


def again(city: City, petition_id: int) -> Petition:
    """Sent back for rework on the second day, and replied to anew on the third."""
    petition = actions.rework(petition_id, reason="电梯又停运", actor=city.officer, at=city.at + 2 * DAY)
    return replied(city, order=petition.orders.get(is_open=True), at=city.at + 3 * DAY)


def test_the_review_letter_opens_the_period_for_re_review(city: City) -> None:
    petition, letter = posted_review(city)
    arrive(city, letter, at=city.at + 5 * DAY)
    assert ReviewRequest.objects.get().state == "delivered" and runs(petition, "D08_rereview_req")


def test_a_late_review_letter_does_not_deliver_the_re_review(city: City) -> None:
    petition, letter = posted_review(city)
    decided(city, petition, at=city.at + 5 * DAY)
    arrive(city, letter, at=city.at + 9 * DAY)
    first, second = (ReviewRequest.objects.get(stage=stage) for stage in ("review", "rereview"))
    assert (first.state, first.delivered_at) == ("delivered", city.at + 9 * DAY)
    assert (second.state, second.delivered_at) == ("decided", None)
    petition.refresh_from_db()
    assert petition.end_way == "" and not runs(petition, "D08_rereview_req")
    last = paper_of(city, petition, "rereview_opinion", at=city.at + 9 * DAY)
    post(city, last, at=city.at + 9 * DAY)
    arrive(city, last, at=city.at + 10 * DAY)
    petition.refresh_from_db()
    assert petition.end_way == "rereviewed"


def test_the_review_letter_may_arrive_while_re_review_runs(city: City) -> None:
    petition, letter = posted_review(city)
    reviews.request(petition.pk, request="不服复查意见", actor=city.officer, at=city.at + 4 * DAY)
    arrive(city, letter, at=city.at + 5 * DAY)
    letter.refresh_from_db()
    assert letter.state == "delivered" and ReviewRequest.objects.get(stage="review").state == "delivered"
    petition.refresh_from_db()
    assert petition.state == State.IN_REREVIEW and not runs(petition, "D08_rereview_req")


def test_after_reopening_the_old_review_letter_opens_nothing(city: City) -> None:
    petition, letter = posted_review(city)
    actions.reopen(petition.pk, reason="出现新的事实", actor=city.officer, at=city.at + 4 * DAY)
    with pytest.raises(Refused) as refusal:
        reviews.deliver(petition.pk, way="by_hand", actor=city.officer, at=city.at + 4 * DAY)
    assert refusal.value.code == "no_review"
    arrive(city, letter, at=city.at + 5 * DAY)
    assert ReviewRequest.objects.get().state == "delivered" and not runs(petition, "D08_rereview_req")


def test_the_letter_that_revokes_is_delivered_in_the_round_it_has_begun(city: City) -> None:
    petition, letter = posted_review(city, outcome="revoke")
    assert (petition.round, letter.round) == (1, 0)
    arrive(city, letter, at=city.at + 5 * DAY)
    assert ReviewRequest.objects.get().state == "delivered"
    assert petition.events.filter(kind="deliver_revocation").exists()


def test_an_opinion_of_an_earlier_round_is_no_delivery_of_the_new_one(city: City) -> None:
    letter = issued_opinion(city)
    post(city, letter, at=city.at + DAY)
    petition = again(city, letter.petition_id)
    arrive(city, letter, at=city.at + 4 * DAY)
    letter.refresh_from_db()
    petition.refresh_from_db()
    assert letter.state == "delivered" and petition.delivered_at is None
    assert not runs(petition, "D06_review_req")
    assert Document.objects.get(petition=petition, kind="handling_opinion", state="draft").round == 1


def test_a_draft_the_new_reply_finds_is_the_opinion_of_the_new_round(city: City) -> None:
    petition = replied(city)
    draft = Document.objects.get(petition=petition, kind="handling_opinion")
    petition = again(city, petition.pk)
    draft.refresh_from_db()
    assert draft.round == 1 == petition.round


def put_up(city: City, document: Document, *, at: datetime) -> None:
    until = (at + 10 * DAY).date()
    more = {"place": "街道公告栏", "notice_until": until}
    documents.deliver(document.pk, way="notice", on=at, actor=city.officer, at=at, **more)


def test_an_opinion_arrives_though_its_petition_has_moved_on(city: City) -> None:
    letter = issued_opinion(city)
    put_up(city, letter, at=city.at + DAY)
    reviews.request(letter.petition_id, request="不服处理意见", actor=city.officer, at=city.at + 2 * DAY)
    assert documents.end_public_notices(at=city.at + 20 * DAY) == 1
    letter.refresh_from_db()
    assert letter.state == "delivered" and letter.petition.delivered_at is None


def test_one_notice_that_cannot_be_ended_holds_up_no_other(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = [issued(city) for _n in range(3)]
    for letter in letters:
        put_up(city, letter, at=city.at)

    def refuse(document: Document, *_args: Any, **_more: Any) -> None:
        if document.pk == letters[0].pk:
            raise Refused("no")

    monkeypatch.setattr("petitions.actions.documents.delivering._opinion_delivered", refuse)
    assert documents.end_public_notices(at=city.at + 20 * DAY) == 2
    assert [Document.objects.get(pk=letter.pk).state for letter in letters] == ["issued", "delivered", "delivered"]


def unreplied(city: City) -> Document:
    """The opinion of the round, issued before the reply of that round is recorded."""
    letter = issued_opinion(city)
    petition = actions.rework(letter.petition_id, reason="电梯又停运", actor=city.officer, at=city.at + DAY)
    Document.objects.filter(pk=letter.pk).update(round=petition.round)
    return letter


def test_the_petitioner_gets_the_opinion_though_the_reply_is_not_recorded(city: City) -> None:
    letter = unreplied(city)
    with pytest.raises(Refused) as refusal:
        by_hand(city, letter, on=city.at + 2 * DAY, at=city.at + 2 * DAY)
    assert refusal.value.code == "not_replied", "the office is told what comes first"
    assert documents.read_by_citizen(letter.pk, at=city.at + 2 * DAY).state == "delivered"
    assert Petition.objects.get(pk=letter.petition_id).delivered_at is None


def by_hand(city: City, document: Document, *, on: datetime, at: datetime) -> Delivery:
    more = {"receiver": "周小琴", "deliverer": "王若兰"}
    return documents.deliver(document.pk, way="by_hand", on=on, actor=city.officer, at=at, **more)


def test_a_delivery_entered_late_is_a_change_of_the_day_it_was_entered(city: City) -> None:
    letter, entered = issued_opinion(city), city.at + 4 * DAY
    by_hand(city, letter, on=city.at + DAY, at=entered)
    petition = Petition.objects.get(pk=letter.petition_id)
    assert (petition.delivered_at, petition.updated_at) == (city.at + DAY, entered)


def test_a_document_that_cannot_be_made_holds_up_no_other(
    city: City, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from petitions.actions.documents import filing

    settings.MEDIA_ROOT = tmp_path
    first, second = issued(city), issued(city)
    make = filing.pdf_of

    def fail(paper: Any, **more: Any) -> bytes:
        if first.number in str(paper):
            raise OSError("no font")
        return make(paper, **more)

    monkeypatch.setattr(filing, "pdf_of", fail)
    assert documents.file_pending(at=city.at, limit=1) == 0
    assert documents.file_pending(at=city.at + timedelta(minutes=1), limit=1) == 1
    assert Document.objects.get(pk=second.pk).filed_at is not None
    monkeypatch.undo()
    assert documents.file_pending(at=city.at + timedelta(minutes=2)) == 0, "it waits for its next try"
    assert documents.file_pending(at=city.at + timedelta(hours=2)) == 1
