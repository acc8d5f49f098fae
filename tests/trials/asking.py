"""What schemathesis cannot know: ids that exist, codes of tables, keys and versions that let a request get further.

`prepare(client)` registers with schemathesis, once a process: a hook that puts real values into generated requests
(of the whole city, so most of them are of rows the client must not see) and odd ones into some; and the check that no
answer holds a row out of scope.
"""

import random
import re
import uuid
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

from accounts.models import Area, Unit
from backlog.models import BacklogCase, Milestone, Task
from dispatch.models import Clock, WorkOrder
from gateway.models import ApiClient, BulkIntake, WebhookEndpoint, WebhookMessage
from petitions.models import ContentClass, Document, Petition
from tests.trials.scope import trespasses

# Of each table no more: the newest, where something is still open.
MOST = 400
DEEP: Any = "x"
for _level in range(200):
    DEEP = [DEEP]
ODD: list[Any] = ["\0", "a\0b", 10**30, -1, 2**63, 1e308, True, None, [], {}, DEEP, "𠮷" * 300, " ", "‮abc", "'\"\\;--"]
# Rows by the words of an address that stand before their number.
TABLES = {
    "petitions": Petition,
    "clocks": Clock,
    "documents": Document,
    "work-orders": WorkOrder,
    "cases": BacklogCase,
    "milestones": Milestone,
    "tasks": Task,
    "webhook-endpoints": WebhookEndpoint,
    "webhook-deliveries": WebhookMessage,
}
CODES = {
    "area": Area,
    "district": Area,
    "unit": Unit,
    "right_unit": Unit,
    "category": ContentClass,
}


class Pool:
    """Values that stand in the database now."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.ids = {name: self._ids(model) for name, model in TABLES.items()}
        self.ids["jobs"] = list(BulkIntake.objects.order_by("-pk").values_list("job_id", flat=True)[:MOST])
        self.codes = {name: list(model.objects.values_list("code", flat=True)) for name, model in CODES.items()}  # type: ignore[attr-defined]
        refs = Petition.objects.exclude(source_ref="").order_by("-pk")
        self.refs = list(refs.values_list("source_ref", flat=True)[:MOST])

    def _ids(self, model: Any) -> list[int]:
        return list(model.objects.order_by("-pk").values_list("pk", flat=True)[:MOST])

    def of_path(self, path: str, name: str, chance: random.Random) -> Any:
        """A real value for a parameter of an address such as /api/v1/petitions/{id}/clocks/{clock}; None for none."""
        if name == "channel":
            return self.client.channel
        if name == "source_ref":
            return chance.choice(self.refs) if self.refs else None
        before = re.search(rf"/([\w-]+)/\{{{name}\}}", path)
        known = self.ids.get(before[1]) if before else None
        return chance.choice(known) if known else None

    def fill(self, value: Any, chance: random.Random) -> Any:
        """The body or query with codes that exist, and now and then with something odd."""
        if not isinstance(value, dict):
            return value
        found = {}
        for name, given in value.items():
            roll = chance.random()
            if roll < 0.02:
                found[name] = chance.choice(ODD)
            elif name in self.codes and roll < 0.85:
                found[name] = chance.choice(self.codes[name])
            elif name == "source_ref" and roll < 0.3 and self.refs:
                found[name] = chance.choice(self.refs)
            elif name == "petition" and isinstance(given, int) and roll < 0.8 and self.ids["petitions"]:
                found[name] = chance.choice(self.ids["petitions"])
            else:
                found[name] = self.fill(given, chance)
        return found


def improve(case: Case, pool: Pool) -> None:
    """Change a generated request in place; the same request is always changed in the same way, but for its key."""
    chance = random.Random(repr((case.operation.label, case.path_parameters, case.query, case.headers, case.body)))
    for name in case.path_parameters or {}:
        known = pool.of_path(case.path, name, chance)
        if known is not None and chance.random() < 0.85:
            case.path_parameters[name] = known
    for name, usual in (("Idempotency-Key", uuid.uuid4().hex), ("If-Match", "*")):
        if name in (case.headers or {}) and chance.random() < 0.9:
            case.headers[name] = usual
    if isinstance(case.query, dict):
        filled = pool.fill(case.query, chance)
        # An address carries no structure; a NUL it can.
        case.query = {name: value for name, value in filled.items() if not isinstance(value, dict)}
    if isinstance(case.body, dict):
        case.body = pool.fill(case.body, chance)


def nothing_out_of_scope(client: ApiClient, case: Case, response: Response) -> None:
    """Raises AssertionError naming what the client must not have been told."""
    is_json = "json" in "".join(response.headers.get("content-type", []))
    # OPTIONS describes the address and asks for no row.
    if response.status_code >= 300 or not is_json or response.request.method == "OPTIONS":
        return
    path = str(case.formatted_path).removeprefix("/api/v1")
    found = trespasses(client, path, response.json(), response.text)
    assert not found, f"{client.name} was told of {', '.join(found)}"


def prepare(client: ApiClient) -> None:
    """Register hook and check for this client."""
    pool = Pool(client)

    @schemathesis.hook
    def before_call(_context: Any, case: Case, _kwargs: dict[str, Any]) -> None:
        improve(case, pool)

    @schemathesis.check
    def scope_conformance(_context: CheckContext, response: Response, case: Case) -> None:
        nothing_out_of_scope(client, case, response)
