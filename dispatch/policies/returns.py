"""Deadlines around returns and consultations (domain-facts §1.7 (5, 6), §1.13 D04, §2.4, §2.5)."""

from typing import Any

from dispatch.clocks import WALL_MINUTE, WORKING_DAY
from dispatch.policies.ladders import OFFICE_LADDER, ROUTING_LADDER, UNIT_LADDER, URGENT_LADDER

_END_ORDER = ["recall", "cancel", "accept_return"]
_BASE: dict[str, Any] = {
    "subject": "order",
    "urgencies": [],
    "unit": WORKING_DAY,
    "article": "服务承诺",
    "is_ours": True,
}
# A right lapses: it warns nobody, is never late, and does not stand among the deadlines of a list.
_RIGHT: dict[str, Any] = {
    **_BASE,
    "is_right": True,
    "stop_moves": ["ask_return"],
    "cancel_moves": ["feed_back", *_END_ORDER],
    "ladder": [],
}
_REST: dict[str, Any] = {
    **_BASE,
    "start_moves": ["rest"],
    "stop_moves": ["feed_back"],
    "cancel_moves": _END_ORDER,
    "reopen_moves": ["send_back", "send_below"],
}

RETURN_POLICIES: list[dict[str, Any]] = [
    # Petitions proper: the law's time, which no promise of the office can shorten.
    {
        **_RIGHT,
        "key": "D04_objection",
        "name": "提出异议",
        "name_en": "Objection to competence",
        "profile": "common",
        "start_moves": ["open_objection"],
        "length": 5,
        "is_ours": False,
        "article": "信访工作条例 第二十三条",
    },
    # Calls and platform orders.
    {
        **_RIGHT,
        "key": "O_return",
        "name": "退单申请",
        "name_en": "Return of a wrong order",
        "start_moves": ["open_return"],
        "length": 1,
    },
    {
        **_BASE,
        "key": "O_return_decide",
        "name": "退单裁定",
        "name_en": "Decision on a return",
        "start_moves": ["ask_return"],
        "stop_moves": ["accept_return", "reject_return"],
        "cancel_moves": ["recall", "cancel"],
        "length": 1,
        "ladder": OFFICE_LADDER,
    },
    # What a unit that comes in late has at least for its feedback (docs/adr/0016).
    {
        **_REST,
        "key": "O_feedback_rest",
        "name": "改派后反馈",
        "name_en": "Feedback after re-dispatch",
        "urgencies": ["normal", "difficult"],
        "length": 2,
        "ladder": UNIT_LADDER,
    },
    {
        **_REST,
        "key": "O_feedback_rest_urgent",
        "name": "改派后反馈",
        "name_en": "Feedback after re-dispatch",
        "urgencies": ["urgent", "extra_urgent"],
        "length": 120,
        "unit": WALL_MINUTE,
        "ladder": URGENT_LADDER,
    },
    # No petition lies without a clock after its order was taken back.
    {
        **_BASE,
        "key": "P_redispatch",
        "name": "改派",
        "name_en": "Dispatch anew",
        "subject": "petition",
        "start_moves": ["lose_lead", "revoke_review", "revoke_rereview"],
        "stop_moves": ["dispatch", "lead_out", "answer_at_once"],
        "cancel_moves": [
            "reply",
            "close",
            "withdraw",
            "merge",
            "take_back",
            "send_up",
            "not_accept",
            "no_longer_accept",
            "settle",
            "end_without_successor",
        ],
        "length": 1,
        "ladder": ROUTING_LADDER,
    },
    {
        **_BASE,
        "key": "C_opinion",
        "name": "会商意见",
        "name_en": "Opinion for a consultation",
        "subject": "opinion",
        "start_moves": ["consult"],
        "stop_moves": ["opine"],
        "cancel_moves": ["rule", "drop"],
        "length": 2,
        "ladder": UNIT_LADDER,
    },
    {
        **_BASE,
        "key": "C_ruling",
        "name": "会商裁定",
        "name_en": "Ruling of a consultation",
        "subject": "consultation",
        "start_moves": ["consult"],
        "stop_moves": ["rule"],
        "cancel_moves": ["drop"],
        "length": 4,
        "ladder": OFFICE_LADDER,
    },
]
