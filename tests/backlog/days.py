"""Reception days for the tests: real ones, set through the actions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from backlog.actions import bookings, receptions
from backlog.actions.receptions import Plan
from backlog.models import Booking, ReceptionDay
from tests.city import City


def plan(city: City, *, starts_at: datetime | None = None, **changes: Any) -> Plan:
    """A hall reception of the district's lead official, three days ahead at 9:00 in Shanghai unless told otherwise."""
    later = (city.at + timedelta(days=3)).astimezone(UTC)
    begins = starts_at or later.replace(hour=1, minute=0, second=0, microsecond=0)
    fields: dict[str, Any] = {
        "kind": "hall",
        "official": city.lead_official,
        "area": city.areas["330203"],
        "starts_at": begins,
        "ends_at": begins + timedelta(hours=2, minutes=30),
        "place": "海曙区社会治理中心一楼接访室",
        "subjects": "住房、征地拆迁",
        "capacity": 3,
    }
    return Plan(**{**fields, **changes})


def a_day(city: City, *, actor: User | None = None, **changes: Any) -> ReceptionDay:
    """A planned day."""
    return receptions.set_day(plan(city, **changes), actor=actor or city.officer, at=city.at)


def published(city: City, **changes: Any) -> ReceptionDay:
    """A day citizens see."""
    return receptions.publish(a_day(city, **changes).pk, actor=city.officer, at=city.at)


def booked(city: City, day: ReceptionDay, **changes: Any) -> tuple[Booking, str]:
    """A place taken by a citizen."""
    fields: dict[str, Any] = {
        "name": "周小琴",
        "phone": "13812345127",
        "matter": "老房子漏水，开发商一直不修。",
        "at": city.at,
    }
    return bookings.book(day.pk, **{**fields, **changes})
