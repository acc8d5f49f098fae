"""Single sign-on against a real provider: who is found, made or refused, and how a session ends."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from oidc_provider_mock import run_server_in_thread

from accounts.backends import StaffBackend
from accounts.models import SignInEvent, SignInRule, User
from accounts.roles import Role
from accounts.single_sign_on.actions import claim_values
from accounts.single_sign_on.backends import BACKEND, ProviderBackend
from tests.city import PASSWORD, City, build_city

pytestmark = pytest.mark.django_db
CLIENT = "yongqing"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A provider of its own in a thread; its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        with run_server_in_thread(require_nonce=True) as running:
            yield f"http://localhost:{running.server_port}"


@pytest.fixture
def provider(server: str, settings: Any) -> str:
    """Yongqing set up as a client of it."""
    settings.OIDC_ON = True
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT, "secret"
    settings.OIDC_ISSUER = server
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"{server}/oauth2/authorize"
    settings.OIDC_OP_TOKEN_ENDPOINT = f"{server}/oauth2/token"
    settings.OIDC_OP_USER_ENDPOINT = f"{server}/userinfo"
    # This one gives its only key no name.
    settings.OIDC_VERIFY_KID = False
    settings.OIDC_OP_JWKS_ENDPOINT = f"{server}/jwks"
    settings.OIDC_OP_END_SESSION_ENDPOINT = f"{server}/oauth2/end_session"
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, BACKEND]
    return server


@pytest.fixture
def city() -> City:
    return build_city()


@pytest.fixture
def rules(city: City) -> None:
    SignInRule.objects.create(position=1, claim="groups", value="xf-leaders", role=Role.UNIT_ADMIN)
    SignInRule.objects.create(
        position=2, claim="realm_access.roles", value="petition", role=Role.CITY_OFFICER, unit=city.city_office
    )


def give(server: str, sub: str, **claims: Any) -> None:
    """Have the provider know somebody."""
    requests.put(f"{server}/users/{sub}", json=claims, timeout=5).raise_for_status()


def come_back(client: Client, sub: str, *, next: str = "", start: Client | None = None, **more: str) -> Any:
    """Leave for the provider, sign in there as `sub`, and follow it back; the answer to the way back."""
    leaving = (start or client).get("/oidc/authenticate/", {"next": next} if next else {})
    assert leaving.status_code == 302
    answer = requests.post(leaving.url, data={"sub": sub, **more}, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


LEADER = {"preferred_username": "wangli", "name": "王立", "email": "wangli@office.example", "groups": ["xf-leaders"]}


def test_a_new_person_gets_the_role_and_unit_of_the_rule(
    client: Client, provider: str, city: City, rules: None
) -> None:
    give(provider, "s-1", **LEADER, unit="330203-HOUSING")
    answer = come_back(client, "s-1", next="/matrix/?x=1")
    assert answer.url == "/matrix/?x=1"
    made = User.objects.get(username="wangli")
    assert (made.role, made.unit, made.name) == (Role.UNIT_ADMIN, city.housing, "王立")
    assert not made.has_usable_password()
    assert made.provider_subject == f"{provider}#s-1"
    assert client.get("/matrix/").status_code == 200
    assert SignInEvent.objects.get(user=made).kind == "made"


def test_a_rule_may_name_the_unit_and_look_into_an_object(
    client: Client, provider: str, city: City, rules: None
) -> None:
    give(provider, "s-2", preferred_username="lina", realm_access={"roles": ["petition"]})
    come_back(client, "s-2")
    made = User.objects.get(username="lina")
    assert (made.role, made.unit, made.is_staff) == (Role.CITY_OFFICER, city.city_office, False)


def test_the_first_rule_that_fits_decides(client: Client, provider: str, city: City, rules: None) -> None:
    SignInRule.objects.create(position=0, claim="groups", value="*", role=Role.INSPECTOR, unit=city.root)
    give(provider, "s-3", **{**LEADER, "preferred_username": "first"})
    come_back(client, "s-3")
    assert User.objects.get(username="first").role == Role.INSPECTOR


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"preferred_username": "nobody", "groups": ["guests"]}, "no_rule"),
        ({"preferred_username": "nobody"}, "no_rule"),
        ({**LEADER, "unit": "NOWHERE"}, "no_unit"),
        (LEADER, "no_unit"),
        ({"groups": ["xf-leaders"], "unit": "330203-HOUSING"}, "no_account"),
    ],
)
def test_who_fits_no_rule_is_told_so_and_nothing_is_made(
    client: Client, provider: str, rules: None, claims: dict[str, Any], code: str
) -> None:
    people = User.objects.count()
    give(provider, "s-4", **claims)
    answer = come_back(client, "s-4")
    assert answer.status_code == 403
    assert f"<code>{code}</code>" in answer.content.decode()
    assert User.objects.count() == people
    assert "_auth_user_id" not in client.session
    event = SignInEvent.objects.get()
    assert (event.kind, event.user) == ("refused", None)
    assert event.detail.startswith(code)


def test_an_office_may_let_in_only_who_has_an_account(
    client: Client, provider: str, rules: None, settings: Any
) -> None:
    settings.OIDC_CREATES_ACCOUNTS = False
    give(provider, "s-5", **LEADER, unit="330203-HOUSING")
    assert b"<code>no_account</code>" in come_back(client, "s-5").content


def test_an_account_is_tied_by_its_name_once_and_found_by_its_subject_ever_after(
    client: Client, provider: str, city: City, rules: None
) -> None:
    give(provider, "s-6", preferred_username="Handler", name="王若兰", groups=["xf-leaders"], unit="330203-HOUSING")
    come_back(client, "s-6")
    assert client.session["_auth_user_id"] == str(city.handler.pk)
    give(provider, "s-6", preferred_username="renamed", groups=["xf-leaders"], unit="330203-ENFORCEMENT")
    come_back(Client(), "s-6")
    city.handler.refresh_from_db()
    assert (city.handler.username, city.handler.role, city.handler.unit) == ("handler", "unit_admin", city.enforcement)
    kinds = SignInEvent.objects.filter(user=city.handler).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["taken", "changed", "changed"]


def test_a_tied_account_is_nobody_elses(client: Client, provider: str, city: City, rules: None) -> None:
    User.objects.filter(pk=city.handler.pk).update(provider_subject="elsewhere#1")
    give(provider, "s-7", preferred_username="handler", groups=["xf-leaders"], unit="330203-HOUSING")
    assert b"<code>name_taken</code>" in come_back(client, "s-7").content


def test_no_account_is_taken_over_where_the_office_says_so(
    client: Client, provider: str, city: City, rules: None, settings: Any
) -> None:
    settings.OIDC_USERNAME_CLAIM = ""
    give(provider, "s-8", preferred_username="handler", groups=["xf-leaders"], unit="330203-HOUSING")
    assert b"<code>no_account</code>" in come_back(client, "s-8").content


def test_a_closed_account_stays_closed_and_its_sessions_end(
    client: Client, provider: str, city: City, rules: None
) -> None:
    give(provider, "s-9", **LEADER, unit="330203-HOUSING")
    come_back(client, "s-9")
    User.objects.filter(username="wangli").update(is_active=False)
    assert client.get("/matrix/").status_code == 302
    assert b"<code>closed</code>" in come_back(Client(), "s-9").content


def test_a_password_that_must_be_changed_does_not_stop_who_used_none(
    client: Client, provider: str, city: City, rules: None
) -> None:
    User.objects.filter(pk=city.handler.pk).update(must_change_password=True)
    give(provider, "s-10", preferred_username="handler", groups=["xf-leaders"], unit="330203-HOUSING")
    come_back(client, "s-10")
    assert client.get("/matrix/").status_code == 200


def test_the_way_back_of_somebody_elses_browser_signs_nobody_in(client: Client, provider: str, rules: None) -> None:
    give(provider, "s-11", **LEADER, unit="330203-HOUSING")
    assert come_back(client, "s-11", start=Client()).status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_way_back_works_once(client: Client, provider: str, rules: None) -> None:
    give(provider, "s-12", **LEADER, unit="330203-HOUSING")
    leaving = client.get("/oidc/authenticate/")
    back = requests.post(leaving.url, data={"sub": "s-12"}, allow_redirects=False, timeout=5).headers["Location"]
    question = parse_qs(urlsplit(leaving.url).query)
    assert question["code_challenge_method"] == ["S256"]
    path = back[back.index("/oidc/") :]
    assert client.get(path).status_code == 302
    assert client.get(path).status_code == 403


def test_who_denies_at_the_provider_is_back_at_the_sign_in_page(client: Client, provider: str) -> None:
    assert come_back(client, "s-13", action="deny").url == "/sign-in/"


def test_a_provider_that_is_away_is_a_page_and_no_crash(
    client: Client, provider: str, rules: None, settings: Any
) -> None:
    settings.OIDC_OP_TOKEN_ENDPOINT = "http://127.0.0.1:9/token"
    answer = come_back(client, "s-14")
    assert answer.status_code == 403
    assert b"<code>provider</code>" in answer.content


@contextmanager
def answering(backend: ProviderBackend, **claims: Any) -> Iterator[None]:
    """The library has found the signature right and the token holds these claims."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "get_payload_data", lambda token, key: claims)
        patch.setattr(backend, "retrieve_matching_jwk", lambda token: None)
        yield


