"""The schema trial in small: some requests to every operation as two clients of different reach."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from gateway.models import ApiClient, ApiKey
from gateway.scopes import ApiScope
from tests.city import City, make_order
from tests.gateway.conftest import Caller, body, caller, fresh_caches  # noqa: F401 - fixtures
from tests.gateway.test_backlog import give, make_case
from tests.trials.asking import Pool, improve, nothing_out_of_scope
from tests.trials.schema import CHECKS as NAMES

EACH = 1
QUIET = settings(
    max_examples=EACH,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def filled(caller: Callable[..., Caller], city: City) -> Iterator[list[Caller]]:  # noqa: F811
    """A district's reader, and the city's own system that may everything; each has something the other must not see."""
    district = caller(unit="far_district", scopes=["petitions:read", "backlog:read"], channel="letter")
    whole = caller(unit="root", scopes=list(ApiScope.values))
    ApiClient.objects.update(rate_per_minute=10_000_000)
    order, case = make_order(city), make_case(city)
    give(city, case)
    assert order.pk
    whole.post("/webhook-endpoints", {"url": "https://93.184.216.34/x", "types": ["petition.registered"]})
    for number in range(3):
        whole.post("/petitions", body(source_ref=f"T-{number}", area=("330225", "330203")[number % 2]))
    # Requests in this thread use the test's own connection; Django's test client, used above, sees to it in each call.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield [district, whole]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    for found in schema.get_all_operations():
        yield found.ok()


def ask(operation: Any, mode: GenerationMode, caller: Caller, pool: Pool, checks: list[Any]) -> list[str]:  # noqa: F811
    """A few requests to one operation; what was wrong with the answers."""
    found: list[str] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @QUIET
    def some(case: Any) -> None:
        improve(case, pool)
        # The transport in one process does not unpack what the middleware packs.
        answer = case.call(headers={"Authorization": f"Bearer {caller.key}", "Accept-Encoding": "identity"})
        try:
            case.validate_response(answer, checks=checks)
            nothing_out_of_scope(caller.client, case, answer)
        except (FailureGroup, AssertionError) as error:
            found.append(f"{operation.label}: {error}")

    some()
    return found


def test_every_operation_answers_as_the_schema_says_and_shows_no_row_out_of_scope(filled: list[Caller]) -> None:
    load_all_checks()
    checks = [check for check in CHECKS.get_all() if check.__name__ in {*NAMES} - {"ignored_auth"}]
    pools = [Pool(each.client) for each in filled]
    faults: list[str] = []
    for operation in operations():
        for each, pool in zip(filled, pools, strict=True):
            faults += ask(operation, GenerationMode.POSITIVE, each, pool, checks)
        faults += ask(operation, GenerationMode.NEGATIVE, filled[1], pools[1], checks)
    assert not faults, "\n\n".join(faults)
    assert ApiKey.objects.count() == len(filled)
