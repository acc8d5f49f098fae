"""A client of the API in the small city, and a way to call as it."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gateway import actions
from gateway.actions.refusals import forget_written
from gateway.authentication import forget_cached_keys
from gateway.gates import forget_rates
from gateway.models import ApiClient
from gateway.reference import forget_cached_reference

ALL_SCOPES = ["petitions:read", "petitions:write", "orders:write"]
_keys = itertools.count(1)


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    """Keys, rates and reference rows of the test before are not of this test's database."""
    forget_cached_keys()
    forget_rates()
    forget_written()
    forget_cached_reference()


class Caller:
    """Calls the API as one client; `headers` go with every call."""

    def __init__(self, client: ApiClient, key: str, **headers: str):
        self.client, self.key = client, key
        self.headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en", **headers}
        self.http = Client(raise_request_exception=False)

    def get(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        """GET below /api/v1."""
        return self.http.get(f"/api/v1{path}", data or {}, headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, *, key: str = "", match: str = "", **headers: str) -> Any:
        """POST JSON below /api/v1, under a fresh Idempotency-Key unless one is given ("-" sends none)."""
        sent = {**self.headers, "Idempotency-Key": key or f"k-{next(_keys)}", "If-Match": match, **headers}
        sent = {name: value for name, value in sent.items() if value not in {"", "-"}}
        return self.http.post(f"/api/v1{path}", body, content_type="application/json", headers=sent)


@pytest.fixture
def caller(city: Any) -> Callable[..., Caller]:
    """`caller(unit="hotline", scopes=[…], channel="hotline")` makes a client with a key."""

    def make(unit: str = "hotline", scopes: list[str] | None = None, channel: str = "hotline", **more: Any) -> Caller:
        at = timezone.now()
        client = actions.create_client(
            f"client-{next(_keys)}", channel=channel, unit=city.units[unit], scopes=scopes or ALL_SCOPES, at=at, **more
        )
        return Caller(client, actions.issue_key(client, at=at).text)

    return make


@pytest.fixture
def hotline(caller: Callable[..., Caller]) -> Caller:
    """The 12345 system with every scope."""
    return caller()


@pytest.fixture
def housing(caller: Callable[..., Caller]) -> Caller:
    """The system of the unit that handles."""
    return caller(unit="housing", channel="online")


def body(**changes: Any) -> dict[str, Any]:
    """A petition as a vendor would post it."""
    return {
        "content": "小区三号楼电梯停运两个月，物业一直未修。老人出行困难。",
        "category": "0303",
        "area": "330203001",
        "petitioner": {"name": "周小琴", "phone": "13812345127", "id_no": "330203190001010013"},
        **changes,
    }
