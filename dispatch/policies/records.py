"""Promises written in the work record book (domain-facts §7.4): a day somebody waits for, so a clock like any other."""

from typing import Any

from dispatch.clocks import CALENDAR_DAY
from dispatch.policies.ladders import DAY

# Who promised, then who leads the unit: nobody else was party to it.
PROMISE_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["asker"]},
    {"name": "due", "after": 0, "to": ["asker", "unit_leader"]},
    {"name": "overdue_1", "after": 2 * DAY, "to": ["unit_leader", "district_office"]},
]

RECORD_POLICIES: list[dict[str, Any]] = [
    {
        # The rule's own length is the shortest a promise can have; the day that was promised is reached by extending
        # (dispatch/actions/promises.py).
        "key": "W_promise",
        "name": "承诺兑现",
        "name_en": "Keeping a promise",
        "subject": "promise",
        "urgencies": [],
        "start_moves": ["promise"],
        "stop_moves": ["keep_promise"],
        "cancel_moves": ["release_promise"],
        "length": 1,
        "unit": CALENDAR_DAY,
        "extend_permission": "petitions.write_record",
        "extend_max": 3650,
        "is_ours": True,
        "ladder": PROMISE_LADDER,
        "article": "工作记录簿 承诺事项",
    },
]
