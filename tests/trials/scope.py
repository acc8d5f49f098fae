"""Whether an answer of the API holds a row its client may not see, judged from outside by what stands in it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from backlog.models import BacklogCase, Milestone, Task
from dispatch.models import WorkOrder
from gateway.models import ApiClient, BulkIntake, DatasetRun, InboundItem, WebhookEndpoint, WebhookMessage
from petitions.models import Petition

# Every number that stands on paper, wherever in an answer.
NUMBER = re.compile(r"甬信〔(\d{4})〕(\d+)号")


def _petitions(client: ApiClient) -> QuerySet[Any]:
    return Petition.objects.visible_to(client.actor)


def _milestones(client: ApiClient) -> QuerySet[Any]:
    return Milestone.objects.filter(case__in=BacklogCase.objects.visible_to(client.actor).values("pk"))


# By the resource an address begins with: what the `id` of its rows means, and what the client may see of it.
ROWS: list[tuple[str, Callable[[ApiClient], QuerySet[Any]]]] = [
    (r"/petitions(/_search|/\d+(/withdraw)?)?", _petitions),
    (r"/work-orders(/\d+(/\w+)?)?", lambda client: WorkOrder.objects.visible_to(client.actor)),
    (r"/backlog/cases(/\d+)?", lambda client: BacklogCase.objects.visible_to(client.actor)),
    (r"/backlog/milestones/\d+(/\w+)?|/backlog/cases/\d+/milestones", _milestones),
    (r"/backlog/tasks(/\d+(/\w+)?)?|/backlog/cases/\d+/tasks", lambda client: Task.objects.visible_to(client.actor)),
    (r"/webhook-endpoints(/\d+(/(change|rotate))?)?", lambda client: WebhookEndpoint.objects.filter(client=client)),
    (
        r"/webhook-deliveries(/\d+(/resend)?)?|/webhook-endpoints/\d+/test",
        lambda client: WebhookMessage.objects.filter(endpoint__client=client),
    ),
]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in an answer, at any depth."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def rows_of(body: Any) -> list[dict[str, Any]]:
    """The rows of a page, or the one row an answer is."""
    if not isinstance(body, dict):
        return []
    return [row for row in body.get("items", [body]) if isinstance(row, dict)]


def petitions_named(body: Any) -> set[int]:
    """Ids that anything in the answer gives as a petition's."""
    found: set[int] = set()
    for each in objects(body):
        for name in ("petition", "repeat_of"):
            given = each.get(name)
            pk = given.get("id") if isinstance(given, dict) else given
            if isinstance(pk, int):
                found.add(pk)
    return found


def missing(rows: QuerySet[Any], wanted: set[int]) -> set[int]:
    """Those of the wanted ids that are not among the rows."""
    return wanted - set(rows.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def numbers_missing(rows: QuerySet[Any], text: str) -> list[str]:
    """Numbers on paper in a text that are no number of the rows."""
    found = []
    for year, serial in set(NUMBER.findall(text)):
        if not rows.filter(year=int(year), serial=int(serial)).exists():
            found.append(f"number {year}-{serial}")
    return found


def trespasses(client: ApiClient, path: str, body: Any, text: str) -> list[str]:
    """What stands in an answer of success and must not, in words. `path` begins below /api/v1."""
    visible = _petitions(client)
    found = [f"petition {pk}" for pk in missing(visible, petitions_named(body))]
    found += numbers_missing(visible, text)
    for pattern, allowed in ROWS:
        if re.fullmatch(pattern, path):
            ids = {row["id"] for row in rows_of(body) if isinstance(row.get("id"), int)}
            found += [f"{path}: row {pk}" for pk in missing(allowed(client), ids)]
    if path.startswith("/jobs/"):
        found += _jobs(client, path)
    if path.startswith("/inbound/"):
        items = {each["item"] for each in objects(body) if isinstance(each.get("item"), int)}
        found += [f"message {pk}" for pk in missing(InboundItem.objects.filter(client=client), items)]
    return found


def _jobs(client: ApiClient, path: str) -> list[str]:
    job = int(path.split("/")[2])
    runs = DatasetRun.objects.of_reach_of(client.actor).filter(job=job)
    return [] if BulkIntake.objects.filter(client=client, job=job).exists() or runs.exists() else [f"job {job}"]
