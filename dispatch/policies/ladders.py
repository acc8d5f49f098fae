"""Who hears, rung by rung, and what a rung is called."""

from typing import Any

from django.utils.translation import gettext_lazy as _

DAY = 24 * 60
# Who hears, rung by rung: handler → unit leader → district office → city supervision.
UNIT_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["handler"]},
    {"name": "due", "after": 0, "to": ["handler", "unit_leader"]},
    {"name": "overdue_1", "after": DAY, "to": ["unit_leader", "district_office"]},
    {"name": "overdue_2", "after": 2 * DAY, "to": ["unit_leader", "district_office", "city_supervision"]},
]
# The same ladder for hour classes: a day's grace would be six times the period.
URGENT_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.5, "to": ["handler", "unit_leader"]},
    {"name": "due", "after": 0, "to": ["handler", "unit_leader", "district_office"]},
    {"name": "overdue_1", "after": 60, "to": ["unit_leader", "district_office", "city_supervision"]},
]
OFFICE_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["dispatcher"]},
    {"name": "due", "after": 0, "to": ["dispatcher"]},
    {"name": "overdue_1", "after": 2 * DAY, "to": ["district_office", "city_supervision"]},
]
ROUTING_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["register_office"]},
    {"name": "due", "after": 0, "to": ["register_office", "district_office"]},
    {"name": "overdue_1", "after": DAY, "to": ["city_supervision"]},
]
# A supervision or a suggestion: its unit answers, the office that asked waits for it.
SUPERVISION_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["owner"]},
    {"name": "due", "after": 0, "to": ["owner", "dispatcher"]},
    {"name": "overdue_1", "after": DAY, "to": ["owner", "dispatcher", "district_office"]},
    {"name": "overdue_2", "after": 3 * DAY, "to": ["owner", "dispatcher", "city_supervision"]},
]
# For obligations of an office or organ as such: whoever leads it, then those above.
OWNER_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["owner"]},
    {"name": "due", "after": 0, "to": ["owner", "district_office"]},
    {"name": "overdue_1", "after": DAY, "to": ["owner", "city_supervision"]},
]
URGENT_OWNER_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.5, "to": ["owner"]},
    {"name": "due", "after": 0, "to": ["owner", "district_office"]},
    {"name": "overdue_1", "after": 60, "to": ["owner", "city_supervision"]},
]

RUNG_LABELS = {
    "warn": _("Deadline approaching"),
    "due": _("Deadline passed"),
    "overdue_1": _("Overdue, raised to the next level"),
    "overdue_2": _("Overdue, raised to city supervision"),
}
