"""Whose address is counted and logged: the caller's, not our own proxy's."""

import pytest
from django.test import RequestFactory

from accounts.addresses import address_of

PROXY = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.mark.parametrize(
    ("header", "behind", "seen"),
    [
        ("203.0.113.9", True, "203.0.113.9"),
        ("1.2.3.4, 203.0.113.9", True, "203.0.113.9"),
        ("2001:db8::1", True, "2001:db8::1"),
        ("", True, "127.0.0.1"),
        ("nonsense", True, None),
        ("203.0.113.9", False, "127.0.0.1"),
    ],
)
def test_the_last_address_counts_and_only_behind_our_own_proxy(settings, header, behind, seen) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind else None
    request = RequestFactory().get("/", **PROXY, headers={"X-Forwarded-For": header} if header else {})
    assert address_of(request) == seen
