"""Two people change the same rule at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest

from dispatch.actions import changes
from dispatch.models import Job, Policy, RuleChange
from petitions.states import Refused
from tests.city import build_city, make_order
from tests.faults.test_concurrency import together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
FEEDBACK = "O_feedback_7d"


def test_of_two_edits_prepared_at_once_one_waits_and_the_other_is_refused_in_words() -> None:
    city = build_city()

    def prepare(who: str, length: int) -> Callable[[], Any]:
        values = {"length": length}
        return lambda: changes.prepare_policy(FEEDBACK, values, reason="x", actor=city.people[who], at=city.at)

    results = together(prepare("officer", 5), prepare("admin", 6))
    assert sum(isinstance(r, RuleChange) for r in results) == 1
    assert [r.code for r in results if isinstance(r, Refused)] == ["waiting"]
    assert RuleChange.objects.count() == 1


def test_a_change_confirmed_twice_at_once_makes_one_version_and_one_job() -> None:
    city = build_city()
    make_order(city)
    change = changes.prepare_policy(FEEDBACK, {"length": 5}, reason="x", actor=city.admin, at=city.at)

    def confirm() -> Any:
        return changes.apply(change.pk, actor=city.officer, at=city.at)

    results = together(confirm, confirm)
    assert [r.code for r in results if isinstance(r, Refused)] == ["decided"]
    assert sorted(Policy.objects.filter(key=FEEDBACK).values_list("version", "is_current")) == [(1, False), (2, True)]
    assert Job.objects.filter(kind="recompute").count() == 1
