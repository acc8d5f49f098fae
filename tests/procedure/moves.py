"""The steps the rows of the procedure name, each taken through the real action."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.procedure import Row, Step
from dispatch.actions import ledger, orders, returns
from dispatch.actions.assignments import report_closing
from dispatch.actions.conference import name_lead
from dispatch.assignments import Assignment
from dispatch.models import Clock, Extension, WorkOrder
from petitions import actions
from petitions.actions import Part, Person, Signer, hearings, reviews
from petitions.models import Petition, Petitioner
from petitions.permissions import citizen
from tests import remedies
from tests.city import City, draft

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORDS = "已查明有关情况并依法作出处理，详见意见书。"
Role = Petitioner.Role


def moment(text: str) -> datetime:
    """`2026-03-02 10:00` in Shanghai."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@dataclass
class Case:
    """What a row works on: the city, and the petitions it has registered, the newest last."""

    city: City
    row: Row
    petitions: list[Petition] = field(default_factory=list)

    @property
    def petition(self) -> Petition:
        return self.petitions[-1]

    @property
    def order(self) -> WorkOrder:
        """The newest lead order of the newest petition."""
        rows = WorkOrder.objects.filter(petition=self.petition, is_lead=True, parent=None)
        return rows.latest("seq")

    def actor(self, name: str) -> Any:
        """A person of the city, or the petitioner of the newest petition."""
        return citizen(self.petition.pk) if name == "citizen" else self.city.people[name]


def register(case: Case, step: Step, *, repeats: Petition | None = None) -> None:
    """Register what `given` describes, received by `office` (the city office unless said)."""
    given, city, at = case.row.given, case.city, moment(step.at)
    fields: dict[str, Any] = {
        "channel": given.get("channel", "letter"),
        "purpose": step.options.get("purpose", given.get("purpose", "QJ")),
        "route": given.get("route", ""),
        "urgency": given.get("urgency", "normal"),
        "headcount": given.get("headcount", 1),
        "petition_date": at.date(),
        "register_unit": city.units[step.options.get("office", given.get("office", "city_office"))],
        "is_anonymous": bool(given.get("anonymous")),
        "repeat_of": repeats,
    }
    if given.get("anonymous"):
        fields["person"] = Person()
    if given.get("respondent"):
        fields["respondent_unit"] = city.units[given["respondent"]]
    if given.get("representatives"):
        fields["signers"] = _people(int(given["representatives"]), Role.REPRESENTATIVE)
    case.petitions.append(actions.register(draft(city, **fields), actor=city.people[step.who], at=at))


def _people(count: int, role: str = Role.SIGNER, start: int = 1) -> list[Signer]:
    return [
        Signer(Person(name=f"联名{chr(0x4E00 + n)}", phone=f"139000{n:05d}"), role) for n in range(start, start + count)
    ]


def again(case: Case, step: Step) -> None:
    """The same person raises the same matter once more."""
    register(case, step, repeats=case.petition)


def _dispatch(case: Case, step: Step, assignment: Assignment | None = None) -> None:
    orders.dispatch(
        case.petition.pk,
        lead=case.city.units[step.options.get("lead", "housing")],
        assignment=assignment,
        actor=case.actor(step.who),
        at=moment(step.at),
    )


def assign(case: Case, step: Step) -> None:
    """Assign with a term; another than the usual thirty days with a reason."""
    reason = step.options.get("reason", "")
    _dispatch(case, step, Assignment(int(step.options.get("days", "30")), reason))


