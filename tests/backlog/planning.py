"""Backlog cases to plan on, put into the table as they stand after being taken up."""

from datetime import date, datetime, timedelta
from typing import Any

from backlog.models import BacklogCase, CaseLink, CaseOfficial
from tests.city import City, make_petition


def make_case(city: City, *, at: datetime | None = None, **changes: Any) -> BacklogCase:
    """A case of 海曙区 in resolution, with 住建局 responsible and the lead official named."""
    at = at or city.at
    petition = changes.pop("petition", None) or make_petition(city, at=at - timedelta(days=30))
    number = BacklogCase.objects.count() + 1
    fields: dict[str, Any] = {
        "year": 2026,
        "serial": number,
        "state": "working",
        "is_open": True,
        "title": f"某小区安置房久拖未交付之{number}",
        "petition": petition,
        "district": city.areas["330203"],
        "lead_unit": city.units["housing"],
        "leader": city.people["lead_official"],
        "source": "hand",
        "since": date(2024, 3, 1),
        "nominated_at": at,
        "listed_at": at,
    }
    case = BacklogCase.objects.create(**{**fields, **changes})
    CaseLink.objects.create(case=case, petition=petition, added_at=at)
    if case.leader is not None:
        CaseOfficial.objects.create(case=case, user=case.leader, part="lead", since=at)
    return case
