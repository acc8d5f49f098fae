"""The deadline rules a new office starts with, as data (domain-facts §1.13, §2.4), for `load_policies`."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from dispatch.clocks import CALENDAR_DAY, WALL_MINUTE, WORKING_DAY, WORKING_MINUTE

DAY = 24 * 60

# Who hears, rung by rung: handler → unit leader → district office → city supervision.
_UNIT_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["handler"]},
    {"name": "due", "after": 0, "to": ["handler", "unit_leader"]},
    {"name": "overdue_1", "after": DAY, "to": ["unit_leader", "district_office"]},
    {"name": "overdue_2", "after": 2 * DAY, "to": ["unit_leader", "district_office", "city_supervision"]},
]
# The same ladder for hour classes: a day's grace would be six times the period.
_URGENT_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.5, "to": ["handler", "unit_leader"]},
    {"name": "due", "after": 0, "to": ["handler", "unit_leader", "district_office"]},
    {"name": "overdue_1", "after": 60, "to": ["unit_leader", "district_office", "city_supervision"]},
]
_OFFICE_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["dispatcher"]},
    {"name": "due", "after": 0, "to": ["dispatcher"]},
    {"name": "overdue_1", "after": 2 * DAY, "to": ["district_office", "city_supervision"]},
]
_ROUTING_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["register_office"]},
    {"name": "due", "after": 0, "to": ["register_office", "district_office"]},
    {"name": "overdue_1", "after": DAY, "to": ["city_supervision"]},
]
RUNG_LABELS = {
    "warn": _("Deadline approaching"),
    "due": _("Deadline passed"),
    "overdue_1": _("Overdue, raised to the next level"),
    "overdue_2": _("Overdue, raised to city supervision"),
}

_NORMAL = ["normal", "difficult"]
_END_ORDER = ["recall", "cancel"]


def _order(
    key: str,
    name: str,
    name_en: str,
    urgencies: list[str],
    start: str,
    stop: list[str],
    length: int,
    unit: str,
    **more: Any,
) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "name_en": name_en,
        "subject": "order",
        "urgencies": urgencies,
        "start_moves": [start],
        "stop_moves": stop,
        "cancel_moves": _END_ORDER,
        "length": length,
        "unit": unit,
        "ladder": _UNIT_LADDER,
        "article": "服务承诺",
        **more,
    }


_CONTACTED = ["contact", "feed_back"]
_SIGNED = ["sign", "contact", "miss_contact", "feed_back"]

POLICIES: list[dict[str, Any]] = [
    {
        "key": "D01_route",
        "name": "登记分办",
        "name_en": "Registration and routing",
        "subject": "petition",
        "urgencies": [],
        "start_moves": ["register", "reopen"],
        "stop_moves": ["dispatch", "lead_out", "answer_at_once", "reply", "close"],
        "cancel_moves": ["withdraw", "merge"],
        "length": 15,
        "unit": CALENDAR_DAY,
        "ends_on_work_day": True,
        "ladder": _ROUTING_LADDER,
        "article": "信访工作条例 第二十二条",
    },
    {
        "key": "P_rating",
        "name": "评价办结",
        "name_en": "Rating and closing",
        "subject": "petition",
        "urgencies": [],
        "start_moves": ["reply"],
        "stop_moves": ["close"],
        "cancel_moves": ["rework", "withdraw"],
        "length": 15,
        "unit": CALENDAR_DAY,
        "ladder": _ROUTING_LADDER,
        "article": "服务承诺",
    },
    _order("O_sign", "签收", "Sign-for", _NORMAL, "dispatch", _SIGNED, 120, WORKING_MINUTE),
    _order(
        "O_sign_urgent",
        "签收",
        "Sign-for",
        ["urgent", "extra_urgent"],
        "dispatch",
        _SIGNED,
        15,
        WALL_MINUTE,
        ladder=_URGENT_LADDER,
    ),
    _order(
        "O_contact", "首次联系", "First contact", _NORMAL, "dispatch", _CONTACTED, 1, WORKING_DAY, needs_person=True
    ),
    _order(
        "O_contact_24h",
        "首次联系",
        "First contact",
        ["urgent"],
        "dispatch",
        _CONTACTED,
        120,
        WALL_MINUTE,
        ladder=_URGENT_LADDER,
        needs_person=True,
    ),
    _order(
        "O_contact_4h",
        "首次联系",
        "First contact",
        ["extra_urgent"],
        "dispatch",
        _CONTACTED,
        30,
        WALL_MINUTE,
        ladder=_URGENT_LADDER,
        needs_person=True,
    ),
    _order(
        "O_feedback_7d",
        "7日反馈",
        "7-day feedback",
        _NORMAL,
        "dispatch",
        ["feed_back"],
        7,
        CALENDAR_DAY,
        reopen_moves=["send_back"],
    ),
    _order(
        "O_feedback_24h",
        "24小时反馈",
        "24-hour feedback",
        ["urgent"],
        "dispatch",
        ["feed_back"],
        24 * 60,
        WALL_MINUTE,
        reopen_moves=["send_back"],
        ladder=_URGENT_LADDER,
    ),
    _order(
        "O_feedback_4h",
        "4小时反馈",
        "4-hour feedback",
        ["extra_urgent"],
        "dispatch",
        ["feed_back"],
        4 * 60,
        WALL_MINUTE,
        reopen_moves=["send_back"],
        ladder=_URGENT_LADDER,
    ),
    _order(
        "O_check",
        "反馈审核",
        "Check of the feedback",
        [],
        "feed_back",
        ["pass_check", "send_back"],
        1,
        WORKING_DAY,
        ladder=_OFFICE_LADDER,
    ),
    _order(
        "O_callback",
        "回访",
        "Callback",
        [],
        "pass_check",
        ["call_back", "finish"],
        2,
        WORKING_DAY,
        ladder=_OFFICE_LADDER,
    ),
    _order(
        "O_reply",
        "答复",
        "Reply",
        [],
        "call_back",
        ["finish"],
        2,
        WORKING_DAY,
        ladder=_OFFICE_LADDER,
    ),
]