def handle(case: Case, step: Step) -> None:
    """The unit signs, speaks with the petitioner and feeds back; the office checks and calls back. Within two days."""
    city, order, at = case.city, case.order, moment(step.at)
    unit = {"housing": "handler", "enforcement": "other_handler", "transport": "outsider"}
    key = next(name for name, row in city.units.items() if row.pk == order.unit_id)
    handler = city.people[unit[key]]
    orders.sign(order.pk, actor=handler, at=at)
    if not case.petition.is_anonymous:
        orders.record_contact(order.pk, means="phone", said="已与信访人通话。", actor=handler, at=at)
    feedback: dict[str, Any] = {"outcome": "solved", "findings": WORDS, "actor": handler}
    orders.feed_back(order.pk, at=at + timedelta(hours=1), **feedback)
    orders.check(order.pk, passes=True, actor=city.people["officer"], at=at + timedelta(hours=2))
    if not case.petition.is_anonymous:
        answers = {"was_contacted": True, "solved": "yes", "satisfaction": 3}
        more: dict[str, Any] = {"answers": answers, "actor": city.people["officer"], "at": at + timedelta(hours=3)}
        orders.call_back(order.pk, result="reached", said="满意", **more)


def feed_back(case: Case, step: Step) -> None:
    """The unit's feedback alone."""
    at, order, actor = moment(step.at), case.order, case.actor(step.who)
    orders.sign(order.pk, actor=actor, at=at)
    if not case.petition.is_anonymous:
        orders.record_contact(order.pk, means="phone", said="已与信访人通话。", actor=actor, at=at)
    orders.feed_back(order.pk, outcome="solved", findings=WORDS, actor=actor, at=at)


def extend(case: Case, step: Step) -> None:
    """The head of the unit extends the handling period by so many days, and the petitioner is told why."""
    at, order, city = moment(step.at), case.order, case.city
    if order.state == "waiting":
        orders.sign(order.pk, actor=city.people["handler"], at=at)
    clock = Clock.objects.get(petition=case.petition, policy__key__in=["D05_handle", "Z03_handle"], state="running")
    asked: dict[str, Any] = {"clock": clock, "amount": int(step.options["days"]), "reason": "情况复杂，需要委托鉴定。"}
    ledger.ask_extension(order.pk, actor=city.people["handler"], at=at, **asked)
    entry = Extension.objects.filter(clock=clock).latest("id")
    told = {"told_how": "letter", "told": "因需要委托鉴定，办理期限予以延长。"}
    ledger.extend(order.pk, extension=entry, actor=case.actor(step.who), at=at, **told)


def ask_return(case: Case, step: Step) -> None:
    """The unit objects that another unit is in charge."""
    city = case.city
    more: dict[str, Any] = {
        "actor": case.actor(step.who),
        "at": moment(step.at),
        "right_unit": city.units["enforcement"],
    }
    returns.ask_return(case.order.pk, reason="R1", words="该事项不属于我局法定职责，应由综合执法部门办理。", **more)


def ask_review(case: Case, step: Step) -> None:
    """The request, at the counter or by the citizen."""
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    reviews.request(
        case.petition.pk, request="对处理意见不服，请求撤销并重新办理。", **more, excuse=step.options.get("excuse", "")
    )


def admit_review(case: Case, step: Step) -> None:
    """Admitted, with two investigators named."""
    people = remedies.team(case.city, reviews.open_request(case.petition.pk))
    reviews.admit(case.petition.pk, investigators=people, actor=people[0], at=moment(step.at))


def decide_review(case: Case, step: Step) -> None:
    """Uphold, change or revoke."""
    outcome = step.options.get("outcome", "uphold")
    reviewer = remedies.team(case.city, reviews.open_request(case.petition.pk))[0]
    more: dict[str, Any] = {"actor": reviewer, "at": moment(step.at)}
    if outcome != "uphold":
        more["grounds"] = ["facts"]
    if outcome == "revoke":
        more["term"] = int(step.options.get("days", "30"))
    if outcome == "change":
        more["new_opinion"] = "变更为：由住建局另行组织维修并承担费用。"
    reviews.decide(case.petition.pk, outcome=outcome, opinion=WORDS, **more)


def hold_hearing(case: Case, step: Step) -> None:
    """A hearing with chair, clerk and panel, two weeks ahead."""
    at, city = moment(step.at), case.city
    hearings.hold(
        case.petition.pk,
        subject="电梯停运责任及维修费用",
        held_at=at + timedelta(days=int(step.options.get("in_days", "12"))),
        place="市信访局听证室",
        seats=remedies.seats(city),
        actor=case.actor(step.who),
        at=at,
    )