@pytest.mark.parametrize(
    "wrong", [{"aud": "another"}, {"aud": ["another"]}, {"iss": "https://evil.example"}, {"nonce": "x"}]
)
def test_a_token_for_or_from_another_is_refused(provider: str, wrong: dict[str, Any]) -> None:
    from django.core.exceptions import SuspiciousOperation

    backend = ProviderBackend()
    good = {"aud": CLIENT, "iss": provider, "nonce": "n", "sub": "s"}
    with answering(backend, **good):
        assert backend.verify_token("t", nonce="n") == good
    with answering(backend, **{**good, **wrong}), pytest.raises(SuspiciousOperation):
        backend.verify_token("t", nonce="n")


def test_a_token_signed_by_somebody_else_is_refused(client: Client, provider: str, rules: None) -> None:
    backend = ProviderBackend()
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode({"aud": CLIENT, "iss": provider, "sub": "s"}, key, algorithm="RS256")
    with pytest.raises(Exception, match=r"verification failed"):
        backend.verify_token(token, nonce=None)


def test_signing_out_goes_on_to_the_provider(client: Client, provider: str, rules: None) -> None:
    give(provider, "s-15", **LEADER, unit="330203-HOUSING")
    come_back(client, "s-15")
    answer = client.post("/sign-out/")
    assert answer.url.startswith(f"{provider}/oauth2/end_session?")
    question = parse_qs(urlsplit(answer.url).query)
    assert question["post_logout_redirect_uri"] == ["http://testserver/sign-in/"]
    assert jwt.decode(question["id_token_hint"][0], options={"verify_signature": False})["sub"] == "s-15"
    assert "_auth_user_id" not in client.session


