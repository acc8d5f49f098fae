"""One update that arrives twice at the same moment: real transactions in real threads."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from gateway import actions
from gateway.models import Open311Update
from gateway.open311 import updates
from petitions.models import Event
from tests.city import build_city
from tests.gateway.open311.client import GeoReport


@pytest.mark.django_db(transaction=True)
def test_one_update_sent_twice_at_once_is_one_update(monkeypatch: pytest.MonkeyPatch) -> None:
    at, city = timezone.now(), build_city()
    client = actions.create_client(
        "race", channel="hotline", unit=city.units["hotline"], scopes=["petitions:write", "petitions:read"], at=at
    )
    key = actions.issue_key(client, at=at).text
    area = city.areas["330203"]
    area.lat, area.lng = Decimal("29.8737"), Decimal("121.5505")
    area.save()
    report = {"service_code": "0303", "lat": "29.8700", "long": "121.5400", "description": "电梯停运。"}
    case = GeoReport("json", key).post("requests", **report)[1][0]["service_request_id"]
    both_looked, seen_before = threading.Barrier(2, timeout=30), updates._known
    first_look = threading.local()

    def look(*given: Any) -> int | None:
        found = seen_before(*given)
        if not hasattr(first_look, "done"):
            first_look.done = True
            both_looked.wait()
        return found

    monkeypatch.setattr(updates, "_known", look)
    answers: list[tuple[int, Any]] = []

    def send() -> None:
        try:
            sent = {"service_request_id": case, "update_id": "U-1", "description": "今天又停了"}
            answers.append(GeoReport("json", key).post("servicerequestupdates", **sent))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [status for status, _rows in answers] == [201, 201]
    assert len({rows[0]["update_id"] for _status, rows in answers}) == 1
    assert Open311Update.objects.count() == 1
    assert Event.objects.filter(petition_id=case, kind="supplement").count() == 1
