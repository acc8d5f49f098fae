"""Whose matter is it: returns, consultations, assisting units and absences of the demo city, planned and played."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from accounts.absences import AbsenceRefused, set_absence
from accounts.actors import Actor
from accounts.models import Unit
from config.demo_city.cases import Case
from config.demo_city.world import World
from dispatch.actions import consultations, leading, orders, returns
from dispatch.models import Opinion, WorkOrder
from petitions.models import Purpose

if TYPE_CHECKING:
    from config.demo_city.lives import Life

_HELPS, _CONSULTS = 0.07, 0.02


def is_discussed(case: Case) -> bool:
    """Accusations pass through named hands only, and urgent matters are not argued about."""
    return case.matter.purpose != Purpose.ACCUSE and not case.matter.is_urgent


def _hours(case: Case, low: float, high: float) -> timedelta:
    return timedelta(hours=case.rng.uniform(low, high))


# ---- planned ----


def pass_the_buck(life: "Life") -> bool:
    """Dispatched to the town first, which says it is not its own; the hub agrees, and the right unit has it."""
    case = life.case
    wrong = life.world.units[case.town.code]
    if wrong.code == case.unit.code or not is_discussed(case):
        return False
    leader = life.world.post(wrong.code, "leader", case.rng)
    life.do("dispatch", unit=wrong, text=case.teller.phrase("instruction"))
    life.wait(_hours(case, 0.3, 2))
    life.do("sign", who=leader)
    life.wait(_hours(case, 0.5, 5))
    text = case.teller.phrase("not_ours", right=case.unit.short_name)
    life.do("ask_return", who=leader, reason=case.rng.choice(["R1", "R2", "R2"]), right=case.unit, text=text)
    life.wait(_hours(case, 0.5, 9))
    life.do("accept_return", text=case.teller.phrase("accept_return"))
    return True


def resist(life: "Life") -> None:
    """The right unit objects once it has signed, and hears that the matter is its own, finally."""
    case = life.case
    if not is_discussed(case) or case.rng.random() > case.profile.asks_return * 0.6:
        return
    life.wait(_hours(case, 0.1, 1))
    life.do("ask_return", who=case.leader, reason="R3", right=None, text=case.teller.phrase("not_us"))
    life.wait(_hours(case, 0.5, 8))
    life.do("reject_return", text=case.teller.phrase("reject_return"))


def dispatch_or_consult(life: "Life") -> None:
    """Usually one unit; now and then with another that assists; seldom after a consultation."""
    case = life.case
    other = life.world.units[case.town.code]
    apart = other.code != case.unit.code and is_discussed(case)
    dice = case.rng.random()
    if apart and dice < _CONSULTS:
        ask(life, other)
        for who, stance in ((case.leader, "ours"), (life.world.post(other.code, "leader", case.rng), "assist")):
            life.wait(_hours(case, 1, 9))
            life.do("opine", who=who, stance=stance, text=case.teller.phrase(f"opinion_{stance}"))
        life.wait(_hours(case, 2, 9))
        life.do("rule", assisting=[other], text=case.teller.phrase("ruling", lead=case.unit.short_name))
        return
    life.dispatch()
    if apart and dice < _CONSULTS + _HELPS:
        life.do("assist", units=[other], text=case.teller.phrase("assist"))


def ask(life: "Life", other: Unit) -> None:
    text = life.case.teller.phrase("question", one=life.case.unit.short_name, other=other.short_name)
    life.do("consult", units=[life.case.unit, other], text=text)


# ---- played ----


def _ask_return(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    words = {"reason": data["reason"], "words": data["text"], "right_unit": data["right"]}
    returns.ask_return(case.order_id, **words, actor=data["who"], at=at)


def _accept_return(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    fresh = returns.accept_return(case.order_id, ruling=data["text"], to=case.unit, actor=case.officer, at=at)
    assert fresh is not None
    case.order_id = fresh.pk


def _reject_return(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    returns.reject_return(case.order_id, ruling=data["text"], actor=case.officer, at=at)


def _consult(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    consultations.call(case.petition_id, units=data["units"], question=data["text"], actor=case.officer, at=at)


def _opine(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    stance = Opinion.Stance(data["stance"])
    consultations.opine(case.petition_id, stance=stance, text=data["text"], actor=data["who"], at=at)


def _rule(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    words = {"lead": case.unit, "assisting": data["assisting"], "ruling": data["text"]}
    consultations.rule(case.petition_id, **words, actor=case.officer, at=at)
    case.order_id = WorkOrder.objects.get(petition=case.petition_id, is_open=True, is_lead=True).pk


def _assist(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    leading.add_assisting(case.petition_id, units=data["units"], instruction=data["text"], actor=case.officer, at=at)


def help_done(case: Case, at: datetime) -> None:
    """What the assisting units owe is fed back and checked, so that the lead can sum up."""
    for order in WorkOrder.objects.filter(petition=case.petition_id, is_open=True, is_lead=False, state="waiting"):
        leader = order.unit.users.filter(is_active=True, role="unit_admin").first()
        if leader is None:
            continue
        orders.record_contact(order.pk, means="phone", said=case.teller.phrase("help_contact"), actor=leader, at=at)
        findings = case.teller.phrase("help_done")
        orders.feed_back(order.pk, outcome="solved", findings=findings, actor=leader, at=at)
        orders.check(order.pk, passes=True, actor=case.officer, at=at)


ACTS: dict[str, Callable[[Case, World, datetime, dict[str, Any]], None]] = {
    "ask_return": _ask_return,
    "accept_return": _accept_return,
    "reject_return": _reject_return,
    "consult": _consult,
    "opine": _opine,
    "rule": _rule,
    "assist": _assist,
}


def send_on_leave(world: World, seed: str) -> None:
    """A few people are away around the present; a colleague of the cast's unit stands in for one of them."""
    day = timedelta(days=1)
    for code in ("330203-HOUSING", "330212-ENFORCEMENT", "NB-12345"):
        staff = world.people.get((code, "handler"), []) or world.people.get((code, "officer"), [])
        star = world.star(code, "handler" if (code, "handler") in world.people else "officer")
        away = next((user for user in staff if user != star and user.unit_id == star.unit_id), None)
        if away is None:
            continue
        rng = Random(f"{seed}/leave/{code}")  # noqa: S311
        since = world.until - day * rng.randrange(1, 3)
        try:
            set_absence(
                away,
                substitute=star,
                since=since,
                until=since + day * rng.randrange(4, 12),
                reason=rng.choice(["年休假", "外出培训", "病假"]),
                actor=Actor.system(),
                at=since - day,
            )
        except AbsenceRefused:
            continue