def test_who_came_by_password_is_signed_out_here_only(client: Client, provider: str, city: City) -> None:
    client.post("/sign-in/", {"username": "handler", "password": PASSWORD})
    assert client.post("/sign-out/").url == "/sign-in/"


def test_refusals_at_the_provider_lock_no_address(client: Client, provider: str, city: City, rules: None) -> None:
    give(provider, "s-16", preferred_username="nobody", groups=["guests"])
    assert {come_back(client, "s-16").status_code for _n in range(7)} == {403}
    answer = client.post("/sign-in/", {"username": "handler", "password": PASSWORD})
    assert answer.status_code == 302


def test_where_it_is_off_there_is_no_button_and_no_page(client: Client) -> None:
    assert "/oidc/" not in client.get("/sign-in/").content.decode()
    assert client.get("/oidc/authenticate/").status_code == 404
    assert client.get("/oidc/callback/?code=1&state=2").status_code == 404


def test_passwords_can_be_switched_off(client: Client, provider: str, city: City, settings: Any) -> None:
    settings.PASSWORD_SIGN_IN = False
    page = client.get("/sign-in/?next=/matrix/").content.decode()
    assert 'name="password"' not in page
    assert 'href="/oidc/authenticate/?next=/matrix/"' in page
    assert client.post("/sign-in/", {"username": "handler", "password": PASSWORD}).url == "/sign-in/"
    assert StaffBackend().authenticate(None, username="handler", password=PASSWORD) is None
    assert "_auth_user_id" not in client.session


