"""Links and the texts that carry them; new codes; the officer's page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from petitions.models import Petition
from petitions.states import Refused
from portal import actions
from portal.models import Link, Message
from tests.city import City, make_petition, replied


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[tuple[str, str]]:
    """What the gateway was given."""
    settings.SMS_URL, settings.SMS_AUTOMATIC = "json://gateway.example/?to={phone}", True
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("portal.sms.post", lambda url, title, text: sent.append((url, text)))
    return sent


def path_in(text: str) -> str:
    return text[text.index("/portal/l/") :].split(" ")[0]


def test_a_link_opens_its_matter_and_only_its_digest_is_kept(city: City, client: Client) -> None:
    petition = make_petition(city, at=timezone.now())
    link, token = actions.issue(petition.pk, Link.Goal.RATE, actor=city.officer, at=timezone.now())
    assert token not in str(Link.objects.filter(pk=link.pk).values().get())
    assert client.get(f"/portal/l/{token}/")["Location"] == "/portal/matter/rate/"
    assert petition.number in client.get("/portal/matter/").content.decode()
    assert Link.objects.get().opened_at is not None


def test_a_link_may_be_fetched_beforehand_and_still_opens(city: City) -> None:
    petition = make_petition(city, at=timezone.now())
    _link, token = actions.issue(petition.pk, Link.Goal.TRACK, actor=city.officer, at=timezone.now())
    for _n in range(2):
        assert Client().get(f"/portal/l/{token}/").status_code == 302


def test_an_expired_an_ended_and_an_invented_link_are_answered_alike(city: City) -> None:
    petition = make_petition(city)
    long_ago = timezone.now() - timedelta(days=30)
    _old, expired = actions.issue(petition.pk, Link.Goal.RATE, actor=city.officer, at=long_ago)
    _ended, ended = actions.issue(petition.pk, Link.Goal.RATE, actor=city.officer, at=timezone.now())
    actions.renew_code(petition.pk, reason="回执遗失", actor=city.officer, at=timezone.now())
    for token in (expired, ended, "x" * 22):
        answer = Client().get(f"/portal/l/{token}/")
        assert answer.status_code == 404
        assert "petition" not in answer.content.decode().replace("portal", "")[-200:]


def test_a_new_code_kills_the_old_one_and_stands_in_no_event(city: City, opened) -> None:
    petition = make_petition(city)
    browser = opened(petition)
    renewed = actions.renew_code(petition.pk, reason="回执被他人看到", actor=city.officer, at=timezone.now())
    assert browser.get("/portal/matter/").status_code == 302
    assert Client().post("/portal/track/", {"code": petition.query_code}).status_code == 422
    assert Client().post("/portal/track/", {"code": renewed.query_code}).status_code == 302
    event = petition.events.get(kind="new_code")
    assert renewed.query_code not in bytes(event.body).decode()


def test_a_new_code_needs_a_reason_and_a_role(city: City) -> None:
    petition = make_petition(city)
    for reason, actor in (("", city.officer), ("遗失", city.handler), ("遗失", city.leader)):
        with pytest.raises(Refused):
            actions.renew_code(petition.pk, reason=reason, actor=actor, at=city.at)


def test_a_text_carries_the_link_and_no_word_of_the_case(city: City, texts: list[tuple[str, str]]) -> None:
    petition = make_petition(city)
    actions.send_link(petition.pk, Link.Goal.TRACK, actor=city.officer, at=city.at)
    assert actions.deliver(at=city.at) == (1, 0)
    url, text = texts[0]
    assert url.endswith("to=13812345127")
    for secret in (petition.number, petition.short_number, petition.query_code, "周", "电梯", "南门"):
        assert secret not in text
    assert Message.objects.get().token == "", "once it is out, nobody here can use it"
    assert actions.deliver(at=city.at) == (0, 0)


def test_a_text_waits_for_the_morning(city: City, texts: list[tuple[str, str]]) -> None:
    petition = make_petition(city)
    night = city.at.replace(hour=15)  # 23:00 in Shanghai
    actions.send_link(petition.pk, Link.Goal.TRACK, actor=city.officer, at=night)
    assert actions.deliver(at=night) == (0, 0)
    assert actions.deliver(at=night + timedelta(hours=9)) == (1, 0)


def test_a_gateway_that_fails_is_tried_again_later(city: City, texts, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> None:
        raise OSError("gateway down")

    petition = make_petition(city)
    actions.send_link(petition.pk, Link.Goal.TRACK, actor=city.officer, at=city.at)
    monkeypatch.setattr("portal.sms.post", refuse)
    assert actions.deliver(at=city.at) == (0, 1)
    assert actions.deliver(at=city.at) == (0, 0)
    assert "gateway down" in Message.objects.get().last_error


def test_nobody_is_texted_without_a_telephone_or_who_stays_unknown(city: City, texts) -> None:
    unknown = make_petition(city, is_anonymous=True)
    with pytest.raises(Refused):
        actions.send_link(unknown.pk, Link.Goal.TRACK, actor=city.officer, at=city.at)


def test_an_answer_asks_for_the_rating_and_reminds_once(city: City, texts) -> None:
    petition = replied(city)
    message = Message.objects.get(petition=petition)
    assert message.kind == "rate"
    window = petition.clocks.get(policy__key="R_window")
    assert actions.remind(at=window.due_at - timedelta(days=4)) == 0
    assert actions.remind(at=window.due_at - timedelta(days=2)) == 1
    assert actions.remind(at=window.due_at - timedelta(days=1)) == 0


def test_who_cannot_be_texted_stands_in_nobodys_way(city: City, texts) -> None:
    unknown, no_telephone, other = (replied(city) for _n in range(3))
    Petition.objects.filter(pk=unknown.pk).update(is_anonymous=True)
    no_telephone.petitioners.update(phone="", phone_index="")
    window = other.clocks.get(policy__key="R_window")
    at = window.due_at - timedelta(days=2)
    assert actions.remind(at=at, limit=1) == 1
    assert Message.objects.get(kind="reminder").petition == other
    assert actions.remind(at=at, limit=1) == 0


def test_an_issued_letter_is_told_with_a_link_to_the_letters(city: City, texts) -> None:
    from tests.portal.test_letters import issued

    letter = issued(city)
    message = Message.objects.get(petition=letter.petition)
    assert (message.kind, message.link.goal) == ("documents", "documents")
    accused = issued(city, purpose="JK", respondent_unit=city.housing)
    assert not Message.objects.filter(petition=accused.petition).exists()


def test_who_has_rated_is_not_reminded(city: City, texts, opened) -> None:
    petition = replied(city, at=timezone.now() - timedelta(hours=8))
    opened(petition).post("/portal/matter/rate/", {"unit": "3", "office": "3"})
    assert petition.ratings.count() == 2
    assert actions.remind(at=petition.clocks.get(policy__key="R_window").due_at - timedelta(days=1)) == 0


def test_at_the_counter_the_matter_closes_with_the_rating(city: City, client: Client) -> None:
    petition = replied(city, at=timezone.now() - timedelta(hours=8))
    _link, token = actions.issue(
        petition.pk, Link.Goal.RATE, way=Link.Way.COUNTER, actor=city.officer, at=timezone.now()
    )
    client.get(f"/portal/l/{token}/")
    client.post("/portal/matter/rate/", {"unit": "1", "office": "2"})
    assert set(petition.ratings.values_list("way", flat=True)) == {"counter"}
    assert client.get("/portal/matter/").status_code == 302
    assert Client().get(f"/portal/l/{token}/").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        *(("officer", 200), ("dispatcher", 200), ("agent", 404), ("leader", 404), ("handler", 404)),
        *(("outsider", 404), ("inspector", 404), ("far_officer", 404), ("admin", 404)),
    ],
)
def test_the_officers_page_is_open_to_who_talks_with_the_person(
    city: City, client: Client, who: str, status: int
) -> None:
    from tests.city import make_order

    petition = make_order(city).petition
    client.force_login(city.people[who], backend="accounts.backends.StaffBackend")
    assert client.get(f"/petitions/{petition.pk}/citizen/").status_code == status
    assert client.post(f"/petitions/{petition.pk}/citizen/", {"show": "rate"}).status_code == status
    assert Link.objects.count() == (status == 200)


def test_the_page_shows_a_link_once_and_gives_a_new_code(city: City, client: Client) -> None:
    petition = make_petition(city)
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    url = f"/petitions/{petition.pk}/citizen/"
    assert "/portal/l/" in client.post(url, {"show": "rate"}).content.decode()
    assert "/portal/l/" not in client.get(url).content.decode()
    assert client.post(url, {"show": "nonsense"}).status_code == 404
    assert client.post(url, {"renew": "1", "reason": ""}).status_code == 422
    answer = client.post(url, {"renew": "1", "reason": "回执遗失"}, follow=True)
    assert Petition.objects.get().query_code in answer.content.decode()


@pytest.mark.parametrize(("goal", "page"), [("track", "/portal/matter/"), ("rate", "/portal/matter/rate/")])
def test_at_the_counter_one_page_opens_and_nothing_is_received_or_withdrawn(
    city: City, client: Client, goal: str, page: str
) -> None:
    from tests.portal.test_letters import issued

    letter = issued(city)
    petition = letter.petition
    _link, token = actions.issue(petition.pk, goal, way=Link.Way.COUNTER, actor=city.dispatcher, at=timezone.now())
    assert client.get(f"/portal/l/{token}/")["Location"] == page
    shown = client.get(page).content.decode()
    assert petition.number in shown and letter.title not in shown and "/portal/matter/do/" not in shown
    before = petition.events.count()
    for path in ("letters/", f"letters/{letter.pk}/", f"letters/{letter.pk}/pdf/", "do/withdraw/", "do/recusal/"):
        for method in (client.get, client.post):
            answer = method(f"/portal/matter/{path}")
            assert answer.status_code == 405 or answer["Location"] == page
    letter.refresh_from_db()
    assert letter.delivered_at is None and petition.events.count() == before


def test_letters_are_not_shown_at_the_counter(city: City, client: Client) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused):
        actions.issue(petition.pk, "documents", way=Link.Way.COUNTER, actor=city.officer, at=timezone.now())
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    answer = client.post(f"/petitions/{petition.pk}/citizen/", {"show": "documents"})
    assert answer.status_code == 422 and "/portal/l/" not in answer.content.decode()
    assert not Link.objects.exists()


def test_who_sees_identities_masked_hands_out_no_code(city: City, client: Client) -> None:
    petition = make_petition(city)
    client.force_login(city.dispatcher, backend="accounts.backends.StaffBackend")
    url = f"/petitions/{petition.pk}/citizen/"
    page = client.get(url).content.decode()
    assert f"/petitions/{petition.pk}/slip/" not in page and 'name="renew"' not in page
    assert client.post(url, {"renew": "1", "reason": "回执遗失"}).status_code == 422
    assert client.get(f"/petitions/{petition.pk}/slip/").status_code == 403
    assert Petition.objects.get().query_code == petition.query_code


def test_the_unit_that_is_rated_sends_no_link(city: City) -> None:
    from tests.city import make_order

    petition = make_order(city).petition
    with pytest.raises(Refused):
        actions.issue(petition.pk, Link.Goal.RATE, way=Link.Way.COUNTER, actor=city.leader, at=timezone.now())


def test_the_unit_complained_of_finds_no_page(city: City, client: Client) -> None:
    accused = make_petition(city, purpose="JK", respondent_unit=city.housing)
    client.force_login(city.leader, backend="accounts.backends.StaffBackend")
    assert client.post(f"/petitions/{accused.pk}/citizen/", {"show": "track"}).status_code == 404


def test_the_slip_carries_a_code_to_scan_without_the_query_code(city: City, client: Client) -> None:
    petition = make_petition(city)
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    answer = client.get(f"/petitions/{petition.pk}/slip/")
    assert 'class="qr"' in answer.content.decode()
    assert petition.query_code not in answer.context["track_address"]
    page = Client().get(answer.context["track_address"]).content.decode()
    assert f"{petition.year}-{petition.serial:06d}" in page


def test_anonymisation_reaches_the_messages(city: City, texts) -> None:
    from petitions.retention import copies

    petition = make_petition(city)
    actions.send_link(petition.pk, Link.Goal.TRACK, actor=city.officer, at=city.at)
    copy = next(copy for copy in copies() if copy.name == "rows_portal")
    assert copy.find([petition.pk]) == 1
    copy.anonymise([petition.pk], city.at)
    assert copy.find([petition.pk]) == 0
    assert actions.deliver(at=city.at) == (0, 0)
