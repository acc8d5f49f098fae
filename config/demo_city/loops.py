"""How the loop is closed in the demo city: explanations, verification talks, missed calls, bad ratings put right,
matters raised once more and found out only later."""

from datetime import datetime, timedelta
from typing import Any

from config.demo_city.cases import Case
from config.demo_city.world import World
from dispatch.actions import callbacks, calls, loop, orders, ratings, talks
from dispatch.models import CallTask
from petitions import actions as petitions

UNRESOLVED = frozenset({"explained", "unsolved"})
# The five levels a petitioner names for what the plan calls 3, 2 or 1.
LEVELS = {3: 5, 2: 3, 1: 2}


# -- planned: called with a life of lives.py ---------------------------------------------------------------------------


def explain(life: Any, outcome: str) -> None:
    """What stays unsolved is explained to the person before it is fed back."""
    life.outcome = outcome
    if outcome in UNRESOLVED and not life.case.is_anonymous:
        life.do("explain", text=life.case.teller.phrase("explained"), basis=life.case.matter.basis or "有关政策规定")


def verify(life: Any) -> None:
    """After a rework, and where it stays unsolved, the office asks once more before closing."""
    if (life.is_reworked or life.outcome in UNRESOLVED) and not life.case.is_anonymous:
        life.do("verify", text=life.case.teller.phrase("verified"))
        life.at += timedelta(minutes=life.case.rng.uniform(5, 90))


def mend(life: Any) -> None:
    """A bad rating that was not sent back: called about, put right (late now and then), rated once more."""
    rng, teller = life.case.rng, life.case.teller
    life.wait(timedelta(hours=rng.uniform(1, 20)))
    life.do("bad_called", text=teller.phrase("said_1"))
    life.wait(timedelta(days=rng.triangular(2, 18, 6)))
    life.do("put_right", text=teller.phrase("put_right"))
    life.wait(timedelta(hours=rng.uniform(3, 50)))
    life.do("rerate", office=3, unit=rng.choice([3, 3, 2]), text=teller.phrase("rate_3"))
    life.wait(timedelta(hours=rng.uniform(1, 9)))


# -- played: steps of simulation.py ------------------------------------------------------------------------------------


def _explain(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    talks.explain(
        case.order_id,
        explained_by=case.handler.name,
        explained_at=at,
        means="meeting",
        legal_basis=data["basis"],
        text=data["text"],
        stance=case.rng.choice(["accepts", "understands", "understands", "rejects"]),
        actor=case.handler,
        at=at,
    )


def _verify(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    talks.verify(case.petition_id, means="phone", said=data["text"], actor=case.replier, at=at)


def _miss_call(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    task = CallTask.objects.open().filter(petition=case.petition_id).first()
    if task is None:
        orders.call_back(case.order_id, result="unreached", said=data["text"], actor=case.caller, at=at)
        return
    calls.claim(task.pk, actor=case.caller, at=at)
    callbacks.record(task.pk, result="unreached", said=data["text"], actor=case.caller, at=at)


def _bad_called(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    ratings.call_about(case.petition_id, said=data["text"], actor=case.replier, at=at)


def _put_right(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    ratings.find_unmended(at=at)
    ratings.put_right(case.petition_id, measures=data["text"], actor=case.handler, at=at)


def _rerate(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.rerate(
        case.petition_id, office=data["office"], unit=data["unit"], comment=data["text"], actor=case.replier, at=at
    )


def _raise_twice(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    loop.raise_to_supervision(case.petition_id, actor=case.replier, at=at)


ACTS = {
    "explain": _explain,
    "verify": _verify,
    "miss_call": _miss_call,
    "bad_called": _bad_called,
    "put_right": _put_right,
    "rerate": _rerate,
    "raise_twice": _raise_twice,
}
