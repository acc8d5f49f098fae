"""Agenda and minutes of a weekly dispatch, and the feedback of a joint supervision, as papers (GB/T 9704 in spirit).

Plain strings only; PDF and Word are set from them by `petitions.documents`. Minutes are made from what was fixed when
the meeting was closed (`Meeting.record`, `AgendaItem.record`), so that the same minutes are the same paper for good.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from backlog.models import AgendaItem, Meeting, MeetingEvent, SupervisionVisit, Task
from backlog.score import parts_of
from backlog.states import ItemOutcome
from petitions.documents.composing import Paper, printed

_NUMERALS = "一二三四五六七八九十"
_OUTCOMES = {ItemOutcome.DECIDED: "议定", ItemOutcome.ADJOURNED: "续议", ItemOutcome.SKIPPED: "未议"}


def minutes_paper(meeting: Meeting, items: Sequence[AgendaItem], additions: Sequence[MeetingEvent]) -> Paper:
    """The minutes (会议纪要) of a closed meeting. `items`: those the reader may see; fewer than all make an extract."""
    head = meeting.record
    is_extract = meeting.items.count() != len(items)
    opened, closed = _moment(head["opened_at"]), _moment(head["closed_at"])
    joined = [site for site in head["sites"] if site["has_joined"]]
    rows = [
        _p(f"时间：{_day(opened)}{_clock(opened)}至{_clock(closed)}"),
        _p(f"地点：{head['place'] or '视频会议'}（视频会议，{len(joined)}个分会场接入）"),
        _p(f"主持：{_with_unit(head['chair'], head['chair_unit'])}"),
        _p(f"记录：{head['secretary']}"),
        _p(f"参加：{_sites(head['sites'])}"),
    ]
    if head["minutes"]:
        rows += [_h("会议要求"), *_lines(head["minutes"])]
    for place, item in enumerate(items):
        rows += _minuted(place, item.record)
    if additions:
        rows.append(_h("更正与补充"))
        rows += [_p(f"（{_day(localtime(one.at))}　{one.actor_label}）{one.text}") for one in additions]
    copies = "、".join(dict.fromkeys([site["unit"] for site in head["sites"]]))
    return _paper(
        head=f"{head['area']}信访工作联席会议纪要",
        number=head["number"],
        title=head["title"] + ("（节录）" if is_extract else ""),
        rows=rows,
        copies=copies,
    )


def _minuted(place: int, fixed: dict[str, Any]) -> list[dict[str, str]]:
    """One case in the minutes: what it is, what was said, decided and ordered."""
    if not fixed:
        # The petition's words have been erased since (retention): the number of the place stays.
        return [_h(f"{_numeral(place)}、（该事项已按保存期限规定销毁）")]
    outcome = _OUTCOMES.get(ItemOutcome(fixed["outcome"]), "")
    rows = [_h(f"{_numeral(place)}、{fixed['title']}（{outcome}）")]
    about = f"{fixed['number']}　{fixed['district']}　责任单位：{fixed['unit'] or '未定'}"
    rows.append(_p(about + (f"　包案领导：{fixed['leader']}" if fixed["leader"] else "")))
    for label, key in (("议题", "question"), ("讨论", "discussion"), ("议定事项", "decision")):
        if fixed[key]:
            rows += _lines(f"{label}：{fixed[key]}")
    for number, task in enumerate(fixed["tasks"], start=1):
        due = date.fromisoformat(task["due_on"])
        rows.append(_p(f"任务{number}：{task['text']}（{_with_unit(task['owner'], task['unit'])}，{_day(due)}前完成）"))
    return rows


def agenda_paper(meeting: Meeting, items: Sequence[AgendaItem], follow: Sequence[Task]) -> Paper:
    """The agenda as it stands: time, link, what earlier meetings left open, then each case with its score."""
    start = localtime(meeting.starts_at)
    sites = "、".join(site.unit.name for site in meeting.sites.all())
    rows = [
        _p(f"时间：{_day(start)}{_clock(start)}"),
        _p(f"主会场：{meeting.place or '视频会议'}"),
        _p(f"主持：{meeting.chair.name if meeting.chair else '待定'}"),
    ]
    if sites:
        rows.append(_p(f"分会场：{sites}"))
    if meeting.join_link:
        rows.append(_p(f"入会方式：{meeting.join_link}"))
    if follow:
        rows.append(_h("一、上次议定事项落实情况"))
        rows += [
            _p(f"{n}．{t.text}（{_with_unit(t.owner.name if t.owner else '', t.unit.name)}，{_day(t.due_on)}前，"
               f"{t.get_state_display()}）")
            for n, t in enumerate(follow, start=1)
        ]  # fmt: skip
    rows.append(_h("二、调度案件" if follow else "一、调度案件"))
    for number, item in enumerate(items, start=1):
        case = item.case
        rows.append(_p(f"{number}．{case.title}（{case.number}，{case.district.name}）"))
        leader = f"　包案领导：{case.leader.name}" if case.leader else ""
        rows.append(_p(f"责任单位：{case.lead_unit.name if case.lead_unit else '未定'}{leader}"))
        if item.score is not None:
            parts = "、".join(f"{part.sentence}{part.points}分" for part in parts_of(item.terms) if part.points)
            rows.append(_p(f"难度{item.score}分" + (f"：{parts}" if parts else "")))
        if item.question:
            rows.append(_p(f"议题：{item.question}"))
    return _paper(
        head=f"{meeting.area.name}信访工作联席会议", number=meeting.number, title=f"{meeting.title}议程", rows=rows
    )


def visit_paper(visit: SupervisionVisit, findings: Sequence[Any], tasks: dict[int, list[Task]]) -> Paper:
    """The feedback of a joint supervision (督导反馈单): team, findings, orders with their days, result."""
    departments = "、".join(unit.name for unit in visit.departments.all())
    team = "、".join(_with_unit(member.name, member.unit.name if member.unit else "") for member in visit.members.all())
    rows = [_p(f"督导时间：{_day(visit.visit_on)}"), _p(f"督导单位：{departments}")]
    if team:
        rows.append(_p(f"督导组成员：{team}"))
    if visit.place:
        rows.append(_p(f"督导地点：{visit.place}"))
    if visit.summary:
        rows += [_h("一、督导情况"), *_lines(visit.summary)]
    rows.append(_h("二、发现的问题及整改要求"))
    for number, finding in enumerate(findings, start=1):
        about = f"（{finding.case.number}）" if finding.case else ""
        rows.append(_p(f"{number}．{finding.unit.name}{about}：{finding.text}"))
        for task in tasks.get(finding.pk, []):
            who = _with_unit(task.owner.name if task.owner else "", task.unit.name)
            rows.append(_p(f"整改要求：{task.text}（{who}，{_day(task.due_on)}前完成）"))
    if visit.result:
        rows += [_h("三、督导结果"), *_lines(visit.result)]
    to = visit.unit.name if visit.unit else visit.district.name
    return _paper(
        head=f"{visit.district.name}联合督导组" if visit.district.kind != "city" else "市联合督导组",
        number=visit.number,
        title="联合督导反馈单",
        rows=rows,
        to=to,
        organ=departments.split("、")[0],
        day=_day(localtime(visit.closed_at)) if visit.closed_at else "",
    )


def _paper(
    *,
    head: str,
    number: str,
    title: str,
    rows: list[dict[str, str]],
    to: str = "",
    copies: str = "",
    organ: str = "",
    day: str = "",
) -> Paper:
    data = {
        "head": head,
        "number": number,
        "series": True,
        "title": title,
        "to": to,
        "paragraphs": rows,
        "organ": organ,
        "date": day,
        "seal": bool(organ),
        "contact": "",
        "attachments": [],
        "copies": copies,
        "mark": "",
        "signers": [],
        "is_cover": False,
        "rows": [],
    }
    return printed(Paper("letter", data))


def _h(text: str) -> dict[str, str]:
    return {"kind": "h1", "text": text}


def _p(text: str) -> dict[str, str]:
    return {"kind": "p", "text": text}


def _lines(text: str) -> list[dict[str, str]]:
    return [_p(line.strip()) for line in text.split("\n") if line.strip()]


def _numeral(place: int) -> str:
    """一, 二 … 十, 十一 …, for the places of an agenda (thirty at most)."""
    tens, ones = divmod(place + 1, 10)
    if tens == 0:
        return _NUMERALS[ones - 1]
    head = ("" if tens == 1 else _NUMERALS[tens - 1]) + "十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def _moment(text: str) -> datetime:
    return localtime(datetime.fromisoformat(text))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _clock(moment: datetime) -> str:
    return f"{moment.hour}时{moment.minute:02}分"


def _with_unit(name: str, unit: str) -> str:
    return f"{unit}　{name}" if name and unit else name or unit


def _sites(sites: Sequence[dict[str, Any]]) -> str:
    words = []
    for site in sites:
        who = f"（{site['attendees']}）" if site["attendees"] else ""
        words.append(site["unit"] + who + ("" if site["has_joined"] else "（未接入）"))
    return "、".join(words) or "—"
