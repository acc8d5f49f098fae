"""Deadlines of backlog cases, their milestones and tasks (domain-facts §3.3, §3.9): the office's own figures."""

from typing import Any

from dispatch.clocks import CALENDAR_DAY, WORKING_DAY
from dispatch.policies.ladders import DAY, OWNER_LADDER

# Who gave it waits for it; above them stand the district office and city supervision.
TASK_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["owner"]},
    {"name": "due", "after": 0, "to": ["owner", "asker"]},
    {"name": "overdue_1", "after": 2 * DAY, "to": ["owner", "asker", "district_office"]},
    {"name": "overdue_2", "after": 7 * DAY, "to": ["asker", "city_supervision"]},
]
# The lead official is who waits for the case, and the first to hear where the official's own signature is missing.
SIGN_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["asker"]},
    {"name": "due", "after": 0, "to": ["asker", "district_office"]},
    {"name": "overdue_1", "after": 2 * DAY, "to": ["asker", "city_supervision"]},
]
CHECK_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["district_office"]},
    {"name": "due", "after": 0, "to": ["district_office"]},
    {"name": "overdue_1", "after": 2 * DAY, "to": ["district_office", "city_supervision"]},
]
CITY_LADDER: list[dict[str, Any]] = [
    {"name": "warn", "fraction": 0.7, "to": ["city_supervision"]},
    {"name": "due", "after": 0, "to": ["city_supervision"]},
]

_OURS: dict[str, Any] = {"urgencies": [], "is_ours": True}

BACKLOG_POLICIES: list[dict[str, Any]] = [
    {
        # The length stands in for what each task names for itself.
        "key": "B_task",
        "name": "积案任务",
        "name_en": "Task of a backlog case",
        "subject": "task",
        "start_moves": ["assign"],
        "stop_moves": ["report", "confirm"],
        "reopen_moves": ["send_back"],
        "cancel_moves": ["drop"],
        "length": 7,
        "unit": CALENDAR_DAY,
        "ladder": TASK_LADDER,
        "article": "领导批示 周视频调度 联合督导",
        **_OURS,
    },
    {
        "key": "B_milestone",
        "name": "化解节点",
        "name_en": "Milestone of the plan",
        "subject": "milestone",
        "start_moves": ["plan", "replan"],
        "stop_moves": ["reach"],
        "reopen_moves": ["reopen"],
        # Another day is another deadline; that the first one passed stays on its own clock.
        "cancel_moves": ["replan", "remove"],
        "length": 30,
        "unit": CALENDAR_DAY,
        "ladder": TASK_LADDER,
        "article": "化解方案 进度表",
        **_OURS,
    },
    {
        "key": "B_progress",
        "name": "积案进展报告",
        "name_en": "Report of progress",
        "subject": "backlog",
        # A report meets the one period and begins the next, so that a late one is late once.
        "start_moves": ["accept", "relist", "send_back", "sign_back", "certify_back", "progress", "renew"],
        "stop_moves": ["progress", "renew"],
        "cancel_moves": ["apply", "end_legally"],
        "length": 30,
        "unit": CALENDAR_DAY,
        "ladder": OWNER_LADDER,
        "article": "专班工作制度",
        **_OURS,
    },
    {
        "key": "B_sign",
        "name": "包案领导签批",
        "name_en": "Signature of the lead official",
        "subject": "backlog",
        "start_moves": ["apply"],
        "stop_moves": ["sign"],
        "cancel_moves": ["send_back", "sign_back"],
        "length": 5,
        "unit": WORKING_DAY,
        "ladder": SIGN_LADDER,
        "article": "积案验收销号",
        **_OURS,
    },
    {
        "key": "B_check",
        "name": "县级核查验收",
        "name_en": "District check",
        "subject": "backlog",
        "start_moves": ["sign"],
        "stop_moves": ["check"],
        "cancel_moves": ["send_back"],
        "length": 10,
        "unit": WORKING_DAY,
        "ladder": CHECK_LADDER,
        "article": "积案验收销号",
        **_OURS,
    },
    {
        "key": "B_certify",
        "name": "市级抽查认定",
        "name_en": "City sample and certification",
        "subject": "backlog",
        "start_moves": ["check"],
        "stop_moves": ["certify"],
        "cancel_moves": ["send_back", "certify_back"],
        "length": 10,
        "unit": WORKING_DAY,
        "ladder": CITY_LADDER,
        "article": "积案验收销号",
        **_OURS,
    },
    {
        "key": "B_observation",
        "name": "销号观察期",
        "name_en": "Observation after strike-off",
        "subject": "backlog",
        "start_moves": ["strike_off"],
        "stop_moves": ["observe"],
        "cancel_moves": ["rebound"],
        "length": 180,
        "unit": CALENDAR_DAY,
        "ladder": CHECK_LADDER,
        "article": "积案验收销号",
        **_OURS,
    },
    {
        # Until it is taken up again nothing else runs on it.
        "key": "B_relist",
        "name": "反弹重新入库",
        "name_en": "Taking up a rebounded case",
        "subject": "backlog",
        "start_moves": ["rebound"],
        "stop_moves": ["relist"],
        "cancel_moves": ["end_legally"],
        "length": 5,
        "unit": WORKING_DAY,
        "ladder": CHECK_LADDER,
        "article": "积案验收销号",
        **_OURS,
    },
]
