"""Bad ratings (好差评, domain-facts §1.13 D): called about in one day, put right in fifteen, then rated once more."""

from typing import Any

from dispatch.clocks import CALENDAR_DAY, WORKING_DAY
from dispatch.policies.ladders import OFFICE_LADDER, UNIT_LADDER

_END = [
    "withdraw",
    "merge",
    "reopen",
    "not_accept",
    "no_longer_accept",
    "lead_out",
    "settle",
    "end_without_successor",
]
_HP19 = "国务院办公厅 政务服务“好差评” 浙江：1日回访、15日整改"


def _rating(key: str, name: str, name_en: str, start: str, stop: list[str], length: int, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "name_en": name_en,
        "subject": "petition",
        "urgencies": [],
        "start_moves": [start],
        "stop_moves": stop,
        "cancel_moves": _END,
        "length": length,
        "unit": CALENDAR_DAY,
        "needs_person": True,
        "ladder": OFFICE_LADDER,
        "article": _HP19,
        **more,
    }


RATING_POLICIES: list[dict[str, Any]] = [
    _rating("R_call", "差评回访", "Callback after a bad rating", "rate_badly", ["bad_called", "put_right"], 1),
    _rating("R_correct", "差评整改", "Putting a bad rating right", "rate_badly", ["put_right"], 15, ladder=UNIT_LADDER),
    _rating(
        "R_rerate",
        "再次评价",
        "Rating once more",
        "put_right",
        ["rerate", "rate", "no_rerate"],
        3,
        unit=WORKING_DAY,
        article="服务承诺",
    ),
    {
        # How long the petitioner is asked for a rating; the office's own period to close (P_rating) ends later, so that
        # what lapses unrated can still be closed in time. States 待评价 and 超期未评价 (domain-facts §2.7).
        "key": "R_window",
        "name": "评价窗口",
        "name_en": "Window for the rating",
        "subject": "petition",
        "urgencies": [],
        "is_right": True,
        "is_ours": True,
        "start_moves": ["reply", "answer_at_once"],
        "stop_moves": ["rate"],
        "cancel_moves": [*_END, "rework"],
        "length": 10,
        "unit": CALENDAR_DAY,
        "ladder": [],
        "article": "服务承诺",
    },
]
