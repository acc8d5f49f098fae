"""No case text leaves with a notice, a mail, a channel message, a log line, a job's name or a page's title (§1.17)."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from dispatch import jobs as kinds
from dispatch.actions import orders, outbox, returns, sweep
from dispatch.actions.outbox import _mail, _words
from dispatch.models import Job, Notice
from dispatch.notices import _BODIES, _TITLES, KINDS, digest_text, kind_label, sentence
from petitions import actions
from petitions.actions import Person
from petitions.models import Petition, Purpose
from tests.access.browsing import browser
from tests.city import VALID_ID, City, make_order, make_petition, replied

# Every word of the case is one of these, and none of them may be met outside it.
CANARIES = (
    "金丝雀概况",
    "金丝雀正文",
    "金丝雀诉求",
    "金丝雀答复",
    "金丝雀通话",
    "葛鸣镝",
    "13900007788",
    VALID_ID,
    "金丝雀被反映人",
)
PERSON = Person(name="葛鸣镝", phone="13900007788", id_type="111", id_no=VALID_ID, address="金丝雀正文路1号")


def canary_case(city: City, **changes: Any) -> Petition:
    texts = {"summary": "金丝雀概况", "content": "金丝雀正文" * 4, "demand": "金丝雀诉求", "person": PERSON}
    return make_petition(city, **{**texts, **changes})


def clean(text: str) -> bool:
    return not any(word in text for word in CANARIES)


def told(notice: Notice) -> str:
    """All a notice says, on every way it can go, in both languages."""
    parts = [str(notice.params)]
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said = sentence(notice, count=2)
            parts += [said.title, said.body, kind_label(notice.kind), *_words(notice, language)]
            if notice.kind == "digest":
                parts.append(str(digest_text(notice)))
    if notice.recipient is not None:
        mail = _mail(notice)
        parts += [mail.subject, str(mail.body)]
    return "\n".join(parts)


def test_every_kind_says_numbers_and_rules_only(city: City) -> None:
    order = make_order(city, petition=canary_case(city))
    for kind in sorted({*KINDS, *_TITLES, *_BODIES}):
        notice = Notice.objects.create(
            recipient=city.leader,
            channel="email",
            kind=kind,
            petition=order.petition,
            order=order,
            params={},
            dedupe_key=f"canary:{kind}",
            created_at=city.at,
            deliver_after=city.at,
        )
        assert clean(told(notice)), kind


def test_a_whole_life_writes_no_word_of_the_case_into_a_notice_or_a_log(
    city: City, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger="django.db.backends"):
        logging.getLogger("django.db.backends").setLevel(logging.INFO)
        case = replied(city, order=make_order(city, petition=canary_case(city)))
        actions.rate(
            case.pk, office=1, unit=1, comment="金丝雀通话", actor=city.officer, at=city.at + timedelta(hours=6)
        )
        back = make_order(city, petition=canary_case(city))
        returns.ask_return(
            back.pk,
            reason="R1",
            words="金丝雀答复，不属本单位职责。",
            right_unit=city.enforcement,
            actor=city.leader,
            at=city.at,
        )
        late = make_order(city, petition=canary_case(city))
        orders.record_contact(late.pk, means="phone", said="金丝雀通话", actor=city.handler, at=city.at)
        sweep.sweep(at=city.at + timedelta(days=60))
        outbox.deliver(at=city.at + timedelta(days=61))
    rows = list(Notice.objects.select_related("recipient", "petition", "order"))
    assert len({notice.kind for notice in rows}) >= 6
    for notice in rows:
        assert clean(told(notice)), (notice.kind, told(notice))
    assert [line for line in caplog.messages if not clean(line)] == []


def test_of_an_accusation_not_even_the_number_goes_to_somebody_who_is_not_named(city: City) -> None:
    secret = canary_case(city, purpose=Purpose.ACCUSE, respondent_unit=city.housing, respondent="金丝雀被反映人")
    orders.dispatch(secret.pk, lead=city.enforcement, actor=city.officer, at=city.at)
    sweep.sweep(at=city.at + timedelta(days=60))
    rows = Notice.objects.filter(petition=secret)
    assert {notice.recipient for notice in rows} == {city.officer}
    assert not rows.filter(target__isnull=False).exists()


def test_the_title_of_a_case_page_is_its_number(city: City) -> None:
    secret = canary_case(city, purpose=Purpose.ACCUSE, respondent_unit=city.housing)
    client = browser(city.officer)
    for tab in ("", "?tab=matter", "?tab=orders", "?tab=confidence", "?tab=log"):
        page = client.get(f"/petitions/{secret.pk}/{tab}").content.decode()
        title = re.search(r"<title>(.*?)</title>", page, re.S)
        assert title is not None and secret.short_number in title[1] and clean(title[1])


def test_a_job_is_named_without_the_cases_it_is_about(city: City) -> None:
    case = canary_case(city)
    job = Job(kind="assign", params={"note": "金丝雀答复"}, created_by=city.officer)
    for kind in kinds._HANDLERS:
        job.kind = kind
        assert clean(kinds.title_of(job)) and clean(str(job)), kind
    assert kinds._HANDLERS and case.pk
