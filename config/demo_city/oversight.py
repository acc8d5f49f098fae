"""Supervision in the demo city: findings, orders on every level, reminders, suggestions with and without answers.

What happened weeks ago is about units at large; on cases everything happens in the last hours, after all else on them,
so that each case's history stays in order.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import Unit, User
from accounts.roles import Role
from config.demo_city.simulation import STILL_NEWS, fire_clocks
from config.demo_city.world import CITY_OFFICE, World
from dispatch.actions import findings, notices, suggestions, supervision
from dispatch.calendar import CITY_TIME
from dispatch.forms.supervision import scope_units
from dispatch.models import Clock, Proposal, SupervisionOrder, WorkOrder
from dispatch.states import OrderState
from dispatch.supervision import SupervisionLevel
from petitions.models import Event
from petitions.states import Refused

Act = Callable[[datetime], Any]
_CONFIRMED = 5


def oversee(world: World) -> None:
    """Let the offices supervise the city as it stands; two transactions, all or nothing each."""
    with transaction.atomic():
        _past(world)
    with transaction.atomic():
        findings.find(at=world.until)
        _on_cases(world)
        running = Clock.objects.filter(state=Clock.State.RUNNING)
        fire_clocks(running, world.until, world.until)
        notices.settle(before=world.until - STILL_NEWS)


def _ago(world: World, days: float, hour: int = 10) -> datetime:
    """A working hour so many days before the present."""
    day = world.until.astimezone(CITY_TIME) - timedelta(days=days)
    return min(day.replace(hour=hour, minute=8 * hour % 60, second=0, microsecond=0), world.until)


def _play(world: World, acts: Sequence[tuple[datetime, Act]]) -> None:
    """Take the steps in order; between them every rung that comes due fires at its own minute."""
    own = Clock.objects.filter(subject__in=["supervision", "suggestion"], petition=None, state=Clock.State.RUNNING)
    before = acts[0][0]
    for at, act in sorted(acts, key=lambda pair: pair[0]):
        fire_clocks(own, before, at)
        act(at)
        before = at
    fire_clocks(own, before, world.until)


def _leader(world: World, unit: Unit) -> User:
    people = world.people.get((unit.code, "leader")) or list(unit.users.filter(is_active=True))
    return people[0]


# ---- units at large, weeks ago ----


def _past(world: World) -> None:
    officer = world.star(CITY_OFFICE, "officer")
    units = [unit for unit in world.units.values() if unit.kind == Unit.Kind.BUREAU and unit.area.kind == "district"]
    units = sorted(units, key=lambda unit: (unit.duty != "housing", unit.code))[:4]
    _play(world, [*_orders(world, officer, units), *_suggestions(world, officer, units)])


_SLOW = "近期你单位工单签收、首次联系超期较多，请逐件核查原因，明确专人值守，并书面报告整改情况。"
_LOOSE = "近期回访发现你单位存在反馈内容与实际不符、未与信访人联系的情况，请立即整改并书面报告。"


def _orders(world: World, officer: User, units: Sequence[Unit]) -> list[tuple[datetime, Act]]:
    ended, answered, waiting, listed = units
    rows: dict[str, SupervisionOrder] = {}

    def issue(name: str, unit: Unit, level: str, trigger: str, text: str, **details: Any) -> Act:
        def act(at: datetime) -> None:
            rows[name] = supervision.issue(
                unit=unit, level=level, trigger=trigger, text=text, actor=officer, at=at, **details
            )

        return act

    done = "已逐件核查，建立值班签收制度，明确两名值守人员，超期工单全部办结并回访。"
    result = "经抽查十件工单，均按期签收、联系，整改属实。"
    again = "已约谈经办人，重新联系全部信访人，并对反馈内容逐件复核，三日内完成。"
    until = (world.until + timedelta(days=45)).astimezone(CITY_TIME).date()
    return [
        (_ago(world, 21), issue("ended", ended, SupervisionLevel.ORDER, "overdue", _SLOW)),
        (
            _ago(world, 17),
            lambda at: supervision.answer(rows["ended"].pk, text=done, actor=_leader(world, ended), at=at),
        ),
        (_ago(world, 15), lambda at: supervision.accept(rows["ended"].pk, result=result, actor=officer, at=at)),
        (_ago(world, 6), issue("answered", answered, SupervisionLevel.LETTER, "bad_handling", _LOOSE)),
        (
            _ago(world, 1, 15),
            lambda at: supervision.answer(rows["answered"].pk, text=again, actor=_leader(world, answered), at=at),
        ),
        (_ago(world, 12), issue("waiting", waiting, SupervisionLevel.ORDER, "overdue", _SLOW)),
        (_ago(world, 9), issue("listed", listed, SupervisionLevel.LETTER, "repeated", _SLOW)),
        (
            _ago(world, 2),
            lambda at: supervision.raise_level(
                rows["listed"].pk,
                level=SupervisionLevel.LISTED,
                reason="催办函逾期未答复，同类信访件继续上升",
                listed_until=until,
                is_public=False,
                actor=_conference(world),
                at=at,
            ),
        ),
    ]


def _conference(world: World) -> User:
    """Listing and what is above it is the joint conference's."""
    people = User.objects.filter(role=Role.CONFERENCE_OFFICER, is_active=True).select_related("unit__area")
    return people.order_by("pk").first() or world.star(CITY_OFFICE, "officer")


