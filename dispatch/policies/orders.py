"""Service promises of work orders (domain-facts §2.4)."""

from typing import Any

from dispatch.clocks import CALENDAR_DAY, WALL_MINUTE, WORKING_DAY, WORKING_MINUTE
from dispatch.policies.ladders import OFFICE_LADDER, UNIT_LADDER, URGENT_LADDER

_NORMAL = ["normal", "difficult"]
_END_ORDER = ["recall", "cancel", "accept_return"]


def _order(
    key: str,
    name: str,
    name_en: str,
    urgencies: list[str],
    start: str | list[str],
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
        "start_moves": [start] if isinstance(start, str) else start,
        "stop_moves": stop,
        "cancel_moves": _END_ORDER,
        "length": length,
        "unit": unit,
        "ladder": UNIT_LADDER,
        "article": "服务承诺",
        **more,
    }


_CONTACTED = ["contact", "feed_back"]
# An objection is no signature: the clock runs on while the hub decides, and a rejected one is a late sign-for.
_SIGNED = ["sign", "contact", "miss_contact", "feed_back", "reject_return"]
# "dispatch" starts everything; "redispatch" leaves the feedback to `clocks.carry_over`, "delegate_to" (a sub-order) the
# contact as well, for the unit above keeps the petitioner.
_GIVEN = ["dispatch", "redispatch", "delegate_to"]
_TO_CONTACT = ["dispatch", "redispatch"]

# Work that rests on agreed grounds rests for the promises to the citizen too; what was asked in time may take longer.
_MAY_PAUSE = {"pause_moves": ["pause"], "resume_moves": ["resume"]}


def _may_extend(most: int) -> dict[str, Any]:
    return {**_MAY_PAUSE, "extend_permission": "dispatch.extend", "extend_max": most}


ORDER_POLICIES: list[dict[str, Any]] = [
    _order("O_sign", "签收", "Sign-for", _NORMAL, _GIVEN, _SIGNED, 120, WORKING_MINUTE),
    _order(
        "O_sign_urgent",
        "签收",
        "Sign-for",
        ["urgent", "extra_urgent"],
        _GIVEN,
        _SIGNED,
        15,
        WALL_MINUTE,
        ladder=URGENT_LADDER,
    ),
    _order(
        "O_contact",
        "首次联系",
        "First contact",
        _NORMAL,
        _TO_CONTACT,
        _CONTACTED,
        1,
        WORKING_DAY,
        needs_person=True,
        **_MAY_PAUSE,
    ),
    _order(
        "O_contact_24h",
        "首次联系",
        "First contact",
        ["urgent"],
        _TO_CONTACT,
        _CONTACTED,
        120,
        WALL_MINUTE,
        ladder=URGENT_LADDER,
        needs_person=True,
        **_MAY_PAUSE,
    ),
    _order(
        "O_contact_4h",
        "首次联系",
        "First contact",
        ["extra_urgent"],
        _TO_CONTACT,
        _CONTACTED,
        30,
        WALL_MINUTE,
        ladder=URGENT_LADDER,
        needs_person=True,
        **_MAY_PAUSE,
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
        reopen_moves=["send_back", "send_below"],
        **_may_extend(7),
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
        reopen_moves=["send_back", "send_below"],
        **_may_extend(24 * 60),
        ladder=URGENT_LADDER,
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
        reopen_moves=["send_back", "send_below"],
        **_may_extend(4 * 60),
        ladder=URGENT_LADDER,
    ),
    _order(
        "O_check",
        "反馈审核",
        "Check of the feedback",
        [],
        "feed_back",
        ["pass_check", "send_back", "pass_below", "send_below", "finish"],
        1,
        WORKING_DAY,
        ladder=OFFICE_LADDER,
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
        ladder=OFFICE_LADDER,
        # Only the lead unit's order is called back on.
        conditions=["lead"],
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
        ladder=OFFICE_LADDER,
    ),
]