def end_hearing(case: Case, step: Step) -> None:
    """Session, record and conclusion on the day it was set for."""
    row = hearings.open_hearing(case.petition.pk)
    people = remedies.team(case.city, reviews.open_request(case.petition.pk))
    remedies.concluded(case.city, remedies.sat(case.city, row, actor=people[0]), actor=people[0])


def split(case: Case, step: Step) -> None:
    """Split off so many matters."""
    city = case.city
    parts = [
        Part(summary=f"事项{n}", content="地下车库每逢下雨积水。", content_class=city.classes["0303"])
        for n in range(int(step.options.get("parts", "1")))
    ]
    more: dict[str, Any] = {"reason": "一信多事", "actor": case.actor(step.who), "at": moment(step.at)}
    case.petitions += actions.split(case.petition.pk, parts=parts, **more)


def withdraw_signer(case: Case, step: Step) -> None:
    """The main petitioner, or with `all` one after another until nobody is left."""
    row = Petitioner.objects.filter(petition=case.petition, withdrawn_at=None).order_by("-is_main").first()
    assert row is not None
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    actions.withdraw_signer(case.petition.pk, petitioner_id=row.pk, reason="本人书面撤回", **more)


def _plain(action: Callable[..., Any], **fields: Any) -> Callable[[Case, Step], None]:
    """A step that takes a petition, fixed words, actor and time."""

    def run(case: Case, step: Step) -> None:
        action(case.petition.pk, **fields, actor=case.actor(step.who), at=moment(step.at))

    return run


def _on_order(action: Callable[..., Any], **fields: Any) -> Callable[[Case, Step], None]:
    def run(case: Case, step: Step) -> None:
        action(case.order.pk, **fields, actor=case.actor(step.who), at=moment(step.at))

    return run


def set_route(case: Case, step: Step) -> None:
    """Another purpose or route."""
    options = step.options
    actions.set_route(
        case.petition.pk,
        purpose=options.get("purpose", case.petition.purpose),
        route=options.get("route", ""),
        reason="登记有误，予以更正",
        actor=case.actor(step.who),
        at=moment(step.at),
    )


def answer_at_once(case: Case, step: Step) -> None:
    """With the person's agreement, unless `agreed=no`."""
    actions.answer_at_once(
        case.petition.pk,
        answer="可凭身份证到窗口办理。",
        agreed=step.options.get("agreed") != "no",
        adoption=step.options.get("adoption", ""),
        actor=case.actor(step.who),
        at=moment(step.at),
    )


def reply(case: Case, step: Step) -> None:
    """The office's reply; with `reason` the same words as a revoked opinion are given, found anew."""
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    if "reason" in step.options:
        more["overrule"] = "已经重新查明有关事实。"
    actions.reply(case.petition.pk, text=WORDS, adoption=step.options.get("adoption", ""), **more)


def lead_out(case: Case, step: Step) -> None:
    """Led out by the given route."""
    route = step.options.get("route", case.row.given.get("route", "litigation"))
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    actions.lead_out(case.petition.pk, route=route, explanation="请向有权机关依法提出。", **more)


def add_signers(case: Case, step: Step) -> None:
    """So many signers, or representatives."""
    role = step.options.get("role", Role.SIGNER)
    people = _people(int(step.options.get("count", "1")), role, int(step.options.get("from", "1")))
    actions.add_signers(case.petition.pk, signers=people, actor=case.actor(step.who), at=moment(step.at))


def hand_over(case: Case, step: Step) -> None:
    """To the office of Xiangshan, where the problem lies."""
    city = case.city
    place: dict[str, Any] = {"to_office": city.units["far_office"], "area": city.areas["330225"]}
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    actions.hand_over(case.petition.pk, reason="问题发生地在象山县", **place, **more)