# Issue, evidence, proposal.
_LIFT = (
    "老旧小区电梯应急维修资金启动慢",
    "近三个月同类信访件十余件，平均等待维修资金审批二十一天，其中五件逾期。",
    "建议简化应急维修资金启动程序，三日内完成审批，并公布办理指南。",
)
_ROAD = (
    "支路破损维修责任不清",
    "同一路段先后派往三个单位，两次退单，群众重复反映。",
    "建议明确支路养护责任清单，纳入派单目录。",
)
_NOISE = (
    "夜间施工噪声投诉处置标准不一",
    "今年夜间施工噪声类信访件持续上升，各部门认定标准不一，群众反复反映。",
    "建议出台夜间施工审批与执法联动办法，统一认定标准和处置时限。",
)
_DUTY = (
    "办理信访件弄虚作假",
    "经回访核实，同一单位两件反馈内容与实际严重不符，信访人两次否认已联系。",
    "建议对负有责任的人员予以追责，并通报处理结果。",
)


def _suggestions(world: World, officer: User, units: Sequence[Unit]) -> list[tuple[datetime, Act]]:
    made: dict[str, Any] = {}
    government = next(u for u in world.units.values() if u.kind == Unit.Kind.GOVERNMENT and u.area.kind == "district")

    def issue(name: str, kind: str, addressee: Unit, issue: str, evidence: str, proposal: str) -> Act:
        def act(at: datetime) -> None:
            made[name] = suggestions.issue(
                kind=kind, addressee=addressee, issue=issue, evidence=evidence, proposal=proposal, actor=officer, at=at
            )

        return act

    agreed = "已修订应急维修资金使用办法，审批压缩至三个工作日，自下月起施行。"
    return [
        (_ago(world, 48), issue("lift", "improve_work", units[0], *_LIFT)),
        (
            _ago(world, 30),
            lambda at: suggestions.answer(
                made["lift"].pk, verdict="adopted", reasons=agreed, actor=_leader(world, units[0]), at=at
            ),
        ),
        (
            _ago(world, 11),
            lambda at: suggestions.follow_up(
                made["lift"].pk, text="办法已施行，近两周同类信访件下降过半。", actor=officer, at=at
            ),
        ),
        (_ago(world, 39), issue("road", "improve_work", units[1], *_ROAD)),
        (_ago(world, 9), issue("noise", "improve_policy", government, *_NOISE)),
        (_ago(world, 26), issue("duty", "pursue_liability", government, *_DUTY)),
        (
            _ago(world, 7),
            lambda at: suggestions.answer(
                made["duty"].pk,
                verdict="partly",
                reasons="已对直接责任人诫勉谈话；经核查主要负责人已履行督促职责，不予追责。",
                actor=_leader(world, government),
                at=at,
            ),
        ),
    ]


# ---- on cases, in the last hours ----


def _after_all(world: World, petition_id: int, hours: float) -> datetime:
    """A moment in the last hours that lies after everything on the case."""
    last = Event.objects.filter(petition=petition_id).aggregate(at=Max("at"))["at"]
    return max(world.until - timedelta(hours=hours), last)


def _on_cases(world: World) -> None:
    officer = world.star(CITY_OFFICE, "officer")
    rows = Proposal.objects.visible_to(officer).filter(decided_at=None, order__isnull=False)
    found = list(rows.select_related("unit__area", "order", "petition").order_by("-found_at", "id"))
    chosen = [row for row in found if row.trigger == "overdue"][:_CONFIRMED]
    for place, row in enumerate(chosen):
        _confirm(world, officer, row, list(SupervisionLevel.values)[min(place, 4)], 3.0 - place / 4)
    rest = [row for row in found if row not in chosen]
    for row in rest[:2]:
        supervision.set_aside(row.pk, reason="已电话核实，承办单位今日办结", actor=officer, at=world.until)
    _remind(world, {row.order_id for row in chosen if row.order_id})


def _confirm(world: World, officer: User, row: Proposal, level: str, hours: float) -> None:
    text = "该件已超过办理时限，请立即办理并联系信访人，书面说明超期原因、已采取的措施和完成时限。"
    at = _after_all(world, row.petition_id or 0, hours)
    by_level: dict[str, dict[str, Any]] = {
        "listed": {"listed_until": (world.until + timedelta(days=30)).astimezone(CITY_TIME).date()},
        "interview": {
            "talk_at": world.until + timedelta(days=2),
            "talk_place": "市信访局302会议室",
            "talk_attendees": "市联席办负责人、承办单位主要负责人",
        },
        "circular": {
            "circular_text": "近期个别单位对群众反映的问题办理不及时、不说明原因，现予通报，各单位引以为戒。",
            "scope": list(scope_units("line", row.unit)),
        },
    }
    details = by_level.get(level, {})
    try:
        supervision.issue(
            unit=row.unit, level=level, trigger=row.trigger, text=text, petition_id=row.petition_id,
            order_id=row.order_id, finding_id=row.pk, actor=officer, at=at, **details,
        )  # fmt: skip
    except Refused:
        # Another finding on the same case came first.
        return


def _remind(world: World, supervised: set[int]) -> None:
    """Some orders at work are reminded; every second unit has told how far it is."""
    rows = WorkOrder.objects.filter(state=OrderState.IN_HAND, petition__is_restricted=False).exclude(pk__in=supervised)
    for place, order in enumerate(rows.select_related("unit").order_by("next_due_at", "id")[:6]):
        at = _after_all(world, order.petition_id, 5)
        supervision.remind(order.pk, text="请抓紧办理并回复进展", actor=world.star(CITY_OFFICE, "officer"), at=at)
        if place % 2 == 0:
            leader = _leader(world, order.unit)
            later = min(world.until, at + timedelta(minutes=40))
            supervision.answer_reminder(order.pk, text="已到现场核实，正在协调，两日内反馈。", actor=leader, at=later)
