"""Deadlines of reminders, supervision orders and formal suggestions (domain-facts §1.13, §1.16, §2.6)."""

from typing import Any

from dispatch.clocks import CALENDAR_DAY, WALL_MINUTE, WORKING_DAY
from dispatch.policies.ladders import OFFICE_LADDER, SUPERVISION_LADDER, UNIT_LADDER, URGENT_LADDER
from dispatch.supervision import LEVELS, SUPERVISION_MOVES, SupervisionLevel

# Nothing is raised to the lowest level.
_RAISES = [level.raise_move for level in LEVELS.values() if level.raise_move in SUPERVISION_MOVES]
_NAMES = {
    SupervisionLevel.LETTER: ("催办函答复", "Answer to a reminder letter"),
    SupervisionLevel.ORDER: ("督办单答复", "Answer to a supervision order"),
    SupervisionLevel.LISTED: ("挂牌督办答复", "Answer to a listed supervision"),
    SupervisionLevel.INTERVIEW: ("约谈后整改答复", "Answer after a talk"),
    SupervisionLevel.CIRCULAR: ("通报后整改答复", "Answer after a circular"),
}
_ART_39, _ART_40 = "信访工作条例 第三十九条", "信访工作条例 第四十条"


def _answer(level: str) -> dict[str, Any]:
    """The unit's written answer to one level. A rise ends the clock of the level below; the lengths are ours."""
    row = LEVELS[level]
    name, name_en = _NAMES[SupervisionLevel(level)]
    return {
        "key": f"S_{level}",
        "name": name,
        "name_en": name_en,
        "subject": "supervision",
        "urgencies": [],
        "start_moves": [row.issue_move, *(move for move in _RAISES if move == row.raise_move)],
        "stop_moves": ["answer"],
        "cancel_moves": ["lift", *(move for move in _RAISES if move != row.raise_move)],
        "length": row.days,
        "unit": WORKING_DAY,
        "ladder": SUPERVISION_LADDER,
        "article": _ART_40 if row.rank < 2 else _ART_39,
    }


def _remind(key: str, urgencies: list[str], length: int, unit: str, ladder: list[dict[str, Any]]) -> dict[str, Any]:
    """A note of progress on a reminder. A unit is reminded again only after this has run out."""
    return {
        "key": key,
        "name": "催办回复",
        "name_en": "Answer to a reminder",
        "subject": "order",
        "urgencies": urgencies,
        "start_moves": ["remind"],
        "stop_moves": ["answer_reminder", "feed_back"],
        "cancel_moves": ["recall", "cancel"],
        "length": length,
        "unit": unit,
        "ladder": ladder,
        "article": "服务承诺",
    }


SUPERVISION_POLICIES: list[dict[str, Any]] = [
    _remind("O_remind", ["normal", "difficult"], 1, WORKING_DAY, UNIT_LADDER),
    _remind("O_remind_urgent", ["urgent", "extra_urgent"], 60, WALL_MINUTE, URGENT_LADDER),
    *(_answer(level) for level in SupervisionLevel.values),
    {
        # A fresh short term: what is missing was said only now, and the old date may be past.
        "key": "S_again",
        "name": "督办补充答复",
        "name_en": "Second answer to a supervision",
        "subject": "supervision",
        "urgencies": [],
        "start_moves": ["send_back"],
        "stop_moves": ["answer"],
        "cancel_moves": ["lift", *_RAISES],
        "length": 2,
        "unit": WORKING_DAY,
        "ladder": SUPERVISION_LADDER,
        "article": _ART_40,
    },
    {
        "key": "S_check",
        "name": "督办答复审核",
        "name_en": "Check of an answer to a supervision",
        "subject": "supervision",
        "urgencies": [],
        "start_moves": ["answer"],
        "stop_moves": ["accept", "send_back", *_RAISES],
        "cancel_moves": ["lift"],
        "length": 3,
        "unit": WORKING_DAY,
        "ladder": OFFICE_LADDER,
        "article": "服务承诺",
    },
    {
        # The Regulation of 2022 asks for a written answer without a figure; thirty days is the regulation of 2005,
        # art. 36, which Shandong and Shanghai kept (domain-facts §1.13).
        "key": "D12_suggestion",
        "name": "三项建议书面反馈",
        "name_en": "Written answer to a formal suggestion",
        "subject": "suggestion",
        "profile": "common",
        "urgencies": [],
        "start_moves": ["issue"],
        "stop_moves": ["answer"],
        "cancel_moves": ["withdraw"],
        "length": 30,
        "unit": CALENDAR_DAY,
        "ends_on_work_day": True,
        "ladder": SUPERVISION_LADDER,
        "article": _ART_40,
    },
]