def rule_over(case: Case, step: Step) -> None:
    """`goes=yes` or `no`."""
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    actions.rule_over(case.petition.pk, goes=step.options.get("goes") == "yes", remark="按问题发生地裁定", **more)


def lead_named(case: Case, step: Step) -> None:
    """The joint conference names the lead unit."""
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    name_lead(case.petition.pk, lead=case.city.units["housing"], reason="房屋所在地主管部门", **more)


def merge(case: Case, step: Step) -> None:
    """The newest into the one before it."""
    into = Petition.objects.get(pk=case.petitions[-2].pk)
    more: dict[str, Any] = {"actor": case.actor(step.who), "at": moment(step.at)}
    actions.merge(case.petition.pk, into=into, reason="同一件重复提交", **more)


def close(case: Case, step: Step) -> None:
    """Rated first where nobody has; the older petition of a split one when `which=first`."""
    petition = case.petitions[0] if step.options.get("which") == "first" else case.petition
    at, actor = moment(step.at), case.actor(step.who)
    if not petition.ratings.exists():
        actions.rate(petition.pk, office=3, unit=3, comment="", actor=case.city.people["officer"], at=at)
    actions.close(petition.pk, remark="", without_parts=step.options.get("why", ""), actor=actor, at=at)


def look(case: Case, step: Step) -> None:
    """Time passes; somebody looks."""


MOVES: dict[str, Callable[[Case, Step], None]] = {
    "register": register,
    "again": again,
    "dispatch": _dispatch,
    "assign": assign,
    "sign": _on_order(orders.sign),
    "handle": handle,
    "feed_back": feed_back,
    "report_closing": _on_order(report_closing, report=WORDS * 2),
    "ask_return": ask_return,
    "reject_return": _on_order(returns.reject_return, ruling="按职责清单属于你局，请依法办理。"),
    "accept_return": _on_order(returns.accept_return, ruling="异议成立，退回另行转送。"),
    "recall": _on_order(orders.recall, reason="派错单位"),
    "accept": _plain(actions.accept, text="已受理，将依法办理。"),
    "notify_receipt": _plain(actions.notify_receipt, text="已收到，由住建局办理。"),
    "not_accept": _plain(actions.not_accept, grounds="属于其他机关职权。", remedy="请向有权机关提出。"),
    "no_longer_accept": _plain(actions.no_longer_accept, ground="rereviewed", explanation="该事项已经复核终结。"),
    "set_route": set_route,
    "lead_out": lead_out,
    "answer_at_once": answer_at_once,
    "reply": reply,
    "deliver": _plain(actions.deliver_opinion, way="by_hand"),
    "extend": extend,
    "ask_review": ask_review,
    "admit_review": admit_review,
    "decide_review": decide_review,
    "deliver_review": _plain(reviews.deliver, way="by_hand"),
    "hold_hearing": hold_hearing,
    "end_hearing": end_hearing,
    "drop_hearing": _plain(hearings.drop, reason="信访人撤回听证申请"),
    "withdraw": _plain(actions.withdraw, reason="信访人书面撤回"),
    "withdraw_signer": withdraw_signer,
    "add_signers": add_signers,
    "supplement": _plain(actions.supplement, text="补充材料一份"),
    "split": split,
    "merge": merge,
    "hand_over": hand_over,
    "take_over": _plain(actions.take_over),
    "refuse_over": _plain(actions.refuse_over, remark="问题不在本县"),
    "rule_over": rule_over,
    "lay_before": _plain(actions.lay_before, kinds=["regions"], reason="两地均称无权"),
    "name_lead": lead_named,
    "name_new_facts": _plain(actions.name_new_facts, facts="新取得的检测报告显示主板为旧件。"),
    "report_up": _plain(actions.report_up, to="市政府总值班室", text="可能影响人身安全。"),
    "rework": _plain(actions.rework, reason="回访反映未修复"),
    "reopen": _plain(actions.reopen, reason="新的事实"),
    "close": close,
    "look": look,
}
