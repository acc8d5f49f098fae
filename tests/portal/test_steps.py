"""What a petitioner does on the page: more material, withdrawal, review, hearing, recusal."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from petitions import actions
from petitions.actions import Person, Signer
from petitions.models import Petition, ReviewRequest
from petitions.permissions import citizen
from petitions.states import Refused
from portal.access import MOST
from portal.models import Unsent
from portal.steps import STEPS, offered
from portal.tasks import forget_unsent
from tests.city import City, make_order, make_petition, replied


def send(browser: Client, key: str, **data: Any) -> Any:
    """Open the form and send it, as a browser would: with its token."""
    url = f"/portal/matter/do/{key}/"
    once = browser.get(url).context["once"]
    return browser.post(url, {"once": once, **data})


def keys(petition: Petition) -> set[str]:
    return {step.key for step in offered(Petition.objects.get(pk=petition.pk), timezone.now())}


@pytest.fixture
def answered(city: City) -> Petition:
    """Answered and delivered an hour ago."""
    petition = replied(city, at=timezone.now() - timedelta(hours=8))
    return actions.deliver_opinion(petition.pk, way="by_hand", actor=city.officer, at=timezone.now())


def test_what_is_offered_follows_the_state(city: City, answered: Petition) -> None:
    fresh, running = make_petition(city, at=timezone.now()), make_order(city, at=timezone.now()).petition
    assert keys(fresh) == {"supplement", "recusal", "withdraw"}
    assert keys(running) == {"supplement", "recusal", "withdraw", "hearing"}
    assert "review" in keys(answered)
    actions.withdraw(fresh.pk, reason="本人撤回", actor=city.officer, at=timezone.now())
    assert keys(fresh) == set()


def test_more_material_is_added_with_its_files_in_the_citizens_name(city: City, opened) -> None:
    petition = make_petition(city, at=timezone.now())
    note = SimpleUploadedFile("说明.txt", "补充说明".encode())
    answer = send(opened(petition), "supplement", text="又停了一次。", files=note)
    assert answer["Location"] == "/portal/matter/"
    event = petition.events.get(kind="supplement")
    assert (event.actor_label, event.words.text, event.actor_id) == ("citizen", "又停了一次。", None)
    assert petition.attachments.count() == 1


def test_a_second_click_sends_nothing(city: City, opened) -> None:
    petition = make_petition(city, at=timezone.now())
    browser = opened(petition)
    once = browser.get("/portal/matter/do/supplement/").context["once"]
    for _n in range(2):
        browser.post("/portal/matter/do/supplement/", {"once": once, "text": "又停了一次。"})
    assert petition.events.filter(kind="supplement").count() == 1


def test_a_refused_form_keeps_what_was_typed(city: City, opened) -> None:
    petition = make_petition(city, at=timezone.now())
    answer = send(opened(petition), "withdraw", reason="问题已经解决")
    assert answer.status_code == 422 and "问题已经解决" in answer.content.decode()
    assert Petition.objects.get().state == "registered"


def test_withdrawing_asks_for_reason_and_own_will(city: City, opened) -> None:
    petition = make_petition(city, at=timezone.now())
    send(opened(petition), "withdraw", reason="问题已经解决", sure="on")
    assert Petition.objects.get().state == "withdrawn"


def test_one_of_several_does_not_withdraw_for_all(city: City, opened) -> None:
    petition = make_petition(city, at=timezone.now())
    browser = opened(petition)
    assert "withdraw" in keys(petition)
    by = {"actor": city.officer, "at": timezone.now()}
    (other,) = actions.add_signers(petition.pk, signers=[Signer(Person(name="王强", phone="13900000001"))], **by)
    assert "withdraw" not in keys(petition)
    browser.get("/portal/matter/")
    words = {"reason": "本人撤回", "actor": citizen(petition.pk), "at": timezone.now()}
    with pytest.raises(Refused) as caught:
        actions.withdraw(petition.pk, **words)
    assert (caught.value.code, Petition.objects.get().state) == ("joint", "registered")
    actions.withdraw_signer(petition.pk, petitioner_id=other.pk, reason="本人书面撤回", **by)
    assert actions.withdraw(petition.pk, **words).state == "withdrawn"


def test_review_is_asked_for_with_its_organ_and_date_shown(city: City, opened, answered: Petition) -> None:
    browser = opened(answered)
    page = browser.get("/portal/matter/do/review/").content.decode()
    assert "申请截止" in page and "不可抗力" not in page
    send(browser, "review", request="处理意见没有回应赔偿请求。")
    row = ReviewRequest.objects.get()
    assert row.is_by_citizen and row.asked_by is None
    assert Petition.objects.get(pk=answered.pk).state == "in_review"
    assert "review" not in keys(answered)


def test_a_late_review_needs_its_excuse(city: City, opened) -> None:
    long_ago = timezone.now() - timedelta(days=60)
    petition = replied(city, at=long_ago)
    actions.deliver_opinion(petition.pk, way="by_hand", actor=city.officer, at=long_ago + timedelta(days=1))
    browser = opened(petition)
    assert "review" not in keys(petition)
    assert send(browser, "review", request="不服").status_code == 422
    assert not ReviewRequest.objects.exists()
    send(browser, "review", request="不服", excuse="台风封路住院")
    assert ReviewRequest.objects.get().is_in_time is False


def test_a_draft_waits_for_its_session_encrypted_and_goes_with_it(city: City, opened, answered: Petition) -> None:
    browser = opened(answered)
    for words in ("还没写", "还没写完的理由"):
        browser.post("/portal/matter/do/review/", {"keep": "1", "request": words})
    assert "还没写完的理由" in browser.get("/portal/matter/do/review/").content.decode()
    assert "还没写" not in str(browser.session.items()), "the session table holds nobody's words"
    assert Unsent.objects.get().petition == answered
    assert "还没写完的理由" not in opened(answered).get("/portal/matter/do/review/").content.decode()
    browser.post("/portal/leave/")
    assert not Unsent.objects.exists()
    browser.post("/portal/track/", {"code": answered.query_code})
    assert "还没写完的理由" not in browser.get("/portal/matter/do/review/").content.decode()


def test_what_was_kept_goes_when_it_is_sent_or_the_petition_is_anonymised(
    city: City, opened, answered: Petition
) -> None:
    from petitions.retention import copies

    browser = opened(answered)
    keep = {"keep": "1", "request": "还没写完的理由"}
    browser.post("/portal/matter/do/review/", keep)
    copy = next(copy for copy in copies() if copy.name == "rows_portal")
    assert copy.find([answered.pk]) == 1
    copy.anonymise([answered.pk], timezone.now())
    assert copy.find([answered.pk]) == 0
    assert "还没写完的理由" not in browser.get("/portal/matter/do/review/").content.decode()
    browser.post("/portal/matter/do/review/", keep)
    send(browser, "review", request="处理意见没有回应赔偿请求。")
    assert ReviewRequest.objects.exists() and not Unsent.objects.exists()


def test_ended_sessions_and_what_they_kept_are_cleared_every_hour(
    city: City, opened, answered: Petition, settings
) -> None:
    assert any(row["task"] == forget_unsent.name for row in settings.CELERY_BEAT_SCHEDULE.values())
    browser = opened(answered)
    assert browser.session.get_expiry_date() <= timezone.now() + MOST
    browser.post("/portal/matter/do/review/", {"keep": "1", "request": "还没写完的理由"})
    forget_unsent()
    assert Unsent.objects.exists() and Session.objects.exists()
    Unsent.objects.update(saved_at=timezone.now() - MOST - timedelta(minutes=1))
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    forget_unsent()
    assert not Unsent.objects.exists() and not Session.objects.exists()


def test_signing_in_where_a_matter_was_open_lasts_a_working_day(city: City, opened, settings) -> None:
    browser = opened(make_petition(city))
    browser.force_login(city.officer, backend="accounts.backends.StaffBackend")
    assert browser.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_a_hearing_and_a_recusal_are_asked_for(city: City, opened) -> None:
    petition = make_order(city, at=timezone.now()).petition
    browser = opened(petition)
    send(browser, "hearing", subject="事实争议大，请求公开听证。")
    assert petition.hearings.get().side == "petitioner"
    assert "hearing" not in keys(petition)
    send(browser, "recusal", named="王某", ground="kin", reason="与对方是亲戚")
    assert petition.recusals.get().named == "王某"


def test_an_accusation_has_no_steps_that_tell_its_course(city: City, opened) -> None:
    accused = make_petition(city, at=timezone.now(), purpose="JK", respondent_unit=city.housing)
    assert not {"review", "hearing"} & keys(accused)
    assert opened(accused).get("/portal/matter/do/review/")["Location"] == "/portal/matter/"


@pytest.mark.parametrize("key", sorted(STEPS))
def test_an_ended_matter_refuses_every_step_kindly(city: City, opened, key: str) -> None:
    petition = make_petition(city, at=timezone.now())
    actions.withdraw(petition.pk, reason="本人撤回", actor=city.officer, at=timezone.now())
    browser = opened(petition)
    before = petition.events.count()
    for method in (browser.get, browser.post):
        assert method(f"/portal/matter/do/{key}/")["Location"] == "/portal/matter/"
    assert petition.events.count() == before


def test_no_matter_is_flooded(city: City, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.views.steps.MOST_A_DAY", 1)
    petition = make_petition(city, at=timezone.now())
    browser = opened(petition)
    send(browser, "supplement", text="第一次补充")
    assert send(browser, "supplement", text="第二次补充").status_code == 422
    assert petition.events.filter(kind="supplement").count() == 1
