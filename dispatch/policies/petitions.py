"""Deadline rules of petitions (domain-facts §1.13)."""

from typing import Any

from dispatch.clocks import CALENDAR_DAY
from dispatch.policies.ladders import ROUTING_LADDER

PETITION_POLICIES: list[dict[str, Any]] = [
    {
        "key": "D01_route",
        "name": "登记分办",
        "name_en": "Registration and routing",
        "subject": "petition",
        "urgencies": [],
        "start_moves": ["register", "reopen"],
        "stop_moves": ["dispatch", "lead_out", "answer_at_once", "reply", "close"],
        "cancel_moves": ["withdraw", "merge"],
        # A dispatch taken back was none: the fifteen days run on as they ran before it.
        "reopen_moves": ["take_back"],
        "length": 15,
        "unit": CALENDAR_DAY,
        "ends_on_work_day": True,
        "ladder": ROUTING_LADDER,
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
        "ladder": ROUTING_LADDER,
        "article": "服务承诺",
    },
]