class TestEmergency:
    """manage.py break_glass."""

    @staticmethod
    def link(capsys: Any, username: str = "admin", **options: Any) -> str:
        call_command("break_glass", username, reason="provider away", **options)
        found = re.search(r"/sign-in/emergency/\S+", capsys.readouterr().out)
        assert found
        return found[0]

    def test_it_lets_an_administrator_in_once(self, client: Client, city: City, capsys: Any, settings: Any) -> None:
        settings.PASSWORD_SIGN_IN = False
        link = self.link(capsys)
        assert client.get(link).status_code == 200
        assert "_auth_user_id" not in client.session
        assert client.post(link).status_code == 302
        assert client.session["_auth_user_id"] == str(city.admin.pk)
        assert client.get("/matrix/").status_code == 200
        assert Client().post(link).status_code == 403
        kinds = SignInEvent.objects.order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["glass", "glass_used"]

    def test_it_is_for_administrators_only(self, city: City) -> None:
        with pytest.raises(CommandError):
            call_command("break_glass", "officer", reason="x")

    def test_it_grows_old(self, client: Client, city: City, capsys: Any, settings: Any) -> None:
        from datetime import timedelta

        link = self.link(capsys)
        settings.BREAK_GLASS_AGE = timedelta(seconds=-1)
        assert client.post(link).status_code == 403

    def test_a_made_up_link_opens_nothing(self, client: Client) -> None:
        assert client.post("/sign-in/emergency/WzEsMV0:x:y/").status_code == 403


def test_the_log_of_sign_ins_cannot_be_rewritten(city: City) -> None:
    event = SignInEvent.objects.create(at=city.at, kind="made", user=city.handler)
    with pytest.raises(DatabaseError), transaction.atomic():
        SignInEvent.objects.filter(pk=event.pk).update(detail="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()


def test_rules_are_the_administrators(client: Client, city: City) -> None:
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    assert client.get("/admin/accounts/signinrule/").status_code in {302, 403}
    client.force_login(city.admin, backend="accounts.backends.StaffBackend")
    form = {"position": 1, "claim": "groups", "value": "a", "role": "inspector", "unit": city.root.pk}
    assert client.post("/admin/accounts/signinrule/add/", form).status_code == 302
    assert SignInRule.objects.get().unit == city.root
    assert client.get("/admin/accounts/signinevent/").status_code == 200
    assert client.get("/admin/accounts/signinevent/add/").status_code == 403


def test_an_account_can_be_untied(client: Client, city: City) -> None:
    User.objects.filter(pk=city.handler.pk).update(provider_subject="a#1")
    client.force_login(city.admin, backend="accounts.backends.StaffBackend")
    client.post("/admin/accounts/user/", {"action": "untie_provider", "_selected_action": [city.handler.pk]})
    city.handler.refresh_from_db()
    assert city.handler.provider_subject is None
    assert SignInEvent.objects.get().by == city.admin


@pytest.mark.parametrize(
    ("claims", "name", "values"),
    [
        ({"groups": ["a", "b"]}, "groups", ["a", "b"]),
        ({"https://x.example/role": "a"}, "https://x.example/role", ["a"]),
        ({"a": {"b": {"c": ["d"]}}}, "a.b.c", ["d"]),
        ({"a": "text"}, "a.b", []),
        ({"a": {"b": 1}}, "a", []),
        ({"level": 3}, "level", ["3"]),
        ({"a": ["", None, {"b": 1}, "c"]}, "a", ["c"]),
        ({}, "a", []),
    ],
)
def test_a_claim_is_read_whatever_its_shape(claims: dict[str, Any], name: str, values: list[str]) -> None:
    assert claim_values(claims, name) == values
