"""Backlog cases to plan on."""

from datetime import datetime
from typing import Any

from backlog.models import BacklogCase, CaseOfficial
from tests.backlog import cases
from tests.city import City


def make_case(city: City, state: str = "working", *, at: datetime | None = None, **given: Any) -> BacklogCase:
    """A case of 海曙区 at work, with 住建局 responsible and the lead official named."""
    given.setdefault("leader", city.people["lead_official"])
    given.setdefault("title", f"某小区安置房久拖未交付之{BacklogCase.objects.count() + 1}")
    case = cases.make_case(city, state, at=at, **given)
    if case.leader is not None:
        CaseOfficial.objects.create(case=case, user=case.leader, part="lead", since=at or city.at)
    return case
