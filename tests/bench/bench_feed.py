"""The change feed at a million petitions, and how many statements a listing of 100 rows takes.

    python -m tests.bench.bench_feed [--petitions 1000000] [--rounds 200]

Through the whole stack (key, rate, serializer, JSON), page after page from the beginning, the middle and the end of
a year of changes, for a client of every reach. The floor is the page's own rows by the bare statement, in the same run.
The last line is one JSON object. The line each request leaves in the log is left out, it would bury the figures.
"""

import argparse
import json
import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.bench.bench_worklist import fill, sample
from tests.bench.scratch import open_city, say, spread

# Units a client may speak for: two whose matters lie everywhere, and further ones by how many matters they handle.
CLIENTS = {"hotline": "NB-12345", "petition office": "NB-PETITION"}
HANDLING = {"busiest bureau": 0.0, "bureau in the middle": 0.5, "quiet bureau": 0.95}
STARTS = {"beginning": 360, "middle": 180, "yesterday": 1}
LIMIT = 100
AIM = 0.020
STATEMENTS = 8


class Reader:
    """One client's calls."""

    def __init__(self, name: str, unit: Any):
        from django.test import Client
        from django.utils import timezone

        from gateway import actions
        from gateway.models import ApiClient

        at = timezone.now()
        client = actions.create_client(f"bench {name}", channel="hotline", unit=unit, scopes=["petitions:read"], at=at)
        # The limit is counted all the same; it is only out of reach.
        ApiClient.objects.filter(pk=client.pk).update(rate_per_minute=10_000_000)
        self.client = client
        self.http = Client(headers={"Authorization": f"Bearer {actions.issue_key(client, at=at).text}"})

    def get(self, params: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.get("/api/v1/petitions", params)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


def walk(reader: Reader, since: datetime, rounds: int) -> tuple[list[float], int]:
    """Times of `rounds` pages, each by the cursor of the one before, from the start again at the end; rows read."""
    params, cursor, times, rows = {"updated_after": since.isoformat(), "limit": LIMIT}, "", [], 0
    for _round in range(rounds):
        began = time.perf_counter()
        page = reader.get({**params, **({"cursor": cursor} if cursor else {})})
        times.append(time.perf_counter() - began)
        cursor, rows = page["next"] or "", rows + len(page["items"])
    return times, rows


def floor_of(reader: Reader, since: datetime) -> Callable[[], object]:
    """The bare statement of a page's rows."""
    from django.db import connection
    from django.utils import timezone

    from gateway.queries import petitions

    rows, order, _walk = petitions(reader.client, {"updated_after": since}, at=timezone.now())
    sql, params = order.apply(rows)[: LIMIT + 1].query.sql_with_params()

    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    return ask


def statements(reader: Reader, params: dict[str, Any]) -> int:
    """How many statements a warm listing takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    reader.get(params)
    with CaptureQueriesContext(connection) as seen:
        reader.get(params)
    return len(seen)


def units() -> dict[str, Any]:
    """The units to ask for, by name."""
    from django.db.models import Count

    from accounts.models import Unit
    from petitions.models import Involvement

    found = {name: Unit.objects.get(code=code) for name, code in CLIENTS.items()}
    ranked = Involvement.objects.filter(unit__isnull=False).values("unit").annotate(n=Count("pk")).order_by("-n")
    ids = [row["unit"] for row in ranked]
    for name, place in HANDLING.items():
        found[name] = Unit.objects.get(pk=ids[int(place * (len(ids) - 1))])
    return found


def measure(rounds: int) -> dict[str, Any]:
    """Print every client and place of the feed; the worst of each figure."""
    from django.utils import timezone

    worst, most = 0.0, 0
    for name, unit in units().items():
        reader = Reader(name, unit)
        for where, days in STARTS.items():
            since = timezone.now() - timedelta(days=days)
            walk(reader, since, 3)
            times, rows = walk(reader, since, rounds)
            p95 = sorted(times)[int(len(times) * 0.95)]
            worst = max(worst, p95)
            floor = sample(floor_of(reader, since), max(5, rounds // 10))
            say(f"{name:<20} from {where:<10} page {spread(times)} | rows {spread(floor)} | {rows:,} rows read")
        for asked in ({}, {"updated_after": since.isoformat()}, {"open": "true", "count": "estimate"}):
            most = max(most, statements(reader, {**asked, "limit": LIMIT}))
    say(f"listing of {LIMIT} rows: at most {most} statements (aim {STATEMENTS})")
    return {"feed_p95_ms": round(worst * 1000, 2), "statements": most, "is_met": worst < AIM and most <= STATEMENTS}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--petitions", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    random.seed(1)
    open_city()
    logging.disable(logging.INFO)
    fill(options.petitions)
    print(json.dumps({"petitions": options.petitions, **measure(options.rounds)}))


if __name__ == "__main__":
    main()
