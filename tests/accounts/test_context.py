"""The shell around every page: badges, places, and a cache that is away."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import context
from accounts.models import User
from accounts.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", password="Clear-Water-77", name="安娜", role=Role.INSPECTOR)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[User]]:
    """A counter for the badge "notices" that notes who was counted for."""
    seen: list[User] = []
    monkeypatch.setattr(context, "_COUNTERS", {})
    context.register_badge("notices", lambda user: seen.append(user) or 7)
    return seen  # type: ignore[return-value]


class DeadCache:
    """Raises at every touch, as a client does whose server is gone."""

    def __getattr__(self, name: str) -> Any:
        raise ConnectionError("no route to the cache")


def test_a_badge_is_counted_once_in_a_while(anna: User, calls: list[User]) -> None:
    assert [context.badge("notices", anna) for _ in range(3)] == [7, 7, 7]
    assert len(calls) == 1
    context.forget_badges(anna)
    context.badge("notices", anna)
    assert len(calls) == 2


def test_a_badge_is_the_persons_own(anna: User, calls: list[User]) -> None:
    other = User.objects.create_user("bert", name="柏德", role=Role.INSPECTOR)
    context.badge("notices", anna)
    context.badge("notices", other)
    assert calls == [anna, other]


def test_nobody_registered_means_no_badge(anna: User, calls: list[User]) -> None:
    assert context.badge("worklist", anna) == 0
    assert context.badge_text("worklist", anna) == ""


@pytest.mark.parametrize(("count", "text"), [(0, ""), (1, "1"), (999, "999"), (1000, "999+")])
def test_badges_are_capped(anna: User, calls: list[User], count: int, text: str) -> None:
    context.register_badge("desk", lambda user: count)
    assert context.badge_text("desk", anna) == text


def test_a_dead_cache_is_tolerated(anna: User, calls: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "cache", DeadCache())
    assert context.badge("notices", anna) == 7
    assert context.badge("notices", anna) == 7
    context.forget_badges(anna)
    assert len(calls) == 2


def test_a_page_is_drawn_while_the_cache_is_away(
    client: Client, anna: User, calls: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(anna, backend="accounts.backends.StaffBackend")
    monkeypatch.setattr(context, "cache", DeadCache())
    assert client.get("/matrix/").status_code == 200


def test_badges_are_counted_only_when_they_are_drawn(rf: Any, anna: User, calls: list[User]) -> None:
    request = rf.get("/")
    request.user = anna
    shell = context.shell(request)["shell"]
    assert [entry.place.name for entry in shell.entries if entry.place.name == "matrix"] == ["matrix"]
    assert calls == []
    assert shell.unread == "7"
    assert len(calls) == 1
    assert cache.get(f"badge:notices:{anna.pk}") == 7


def test_the_rail_shows_only_what_the_role_may(rf: Any) -> None:
    def places(role: str) -> set[str]:
        request = rf.get("/")
        request.user = User(pk=1, role=role, name="x")
        return {entry.place.name for entry in context.Shell(request).entries}

    assert "admin:index" in places(Role.SYSTEM_ADMIN)
    assert "admin:index" not in places(Role.UNIT_ADMIN)
    assert "matrix" in places(Role.INSPECTOR)


def test_a_page_for_the_dialog_is_a_fragment(rf: Any) -> None:
    plain = context.shell(rf.get("/"))
    dialog = context.shell(rf.get("/", headers={"HX-Request": "true", "HX-Target": "dlg"}))
    assert (plain["page_shell"], plain["is_dialog"]) == ("base.html", False)
    assert (dialog["page_shell"], dialog["is_dialog"]) == ("components/dialog.html", True)
