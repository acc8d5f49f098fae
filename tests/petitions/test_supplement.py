"""More material to a running matter: what it does, who may, who hears."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dispatch.models import Notice
from petitions import actions
from petitions.models import Attachment, Event
from petitions.permissions import citizen
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied

pytestmark = pytest.mark.django_db


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("记录.txt", "电梯停运记录".encode())


def test_the_citizen_adds_words_and_a_file_and_the_unit_is_told_without_them(city: City) -> None:
    order = make_order(city)
    _petition, event = actions.supplement(
        order.petition_id,
        text="补充：十一月又停运两次。",
        uploads=[photo()],
        actor=citizen(order.petition_id),
        at=city.at,
    )
    assert event.words.text == "补充：十一月又停运两次。"
    assert event.actor is None and event.actor_label == "citizen"
    assert Attachment.objects.get(petition=order.petition).event == event
    told = Notice.objects.filter(kind="supplemented", channel="inapp")
    assert {notice.recipient for notice in told} == {city.leader, city.handler, city.colleague}
    assert all("停运" not in str(notice.params) for notice in told)


def test_before_dispatch_the_registering_office_is_told(city: City) -> None:
    petition = make_petition(city)
    actions.supplement(petition.pk, text="补充材料", actor=citizen(petition.pk), at=city.at)
    assert [n.recipient for n in Notice.objects.filter(kind="supplemented", channel="inapp")] == [city.officer]


def test_a_citizen_reaches_no_other_matter(city: City) -> None:
    petition, other = make_petition(city), make_petition(city)
    with pytest.raises(Refused) as refused:
        actions.supplement(petition.pk, text="补充材料", actor=citizen(other.pk), at=city.at)
    assert refused.value.code == "forbidden"


def test_an_outsider_adds_nothing(city: City) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refused:
        actions.supplement(petition.pk, text="补充材料", actor=city.outsider, at=city.at)
    assert refused.value.code == "forbidden"
    assert not Event.objects.filter(kind="supplement").exists()


@pytest.mark.parametrize(("text", "uploads", "field"), [("", 0, "text"), ("字" * 5001, 0, "text"), ("够", 11, "files")])
def test_nothing_or_too_much_is_refused(city: City, text: str, uploads: int, field: str) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refused:
        actions.supplement(petition.pk, text=text, uploads=[photo()] * uploads, actor=city.officer, at=city.at)
    assert refused.value.field == field


def test_a_file_that_may_not_be_kept_leaves_nothing_behind(city: City) -> None:
    petition = make_petition(city)
    bad = SimpleUploadedFile("a.exe", b"MZ")
    with pytest.raises(Refused):
        actions.supplement(petition.pk, text="补充", uploads=[bad], actor=citizen(petition.pk), at=city.at)
    assert not Event.objects.filter(kind="supplement").exists()


def test_an_ended_matter_takes_no_more(city: City) -> None:
    petition = replied(city)
    actions.withdraw(petition.pk, reason="本人撤回", actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refused:
        actions.supplement(petition.pk, text="补充材料", actor=citizen(petition.pk), at=city.at)
    assert refused.value.code == "illegal_move"
