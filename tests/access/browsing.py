"""Every address of the project, read off the resolver, so that a new page is found by itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

# What differs from one answer to the next although nothing else does.
_NOISE = (
    (re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'), b""),
    (re.compile(rb"csrfmiddlewaretoken=[\w-]+"), b""),
    (re.compile(rb'"X-CSRFToken": "[^"]*"'), b""),
    (re.compile(rb'name="once" value="[^"]*"'), b""),
    (re.compile(rb'nonce="[^"]*"'), b""),
    (re.compile(rb"[?&]next=[^\"' ]*"), b""),
    # A second factor is set up with another key at each look.
    (re.compile(rb'<span class="qr"[^>]*>.*?</span>(?=\s*<details)', re.DOTALL), b""),
    (re.compile(rb'<p class="key2f num">[^<]*</p>'), b""),
)


@dataclass(frozen=True)
class Address:
    """One pattern: its name and the names of its parts, in order."""

    name: str
    route: str
    parts: tuple[str, ...]
    view: Any

    def at(self, **values: Any) -> str:
        """The path with the parts filled in."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), self.route)
        return f"/{path}"


def addresses() -> list[Address]:
    """Every address but the admin's and static files; the admin has a test of its own."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not route.startswith(("admin/", "static")):
                yield from _walk(pattern.url_patterns, route)
            continue
        # A pattern written as a regular expression reads like the others.
        route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("\\", "").strip("^$").replace("^", "")
        parts = tuple(re.findall(r"<(?:\w+:)?(\w+)>", route))
        yield Address(pattern.name or route, route, parts, pattern.callback)


def browser(user: Any) -> Client:
    """A signed-in browser, or one that is not (None); a crash is an answer of 500, not the end of the test."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def plain(answer: Any) -> bytes:
    """The whole answer without what changes by itself: status, place it leads to, type, body."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    for pattern, instead in _NOISE:
        body = pattern.sub(instead, body)
    head = f"{answer.status_code} {answer.headers.get('Location', '')} {answer.headers.get('Content-Type', '')}\n"
    return head.encode() + body


def differences(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, str]:
    """The first place where each answer differs, with what stands around it."""
    return {url: _first(before[url], after[url]) for url in before if before[url] != after[url]}


def _first(one: bytes, two: bytes) -> str:
    place = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    first, second = (text[max(0, place - 80) : place + 80].decode(errors="replace") for text in (one, two))
    return f"{first!r} became {second!r}"


class Stopped:
    """A clock that stands: pages show times left, and two reads of one page must be alike."""

    def __init__(self, monkeypatch: Any, at: datetime):
        from django.utils import timezone

        monkeypatch.setattr(timezone, "now", lambda: at)
