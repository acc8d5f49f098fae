"""The second factor: who is asked, what opens, what does not, and who takes it away."""

from base64 import b32encode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as conf
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.models import Authenticator, RecoveryCode, SignInEvent, User
from accounts.roles import Role
from accounts.second_factor import actions, sessions
from accounts.second_factor.actions import CodeRefused
from tests.accounts.test_views import NEW, PASSWORD, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", password=PASSWORD, name="安娜", role=Role.INSPECTOR)


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["inspector"]


def code_of(key: str, steps: int = 0) -> str:
    clock = TOTP(bytes.fromhex(key))
    clock.time = timezone.now().timestamp() + 30 * steps
    return f"{clock.token():06d}"


def wrong_for(key: str) -> str:
    """Six digits that are none of the codes around now."""
    near = {code_of(key, steps) for steps in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near)


def with_factor(user: User) -> tuple[str, list[str]]:
    """Set up as the page does; the key and the recovery codes."""
    key = actions.new_key()
    _device, codes = actions.set_up(user, key=key, code=code_of(key, -1), at=timezone.now())
    return key, codes


def sign_in(client: Client) -> Any:
    return client.post("/sign-in/", {"username": "anna", "password": PASSWORD})


def test_who_needs_none_is_asked_nothing(client: Client, anna: User, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []
    sign_in(client)
    assert client.get("/matrix/").status_code == 200


def test_a_role_that_must_have_it_gets_no_further_than_the_set_up(client: Client, anna: User, required: None) -> None:
    sign_in(client)
    assert client.get("/matrix/").url == "/me/second-factor/"
    assert client.post("/me/", {"language": "en"}).url == "/me/second-factor/"
    assert client.get("/matrix/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/me/second-factor/"
    page = client.get("/me/second-factor/").content.decode()
    assert "<svg" in page
    assert 'class="rail"' not in page
    assert client.get("/me/second-factor/codes/").status_code == 302
    assert client.post("/sign-out/").url == "/sign-in/"


def test_setting_up_shows_the_codes_once_and_opens_the_house(client: Client, anna: User, required: None) -> None:
    sign_in(client)
    client.get("/me/second-factor/")
    key = client.session[sessions.KEY]
    assert client.post("/me/second-factor/", {"code": wrong_for(key)}).status_code == 200
    assert not Authenticator.objects.exists()
    shown = code_of(key)
    page = client.post("/me/second-factor/", {"code": f"{shown[:3]} {shown[3:]}"})
    codes = page.context["codes"]
    assert len(set(codes)) == 10
    assert all(code in page.content.decode() for code in codes)
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get("/matrix/").status_code == 200
    again = client.get("/me/second-factor/").content.decode()
    assert not any(code in again for code in codes)
    assert not RecoveryCode.objects.filter(digest__in=[code.replace("-", "") for code in codes]).exists()
    assert SignInEvent.objects.get().kind == "factor_set"


def test_at_the_next_sign_in_the_code_is_asked_and_leads_on(client: Client, anna: User) -> None:
    key, _codes = with_factor(anna)
    sign_in(client)
    assert client.get("/matrix/?x=1").url == "/sign-in/code/?next=%2Fmatrix%2F%3Fx%3D1"
    assert client.get("/sign-in/code/?next=/matrix/").status_code == 200
    answer = client.post("/sign-in/code/", {"code": code_of(key), "next": "/matrix/?x=1"})
    assert answer.url == "/matrix/?x=1"
    assert client.get("/matrix/").status_code == 200


def test_it_leads_nowhere_else(client: Client, anna: User) -> None:
    key, _codes = with_factor(anna)
    sign_in(client)
    answer = client.post("/sign-in/code/", {"code": code_of(key), "next": "//evil.example/"})
    assert answer.url == reverse("desk")


def test_the_key_lies_encrypted_and_moves_with_the_keys_of_the_office(anna: User, settings: Any) -> None:
    key, _codes = with_factor(anna)

    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT key FROM accounts_authenticator")
            return str(cursor.fetchone()[0])

    first = stored()
    assert key not in first and b32encode(bytes.fromhex(key)).decode() not in first
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    call_command("rotate_keys", verbosity=0)
    settings.FIELD_KEYS = [new]
    assert stored() != first
    assert not actions.prove(anna, code_of(key), at=timezone.now()).is_recovery


def test_the_address_for_the_app_is_as_apps_read_it(anna: User, settings: Any) -> None:
    settings.OTP_TOTP_ISSUER = "甬情: 信访"
    parts = urlsplit(actions.address_of_key(anna, "00" * 20))
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/甬情 信访:anna")
    # Blanks as %20: some apps show a plus sign as it stands.
    assert "+" not in parts.query
    told = dict(parse_qsl(parts.query))
    assert told == {"secret": "A" * 32, "algorithm": "SHA1", "digits": "6", "period": "30", "issuer": "甬情 信访"}


def test_a_code_opens_once(client: Client, anna: User) -> None:
    key, _codes = with_factor(anna)
    code = code_of(key)
    actions.prove(anna, code, at=timezone.now())
    with pytest.raises(CodeRefused):
        actions.prove(anna, code, at=timezone.now())


def test_after_wrong_codes_even_the_right_one_waits(client: Client, anna: User) -> None:
    key, codes = with_factor(anna)
    now = timezone.now()
    for _n in range(5):
        Authenticator.objects.update(throttling_failure_timestamp=now - timedelta(hours=2))
        with pytest.raises(CodeRefused):
            actions.prove(anna, wrong_for(key), at=now)
    with pytest.raises(CodeRefused) as refused:
        actions.prove(anna, code_of(key), at=now)
    assert 1 <= refused.value.wait <= 17
    with pytest.raises(CodeRefused):
        actions.prove(anna, codes[0], at=now)
    Authenticator.objects.update(throttling_failure_timestamp=now - timedelta(seconds=17))
    assert not actions.prove(anna, code_of(key), at=now).is_recovery
    assert Authenticator.objects.get().throttling_failure_count == 0


def test_a_recovery_code_opens_once_however_it_is_typed(client: Client, anna: User) -> None:
    _key, codes = with_factor(anna)
    sign_in(client)
    assert client.post("/sign-in/code/", {"code": f" {codes[3].lower()} "}).status_code == 302
    assert client.get("/matrix/").status_code == 200
    assert actions.codes_left(anna) == 9
    assert SignInEvent.objects.filter(kind="recovered", user=anna).count() == 1
    other = Client()
    sign_in(other)
    assert other.post("/sign-in/code/", {"code": codes[3]}).status_code == 200
    assert other.get("/matrix/").status_code == 302


def test_nobody_elses_recovery_code_opens(anna: User) -> None:
    with_factor(anna)
    bert = User.objects.create_user("bert", password=PASSWORD, name="柏德", role=Role.INSPECTOR)
    _key, codes = with_factor(bert)
    with pytest.raises(CodeRefused):
        actions.prove(anna, codes[0], at=timezone.now())


def test_new_codes_end_the_old_ones(client: Client, anna: User) -> None:
    key, codes = with_factor(anna)
    sign_in(client)
    assert client.post("/me/second-factor/codes/").status_code == 302
    assert actions.codes_left(anna) == 10
    client.post("/sign-in/code/", {"code": code_of(key)})
    fresh = client.post("/me/second-factor/codes/").context["codes"]
    assert not set(fresh) & set(codes)
    with pytest.raises(CodeRefused):
        actions.prove(anna, codes[0], at=timezone.now())


def test_with_the_password_alone_nobody_changes_anything(client: Client, anna: User) -> None:
    with_factor(anna)
    sign_in(client)
    assert client.get("/me/second-factor/").url == "/sign-in/code/"
    change = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/me/password/", change).url.startswith("/sign-in/code/")
    client.post("/me/second-factor/off/")
    client.post("/me/second-factor/", {"code": "000000"})
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)
    assert actions.device_of(anna) is not None


def test_one_may_switch_it_off_unless_the_role_must_have_it(client: Client, anna: User, settings: Any) -> None:
    key, _codes = with_factor(anna)
    sign_in(client)
    client.post("/sign-in/code/", {"code": code_of(key)})
    settings.SECOND_FACTOR_ROLES = ["inspector"]
    client.post("/me/second-factor/off/")
    assert actions.device_of(anna) is not None
    settings.SECOND_FACTOR_ROLES = []
    client.post("/me/second-factor/off/")
    assert actions.device_of(anna) is None
    assert not RecoveryCode.objects.exists()
    assert client.get("/matrix/").status_code == 200


def test_a_reset_is_the_administrators_is_logged_and_ends_the_proof(client: Client, anna: User, required: None) -> None:
    key, _codes = with_factor(anna)
    sign_in(client)
    client.post("/sign-in/code/", {"code": code_of(key)})
    assert client.get("/matrix/").status_code == 200
    root = User.objects.create_user("root", password=PASSWORD, name="管理员", role=Role.SYSTEM_ADMIN, unit=make_unit())
    desk = Client()
    desk.force_login(root, backend="accounts.backends.StaffBackend")
    answer = desk.post("/admin/accounts/user/", {"action": "reset_second_factor", "_selected_action": [anna.pk]})
    assert answer.status_code == 302
    event = SignInEvent.objects.get(kind="factor_reset")
    assert (event.user, event.by) == (anna, root)
    assert client.get("/matrix/").url == "/me/second-factor/"


def test_nobody_else_resets(client: Client, anna: User, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []
    client.force_login(anna, backend="accounts.backends.StaffBackend")
    bert = User.objects.create_user("bert", password=PASSWORD, name="柏德", role=Role.INSPECTOR)
    with_factor(bert)
    client.post("/admin/accounts/user/", {"action": "reset_second_factor", "_selected_action": [bert.pk]})
    assert actions.device_of(bert) is not None


def test_a_provider_that_asks_itself_is_believed_where_the_office_says_so(
    client: Client, anna: User, required: None, settings: Any
) -> None:
    from accounts.single_sign_on.backends import BACKEND

    settings.OIDC_ON = True
    for name in ("TOKEN", "USER", "JWKS"):
        setattr(settings, f"OIDC_OP_{name}_ENDPOINT", "http://127.0.0.1:9/")
    settings.AUTHENTICATION_BACKENDS = [*conf.AUTHENTICATION_BACKENDS, BACKEND]
    client.force_login(anna, backend=BACKEND)
    assert client.get("/matrix/").status_code == 302
    settings.OIDC_HAS_SECOND_FACTOR = True
    assert client.get("/matrix/").status_code == 200


def test_the_roles_of_the_setting_are_roles() -> None:
    from config.sign_in import SECOND_FACTOR_ROLES

    assert set(SECOND_FACTOR_ROLES) <= set(Role.values)
