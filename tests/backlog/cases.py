"""Backlog cases for tests, made through the real actions where a test is about them and as rows where it is not."""

from datetime import date, datetime
from typing import Any

from backlog.models import BacklogCase, CaseLink, TaskForce
from backlog.states import OPEN_CASE_STATES, CaseState, Source
from petitions.models import Petition
from tests.city import City, make_petition


def force(key: str = "demolition", name: str = "房屋拆迁专项攻坚组") -> TaskForce:
    """A task force."""
    return TaskForce.objects.get_or_create(key=key, defaults={"name": name})[0]


def make_case(
    city: City,
    state: str = CaseState.LISTED,
    *,
    petition: Petition | None = None,
    at: datetime | None = None,
    **given: Any,
) -> BacklogCase:
    """A case as a row in this state: 海曙区, its 住建局 responsible, unless told otherwise. No clock runs."""
    petition, at = petition or make_petition(city, at=at), at or city.at
    fields: dict[str, Any] = {
        "year": 2026,
        "serial": BacklogCase.objects.count() + 1,
        "state": state,
        "is_open": state in OPEN_CASE_STATES,
        "title": "某小区拆迁安置房办证问题",
        "petition": petition,
        "district": city.areas["330203"],
        "lead_unit": city.units["housing"],
        "source": Source.HAND,
        "since": date(2024, 3, 15),
        "nominated_at": at,
        "listed_at": None if state in {CaseState.NOMINATED, CaseState.DECLINED} else at,
    }
    case = BacklogCase.objects.create(**{**fields, **given})
    CaseLink.objects.create(case=case, petition=case.petition, added_at=at)
    return case
