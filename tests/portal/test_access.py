"""The door: codes, limits, half an hour, new codes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal import actions, limits
from portal.access import by_code, normal_code
from portal.models import Link
from tests.city import City, make_petition


def test_a_code_opens_its_matter_and_no_address_names_it(city: City, client: Client) -> None:
    petition = make_petition(city)
    answer = client.post("/portal/track/", {"number": petition.number, "code": petition.query_code}, follow=True)
    assert answer.redirect_chain == [("/portal/matter/", 302)]
    assert petition.number in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("form", ["{code}", " {lower} ", "{first}-{rest}", "{wide}"])
def test_a_code_is_read_as_people_type_it(city: City, form: str) -> None:
    code = make_petition(city).query_code
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    typed = form.format(code=code, lower=code.lower(), first=code[:5], rest=code[5:], wide=wide)
    assert normal_code(typed) == code


def test_wrong_code_unknown_number_and_foreign_number_are_answered_alike(city: City, client: Client) -> None:
    mine, other = make_petition(city), make_petition(city)
    tries = [("", "WRONGCODE2"), ("2026-999999", mine.query_code), (other.number, mine.query_code), ("?", "X")]
    pages = []
    for number, code in tries:
        answer = client.post("/portal/track/", {"number": number, "code": code})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert not client.session.get("portal")
        pages.append(page[page.index('class="err"') : page.index("</div></div>")])
    assert len(set(pages)) == 1


@pytest.mark.parametrize("shape", ["{number}", "{short}", "{year}-{serial}", "{year} {serial}"])
def test_a_number_may_be_written_in_any_of_its_shapes(city: City, shape: str) -> None:
    petition = make_petition(city)
    words = {"number": petition.number, "short": petition.short_number, "year": petition.year}
    assert by_code(shape.format(serial=petition.serial, **words), petition.query_code) == petition


def test_too_many_failures_are_stopped_and_say_so(city: City, client: Client) -> None:
    petition = make_petition(city)
    for n in range(limits.PER_ADDRESS):
        client.post("/portal/track/", {"code": f"WRONG{n}"})
    for code in ("WRONG", petition.query_code):
        assert client.post("/portal/track/", {"code": code}).status_code == 429, "right and wrong are answered alike"
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post("/portal/track/", {"code": petition.query_code}).status_code == 302


def test_a_shared_address_shuts_out_nobody_with_number_and_code_or_a_link(city: City, client: Client) -> None:
    petition = make_petition(city)
    for n in range(limits.PER_ADDRESS):
        client.post("/portal/track/", {"code": f"WRONG{n}"})
    _link, token = actions.issue(petition.pk, Link.Goal.TRACK, actor=city.officer, at=timezone.now())
    assert client.get(f"/portal/l/{token}/").status_code == 302
    typed = {"number": petition.number, "code": petition.query_code}
    assert Client().post("/portal/track/", typed).status_code == 302


def test_behind_our_proxy_one_house_does_not_shut_out_the_next(city: City, settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    code = make_petition(city).query_code
    guesser = Client(headers={"X-Forwarded-For": "10.9.9.9, 203.0.113.9"})
    for n in range(limits.PER_ADDRESS):
        guesser.post("/portal/track/", {"code": f"WRONG{n}"})
    assert guesser.post("/portal/track/", {"code": code}).status_code == 429
    # What somebody writes into the header does not make them another house.
    again = Client(headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
    assert again.post("/portal/track/", {"code": code}).status_code == 429
    other = Client(headers={"X-Forwarded-For": "198.51.100.7"})
    assert other.post("/portal/track/", {"code": code}).status_code == 302


def test_the_matter_closes_after_half_an_hour_and_on_a_new_code(city: City, opened, monkeypatch) -> None:
    petition = make_petition(city)
    browser = opened(petition)
    assert browser.get("/portal/matter/").status_code == 200
    later = timezone.now() + timedelta(minutes=31)
    with monkeypatch.context() as patch:
        patch.setattr("portal.access.timezone.now", lambda: later)
        assert browser.get("/portal/matter/")["Location"] == "/portal/track/?ended=1"
    browser = opened(petition)
    type(petition).objects.filter(pk=petition.pk).update(query_code="ABCDEFGH23")
    assert browser.get("/portal/matter/").status_code == 302


def test_entering_gives_the_session_a_new_key(city: City, client: Client) -> None:
    petition = make_petition(city)
    client.get("/portal/")
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    client.post("/portal/track/", {"code": petition.query_code})
    assert client.session.session_key != before


def test_leaving_closes_the_matter_and_nothing_else(city: City, client: Client) -> None:
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    client.post("/portal/track/", {"code": make_petition(city).query_code})
    client.post("/portal/leave/")
    assert client.get("/portal/matter/").status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["matter/", "matter/rate/"])
def test_without_a_code_every_page_of_a_matter_asks_for_one(city: City, client: Client, path: str) -> None:
    make_petition(city)
    for method in (client.get, client.post):
        answer = method(f"/portal/{path}")
        assert answer.status_code == 405 or answer["Location"] == "/portal/track/?ended=1"


def test_large_print_is_remembered_without_javascript(db: None, client: Client) -> None:
    client.post("/portal/print-size/", {"large": "1", "next": "/portal/"})
    assert 'class="is-large"' in client.get("/portal/").content.decode()
    client.post("/portal/print-size/", {"large": "0", "next": "https://elsewhere.example/"})
    assert 'class="is-large"' not in client.get("/portal/").content.decode()


@pytest.mark.parametrize("path", ["", "reach/", "procedure/", "privacy/", "track/", "left/", "thanks/"])
def test_the_open_pages_need_nobody_and_are_kept_by_no_cache(city: City, client: Client, path: str) -> None:
    answer = client.get(f"/portal/{path}")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "sessionid" not in answer.cookies
