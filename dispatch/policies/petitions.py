"""Service promises on petitions."""

from typing import Any

from dispatch.clocks import CALENDAR_DAY
from dispatch.policies.ladders import ROUTING_LADDER

PETITION_POLICIES: list[dict[str, Any]] = [
    {
        "key": "P_rating",
        "name": "评价办结",
        "name_en": "Rating and closing",
        "subject": "petition",
        "urgencies": [],
        # Off while a bad rating is put right (policies/ratings.py), and anew once that is settled.
        "start_moves": ["reply", "settle_rating"],
        "stop_moves": ["close"],
        "cancel_moves": ["rework", "withdraw", "rate_badly", "ask_review", "settle", "end_without_successor"],
        "length": 15,
        "unit": CALENDAR_DAY,
        "ladder": ROUTING_LADDER,
        "article": "服务承诺",
    },
]
