"""The statutory procedure as rows a lawyer can read, and docs/procedure.md rendered from them.

One row is one rule: its article, what is given, the moves with date and person, and what must hold afterwards. The rows
stand in tests/procedure/rows/*.toml; tests/procedure runs each against the real actions, `manage.py procedure_doc`
prints them in both languages. Dates are Shanghai dates; a step without an hour happens at 10:00.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import override

ROWS = settings.BASE_DIR / "tests" / "procedure" / "rows"

# Persons of the fixture city, and steps that stand in no move table, in both languages.
PEOPLE: dict[str, tuple[str, str]] = {
    "officer": ("市信访局", "City petition office"),
    "district_officer": ("海曙区信访局", "Haishu district petition office"),
    "far_officer": ("象山县信访局", "Xiangshan county petition office"),
    "conference_officer": ("联席会议办公室", "Joint conference office"),
    "leader": ("海曙区住建局负责人", "Head of Haishu housing bureau"),
    "handler": ("海曙区住建局经办人", "Handler of Haishu housing bureau"),
    "colleague": ("海曙区住建局其他人员", "Others of Haishu housing bureau"),
    "other_leader": ("海曙区综合执法局负责人", "Head of Haishu enforcement bureau"),
    "other_handler": ("海曙区综合执法局经办人", "Handler of Haishu enforcement bureau"),
    "dispatcher": ("市热线中心", "City hotline centre"),
    "agent": ("热线坐席", "Hotline agent"),
    "outsider": ("象山县交通局经办人", "Handler of Xiangshan transport bureau"),
    "outside_leader": ("象山县交通局负责人", "Head of Xiangshan transport bureau"),
    "reviewer": ("市复查复核机构", "City reviewing organ"),
    "district_reviewer": ("海曙区复查机构", "Haishu reviewing organ"),
    "citizen": ("信访人", "The petitioner"),
    "nobody": ("（无人办理）", "(nobody acts)"),
}
UNITS: dict[str, tuple[str, str]] = {
    "city_office": ("市信访局", "city petition office"),
    "district_office": ("海曙区信访局", "Haishu district petition office"),
    "district": ("海曙区政府", "Haishu district government"),
    "housing": ("海曙区住建局", "Haishu housing bureau"),
    "enforcement": ("海曙区综合执法局", "Haishu enforcement bureau"),
    "transport": ("象山县交通局", "Xiangshan transport bureau"),
}
OPTIONS: dict[str, tuple[str, str]] = {
    "lead": ("主办单位", "lead unit"),
    "office": ("登记机关", "received by"),
    "days": ("天数", "days"),
    "reason": ("理由", "reason"),
    "excuse": ("逾期理由", "why late"),
    "purpose": ("目的", "purpose"),
    "route": ("途径", "route"),
    "adoption": ("采纳情况", "adoption"),
    "agreed": ("本人同意", "the person agrees"),
    "outcome": ("结论", "outcome"),
    "count": ("人数", "persons"),
    "from": ("自第几人", "from no."),
    "role": ("身份", "as"),
    "parts": ("事项数", "matters"),
    "goes": ("移交", "goes over"),
    "in_days": ("距听证天数", "days until the hearing"),
}
VALUES: dict[str, tuple[str, str]] = {
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "uphold": ("维持", "upheld"),
    "revoke": ("撤销", "revoked"),
    "change": ("变更", "changed"),
    "representative": ("代表", "representatives"),
    "anew": ("已重新查明事实", "found anew"),
    "partly": ("部分采纳", "partly adopted"),
    "QJ": ("求决", "request to settle"),
    "JK": ("揭发控告", "accusation"),
    "YJ": ("意见建议", "suggestion"),
    "litigation": ("涉法涉诉程序", "court, procuratorate or police"),
    **UNITS,
}
STEPS: dict[str, tuple[str, str]] = {
    "register": ("登记", "register"),
    "dispatch": ("转送（派单）", "transfer (dispatch)"),
    "assign": ("交办（限期报办结报告）", "assign with a term for the closing report"),
    "accept": ("出具受理告知书", "give notice of acceptance"),
    "notify_receipt": ("告知接收情况、途径和程序", "tell of receipt, route and procedure"),
    "not_accept": ("出具不予受理告知书", "give notice of non-acceptance"),
    "no_longer_accept": ("出具不再受理告知书", "give notice that it is no longer accepted"),
    "lead_out": ("导出并告知法定途径", "lead out, with notice of the legal route"),
    "set_route": ("更正目的和途径", "set purpose and route"),
    "answer_at_once": ("当场答复", "answer at once"),
    "handle": ("承办单位办理并经审核、回访", "the unit handles; feedback is checked and called back"),
    "reply": ("答复信访人", "reply to the petitioner"),
    "feed_back": ("承办单位反馈", "the unit feeds back"),
    "report_closing": ("报送办结报告", "file the closing report"),
    "deliver": ("送达处理意见书", "deliver the handling opinion"),
    "ask_review": ("申请复查（复核）", "ask for review (re-review)"),
    "admit_review": ("受理复查（复核）申请并指定调查人员", "admit the request and appoint investigators"),
    "decide_review": ("作出复查（复核）意见", "give the review (re-review) opinion"),
    "deliver_review": ("送达复查（复核）意见", "deliver the review (re-review) opinion"),
    "hold_hearing": ("决定听证", "open a hearing"),
    "end_hearing": ("听证结束", "conclude the hearing"),
    "drop_hearing": ("取消听证", "drop the hearing"),
    "ask_return": ("提出异议", "object to competence"),
    "accept_return": ("同意异议、退回材料", "accept the objection; the papers go back"),
    "reject_return": ("驳回异议", "reject the objection"),
    "withdraw": ("撤回信访", "withdraw"),
    "withdraw_signer": ("一名联名人撤回", "one of the signers withdraws"),
    "add_signers": ("补录联名人", "add joint signers"),
    "supplement": ("补充材料", "add material"),
    "merge": ("并入原件", "merge into the earlier petition"),
    "split": ("拆分事项", "split off matters"),
    "hand_over": ("提出移交", "ask another office to take it over"),
    "take_over": ("接收移交", "take it over"),
    "refuse_over": ("不接收移交", "refuse the hand-over"),
    "rule_over": ("裁定移交", "rule the hand-over"),
    "lay_before": ("提请联席会议", "lay before the joint conference"),
    "name_lead": ("指定牵头单位", "name the lead unit"),
    "name_new_facts": ("登记新的事实", "name new facts"),
    "extend": ("批准延长办理期限", "grant an extension of the handling period"),
    "report_up": ("向上级报告", "report upwards"),
    "close": ("办结", "close"),
    "reopen": ("重新办理", "reopen"),
    "again": ("同一信访人就同一事项再次提出并登记", "the same person raises the same matter again; it is registered"),
    "look": ("（查看）", "(look)"),
    "sign": ("签收", "sign for"),
    "recall": ("撤回派单", "recall the order"),
    "rework": ("退回重办", "send back for rework"),
}


@dataclass(frozen=True)
class Step:
    """One move: Shanghai date and time, who takes it, which, and its particulars."""

    at: str
    who: str
    name: str
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, line: str) -> "Step":
        """`2026-03-02 officer dispatch lead=housing`, with an hour after the date where it matters."""
        words = line.split()
        day = words.pop(0)
        hour = words.pop(0) if ":" in words[0] else "10:00"
        who, name, *rest = words
        return cls(f"{day} {hour}", who, name, dict(word.split("=", 1) for word in rest))


@dataclass(frozen=True)
class Row:
    """One rule of the procedure."""

    key: str
    article: str
    zh: str
    en: str
    given: dict[str, Any]
    steps: tuple[Step, ...]
    # What holds afterwards.
    clocks: tuple[str, ...] = ()
    no_clocks: tuple[str, ...] = ()
    state: str = ""
    refused: str = ""
    documents: tuple[str, ...] = ()
    hidden_from: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    profile: str = "national"


@dataclass(frozen=True)
class Chapter:
    """Rows of one file under a heading."""

    zh: str
    en: str
    rows: tuple[Row, ...]


def chapters(folder: Path = ROWS) -> list[Chapter]:
    """All rows, by file. Raises KeyError for a row that lacks its article or a title."""
    return [_chapter(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.toml"))]


def _chapter(data: dict[str, Any]) -> Chapter:
    rows = tuple(
        Row(
            key=row["id"],
            article=row["article"],
            zh=row["zh"],
            en=row["en"],
            given=row.get("given", {}),
            steps=tuple(Step.parse(line) for line in row["steps"]),
            refused=row.get("refused", ""),
            state=row.get("state", ""),
            profile=row.get("profile", "national"),
            **{name: tuple(row.get(name, ())) for name in ("clocks", "no_clocks", "documents", "hidden_from", "told")},
        )
        for row in data["row"]
    )
    return Chapter(data["zh"], data["en"], rows)


def rows() -> list[Row]:
    """All rows of all chapters."""
    return [row for chapter in chapters() for row in chapter.rows]


# ---- the page ----


def document(language: str) -> str:
    """The page in "zh" or "en", as Markdown."""
    with override("zh-hans" if language == "zh" else "en"):
        return "\n".join(_lines(language)) + "\n"


_TITLES = {"zh": "法定程序逐条核对表", "en": "The statutory procedure, row by row"}
_INTROS = {
    "zh": (
        "由 `tests/procedure/rows` 生成（`python manage.py procedure_doc`），每一行都由测试在真实系统上逐条执行："
        "给定日期和行为，应当产生这些期限、文书、拒绝和状态。日期均为北京时间；期间开始之日不计入，"
        "法定期限届满日为节假日的，顺延至其后第一个工作日。标注“本单位自定”的期限，法规没有规定数字。"
    ),
    "en": (
        "Generated from `tests/procedure/rows` (`python manage.py procedure_doc`); a test runs each row against the"
        " real system: given these dates and moves, these periods, documents, refusals and states. Dates are Shanghai"
        " dates; the first day is not counted, and a legal period that ends on a day off ends on the next working day."
        " Periods called the office's own have no figure in the law."
    ),
}
_WORDS = {
    "given": ("给定", "Given"),
    "steps": ("行为", "Moves"),
    "clocks": ("期限", "Periods"),
    "no_clocks": ("不产生期限", "No period"),
    "state": ("状态", "Status"),
    "refused": ("应当拒绝，理由", "Refused, because"),
    "documents": ("文书（自动起草）", "Documents (drafted)"),
    "hidden_from": ("不可见", "Out of sight for"),
    "told": ("受通知", "Told"),
    "profile": ("适用浙江省信访条例", "Zhejiang regulation switched on"),
    "running": ("进行中", "running"),
    "met": ("已完成", "met"),
    "paused": ("中止", "paused"),
    "cancelled": ("终止", "ended without judgement"),
    "due": ("届满", "due"),
    "late": ("逾期", "late"),
}


def _lines(language: str) -> Iterator[str]:
    which = 0 if language == "zh" else 1
    yield f"# {_TITLES[language]}"
    yield ""
    yield _INTROS[language]
    for chapter in chapters():
        yield ""
        yield f"## {(chapter.zh, chapter.en)[which]}"
        for row in chapter.rows:
            yield ""
            yield f"### {row.key} · {(row.zh, row.en)[which]}"
            yield ""
            yield f"*{row.article}*"
            yield ""
            yield from (f"- **{name}**: {text}" for name, text in _facts(row, which) if text)


def _facts(row: Row, which: int) -> Iterator[tuple[str, str]]:
    def word(name: str) -> str:
        return _WORDS[name][which]

    comma = "，" if which == 0 else ", "
    if row.profile == "zhejiang":
        yield word("profile"), "✓"
    yield word("given"), comma.join(_given(row.given, which))
    for number, step in enumerate(row.steps, start=1):
        particulars = comma.join(
            f"{OPTIONS[key][which]} {VALUES[value][which] if value in VALUES else value}"
            for key, value in step.options.items()
        )
        who = PEOPLE[step.who][which]
        text = f"{step.at.removesuffix(' 10:00')} · {who} · {STEPS[step.name][which]}"
        yield f"{word('steps')} {number}", text + (f" ({particulars})" if particulars else "")
    if row.refused:
        yield word("refused"), f"`{row.refused}` {REFUSALS[row.refused][which]}"
    yield word("clocks"), "; ".join(_clock(text, which) for text in row.clocks)
    yield word("no_clocks"), comma.join(_rule(key) for key in row.no_clocks)
    yield word("documents"), comma.join(_document(key) for key in row.documents)
    yield word("state"), _state(row.state)
    yield word("hidden_from"), comma.join(PEOPLE[name][which] for name in row.hidden_from)
    yield word("told"), comma.join(PEOPLE[name][which] for name in row.told)


# Why a step is refused, by the code of the refusal.
REFUSALS: dict[str, tuple[str, str]] = {
    "forbidden": ("无此权限", "the role or the person may not"),
    "illegal_move": ("当前状态不允许该行为", "the status does not allow the step"),
    "refused": ("不符合该行为的条件", "a condition of the step is not met"),
    "accepted": ("已经受理", "it has been accepted already"),
    "delivered": ("已经送达", "it has been delivered already"),
    "other_route": ("应走其他法定途径", "it belongs to another legal route"),
    "running_below": ("下级机关正在法定期限内办理", "a lower organ has it within its legal period"),
    "terminated": ("已经复核终结且无新的事实", "re-review has ended it and no new facts are named"),
    "final": ("已经终局，不得再次提出", "it is final and may not be raised again"),
    "lapsed": ("超过三十日", "the thirty days have passed"),
    "term": ("期限超出范围", "the term is out of bounds"),
    "term_reason": ("另定期限须说明理由", "another term needs a reason"),
    "no_report": ("未报办结报告", "the closing report is owed"),
    "too_many_representatives": ("代表人数超限", "too many representatives"),
    "twice": ("已经联名", "the person has signed already"),
    "last_signer": ("最后一名信访人应撤回整件", "the last one withdraws the petition itself"),
    "in_hand": ("承办单位正在办理", "a unit has it in hand"),
    "restricted": ("检举控告保密", "accusations are secret"),
    "conference": ("待联席会议指定", "the joint conference names the lead first"),
    "open_parts": ("拆分事项未结", "matters split off are open"),
    "late": ("超过异议期限，视为接受", "the time to object has passed; it counts as accepted"),
    "no_conference": ("未提请联席会议", "it does not lie before the joint conference"),
    "anonymous": ("匿名件", "the petition is anonymous"),
    "open_hand_over": ("移交未了结", "a hand-over to another office is open"),
    "joint": ("多人联名，不能一人替全体撤回", "several have signed; one does not withdraw for all"),
    "hearing": ("听证未结束", "a hearing is open"),
    "admission": ("申请尚未受理", "the request is not admitted yet"),
    "team": ("调查人员不足二人", "two investigators are needed"),
}


def _given(given: dict[str, Any], which: int) -> Iterable[str]:
    from petitions.models import Channel, Purpose, Urgency
    from petitions.routes import Route

    labels: dict[str, Any] = {"purpose": Purpose, "channel": Channel, "urgency": Urgency, "route": Route}
    words = {
        "anonymous": ("匿名", "anonymous"),
        "headcount": ("人数", "persons"),
        "office": ("登记机关", "received by"),
        "repeats": ("重复件", "repeats an earlier one"),
        "respondent": ("被反映单位", "unit complained of"),
        "representatives": ("代表", "representatives"),
    }
    for key, value in given.items():
        if key in labels:
            yield str(labels[key](value).label)
        else:
            said = VALUES[value][which] if value in VALUES else str(value)
            yield words[key][which] if value is True else f"{words[key][which]} {said}"


def _rule(key: str) -> str:
    from django.utils.translation import get_language

    from dispatch.policies import POLICIES

    row = next(policy for policy in POLICIES if policy["key"] == key)
    return f"{key} {row['name_en'] if get_language() == 'en' else row['name']}"


def _clock(text: str, which: int) -> str:
    """`D01_route 2026-03-17 running`, in words."""
    key, due, *rest = text.split()
    return f"{_rule(key)} → {date.fromisoformat(due)} ({' '.join(_WORDS[word][which] for word in rest)})"


def _document(key: str) -> str:
    from petitions.documents.kinds import KINDS

    return str(KINDS[key].label)


def _state(state: str) -> str:
    from petitions.states import State

    return str(State(state).label) if state else ""
