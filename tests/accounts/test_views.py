"""Signing in and out, lock-out, forced change, and who reaches a page at all."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.demo import DEMO_PASSWORD
from accounts.models import User
from accounts.roles import Role, full_matrix

PASSWORD = "Clear-Water-77"
NEW = "Quiet-River-88"
pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", password=PASSWORD, name="安娜", role=Role.INSPECTOR)


@pytest.fixture
def root() -> User:
    return User.objects.create_user("root", password=PASSWORD, name="管理员", role=Role.SYSTEM_ADMIN)


@pytest.fixture
def signed(client: Client, anna: User) -> Client:
    client.force_login(anna, backend="accounts.backends.StaffBackend")
    return client


def sign_in(client: Client, username: str = "anna", password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, **extra})


def test_it_signs_in_and_goes_to_the_desk(client: Client, anna: User) -> None:
    response = sign_in(client)
    assert response.status_code == 302
    assert response.url == reverse("desk")
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_it_returns_to_the_page_asked_for(client: Client, anna: User) -> None:
    assert sign_in(client, next="/matrix/?x=1").url == "/matrix/?x=1"


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_it_refuses_to_redirect_elsewhere(client: Client, anna: User, target: str) -> None:
    assert sign_in(client, next=target).url == reverse("desk")


def test_a_wrong_password_says_so_without_naming_which_was_wrong(client: Client, anna: User) -> None:
    response = sign_in(client, password="wrong")
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    known, unknown = response.content, sign_in(client, username="nobody").content
    assert b'role="alert"' in known
    assert b'role="alert"' in unknown


def test_a_closed_account_stays_out(client: Client, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_five_failures_lock_the_account_even_for_the_right_password(client: Client, anna: User) -> None:
    statuses = [sign_in(client, password="wrong").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    response = sign_in(client)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert "15" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_lock_answers_json_to_who_asks_for_json(client: Client, anna: User) -> None:
    for _ in range(5):
        sign_in(client, password="wrong")
    response = client.post(
        "/sign-in/", {"username": "anna", "password": PASSWORD}, headers={"accept": "application/json"}
    )
    assert response.status_code == 429
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["minutes"] == 15


def test_the_lock_is_for_one_account_only(client: Client, anna: User, root: User) -> None:
    for _ in range(5):
        sign_in(client, password="wrong")
    assert sign_in(client, username="root").status_code == 302


def test_the_demo_shows_its_cast_and_an_office_does_not(client: Client, settings: Any) -> None:
    settings.DEMO = True
    assert DEMO_PASSWORD in client.get("/sign-in/").content.decode()
    settings.DEMO = False
    page = client.get("/sign-in/").content.decode()
    assert DEMO_PASSWORD not in page
    assert "沈一鸣" not in page


def test_a_demo_password_outside_the_demo_must_be_changed(client: Client, anna: User, settings: Any) -> None:
    settings.DEMO = False
    anna.set_password(DEMO_PASSWORD)
    anna.save()
    sign_in(client, password=DEMO_PASSWORD)
    assert client.get("/matrix/").url == "/me/password/"
    same = {"old_password": DEMO_PASSWORD, "new_password1": DEMO_PASSWORD, "new_password2": DEMO_PASSWORD}
    assert client.post("/me/password/", same).status_code == 200
    anna.refresh_from_db()
    assert anna.must_change_password


def test_in_the_demo_the_demo_password_is_good_enough(client: Client, anna: User, settings: Any) -> None:
    settings.DEMO = True
    anna.set_password(DEMO_PASSWORD)
    anna.save()
    sign_in(client, password=DEMO_PASSWORD)
    assert client.get("/matrix/").status_code == 200


def test_a_password_set_by_somebody_else_must_be_changed_first(signed: Client, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(must_change_password=True)
    assert signed.get("/matrix/").url == "/me/password/"
    assert signed.get("/matrix/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/me/password/"
    page = signed.get("/me/password/")
    assert page.status_code == 200
    assert b'class="rail"' not in page.content
    answer = signed.post("/me/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert answer.url == reverse("desk")
    anna.refresh_from_db()
    assert anna.check_password(NEW)
    assert not anna.must_change_password
    assert signed.get("/matrix/").status_code == 200


def test_who_must_change_may_still_leave(signed: Client, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(must_change_password=True)
    signed.post("/sign-out/")
    assert "_auth_user_id" not in signed.session


def test_a_password_change_ends_the_other_sessions(signed: Client, anna: User) -> None:
    other = Client()
    other.force_login(anna, backend="accounts.backends.StaffBackend")
    signed.post("/me/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert other.get("/matrix/").status_code == 302
    assert signed.get("/matrix/").status_code == 200


@pytest.mark.parametrize(
    ("new", "again"),
    [(PASSWORD, PASSWORD), (NEW, "Other-River-88"), ("Short-1", "Short-1"), ("aaaaaaaaaa1", "aaaaaaaaaa1")],
)
def test_a_poor_new_password_is_refused(signed: Client, anna: User, new: str, again: str) -> None:
    response = signed.post("/me/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": again})
    assert response.status_code == 200
    assert b"aria-invalid" in response.content
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_anonymous_people_are_sent_to_sign_in(client: Client) -> None:
    response = client.get("/matrix/?a=1")
    assert response.url == "/sign-in/?next=/matrix/%3Fa%3D1"
    assert client.post("/me/shortcuts/").url == "/sign-in/"


def test_htmx_is_sent_with_the_whole_page_back_to_where_it_was(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/matrix/?a=1"}
    response = client.get("/me/", headers=headers)
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/sign-in/?next=/matrix/%3Fa%3D1"


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz"])
def test_public_pages_need_nobody(client: Client, path: str) -> None:
    assert client.get(path).status_code in {200, 503}


def test_signing_out_is_a_post(signed: Client) -> None:
    assert signed.get("/sign-out/").status_code == 405
    assert signed.post("/sign-out/").url == "/sign-in/"


def test_the_language_of_the_person_is_applied_after_sign_in(client: Client, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(language="en")
    response = sign_in(client)
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert "Who may do what" in client.get("/matrix/").content.decode()


def test_a_language_switch_is_remembered_and_stays_on_the_page(signed: Client, anna: User) -> None:
    response = signed.post("/language/", {"language": "en", "next": "/matrix/"})
    assert response.url == "/matrix/"
    anna.refresh_from_db()
    assert anna.language == "en"
    signed.post("/language/", {"language": "xx", "next": "/matrix/"})
    anna.refresh_from_db()
    assert anna.language == "en"


def test_the_language_switch_does_not_lead_elsewhere(client: Client) -> None:
    response = client.post("/language/", {"language": "en", "next": "//evil.example/"})
    assert response.url == reverse("desk")


def test_preferences_are_saved(signed: Client, anna: User) -> None:
    assert signed.get("/me/").status_code == 200
    signed.post("/me/", {"language": "en"})
    anna.refresh_from_db()
    assert (anna.language, anna.shortcuts_enabled) == ("en", False)
    assert 'data-shortcuts="off"' in signed.get("/me/").content.decode()
    signed.post("/me/shortcuts/", {"enabled": "1", "next": "/me/"})
    anna.refresh_from_db()
    assert anna.shortcuts_enabled


def test_the_matrix_shows_every_permission(signed: Client) -> None:
    page = signed.get("/matrix/").content.decode()
    assert [key for key in full_matrix() if key not in page] == []


def test_only_the_administrator_enters_the_reference_data(signed: Client, root: User) -> None:
    assert signed.get("/admin/", follow=True).status_code == 403
    signed.force_login(root, backend="accounts.backends.StaffBackend")
    assert signed.get("/admin/accounts/unit/").status_code == 200
    assert signed.get("/admin/accounts/user/add/").status_code == 200
    assert signed.get("/admin/auth/group/").status_code == 404


def test_an_account_made_by_the_administrator_must_change_its_password(client: Client, root: User) -> None:
    client.force_login(root, backend="accounts.backends.StaffBackend")
    form = {"username": "bert", "name": "柏德", "role": Role.SYSTEM_ADMIN, "unit": "", "usable_password": "true"}
    unit = make_unit()
    form |= {"unit": unit.pk, "password1": PASSWORD, "password2": PASSWORD}
    response = client.post("/admin/accounts/user/add/", form)
    assert response.status_code == 302, response.context["adminform"].form.errors
    bert = User.objects.get(username="bert")
    assert bert.must_change_password
    assert bert.is_staff


def make_unit() -> Any:
    from accounts.models import Area, Unit

    area = Area.objects.create(code="330200", name="宁波市", kind="city")
    return Unit.objects.create(code="NB", name="市政府", short_name="市政府", kind="government", area=area, path="NB/")


def test_errors_have_pages_of_their_own(signed: Client) -> None:
    missing = signed.get("/nothing-of-the-kind/")
    assert missing.status_code == 404
    assert '<div class="stop' in missing.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"username": "a", "password": "b"}).status_code == 403


def test_the_page_of_a_crash_asks_the_database_nothing(django_assert_num_queries: Any, rf: Any) -> None:
    from django.views.defaults import server_error

    with django_assert_num_queries(0):
        response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert b"app.js" not in response.content
