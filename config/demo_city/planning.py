"""Plans the whole city: the open stock of the present, and the months of finished cases before it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random

from config.demo_city.cases import ROUND_THE_CLOCK, Case, Wish, invent
from config.demo_city.hours import in_office
from config.demo_city.lives import shift, whole_life
from config.demo_city.stock import stock_cases
from config.demo_city.world import World
from dispatch.actions import clocks
from dispatch.calendar import CITY_TIME
from petitions.actions import next_serials

Cluster = list[Case]

_WEEK = timedelta(days=7)
_REPEATS, _MERGES = 0.05, 0.02
# Ends and turns that a small city might lack by chance.
_RARE = (
    *("merge", "withdraw", "lead_out", "rework", "reopen", "put_right", "raise_twice"),
    *("accept_return", "reject_return", "rule", "assist"),
)


def plan(world: World, *, petitions: int, seed: str, months: int) -> list[Cluster]:
    """Clusters of cases with exactly `petitions` cases, the open stock first, then the newest first.

    So the desks have work within seconds, and the past fills in behind. Draws the numbers, in order of registration.
    """
    clusters = [[case] for case in stock_cases(world, seed, petitions)]
    _give_history(clusters, world, seed)
    _watch_by_leaders(clusters, world)
    del clusters[petitions:]
    room = petitions - sum(map(len, clusters))
    history: list[Cluster] = []
    for cluster in _history(world, seed, months):
        if room <= 0:
            break
        history.append(cluster[:room])
        room -= len(cluster[:room])
    history.sort(key=lambda cluster: cluster[0].begins, reverse=True)
    _number([case for cluster in (*clusters, *history) for case in cluster])
    return clusters + history


def _number(cases: list[Case]) -> None:
    """Numbers in the order of registration, although the newest are played first."""
    by_year: dict[int, list[Case]] = {}
    for case in sorted(cases, key=lambda case: case.begins):
        by_year.setdefault(case.begins.astimezone(CITY_TIME).year, []).append(case)
    for year, group in by_year.items():
        for case, serial in zip(group, next_serials(year, len(group)), strict=True):
            case.serial = serial


def _give_history(clusters: list[Cluster], world: World, seed: str) -> None:
    """An open repeat petition needs the closed one it repeats."""
    for number, cluster in enumerate(clusters):
        child = cluster[0]
        if child.is_repeat:
            rng = Random(f"{seed}/parent/{number}")  # noqa: S311
            parent = _same_person(world, rng, child)
            whole_life(parent, world, child.begins - timedelta(days=rng.uniform(50, 90)))
            _end_before(parent, child.begins)
            child.parent = parent
            cluster.insert(0, parent)


def _same_person(world: World, rng: Random, other: Case) -> Case:
    """Another case of the same person on the same matter at the same place."""
    wish = Wish(district=other.district.code, kind="handled")
    case = invent(world, rng, other.begins, wish)
    case.matter, case.town, case.teller = other.matter, other.town, other.teller
    case.unit, case.leader, case.handler = other.unit, other.leader, other.handler
    case.person, case.title, case.urgency = other.person, other.title, other.urgency
    case.is_anonymous, case.headcount = False, other.headcount
    case.story = other.teller.story()
    return case


def _watch_by_leaders(clusters: list[Cluster], world: World) -> None:
    """A few open matters in Haishu are followed by a lead official, who sees what he is named for."""
    leader, officer = world.named("luozhengfei"), world.named("shenyiming")
    followed = 0
    for cluster in clusters:
        case = cluster[-1]
        is_worked_on = any(step.kind == "contact" for step in case.steps)
        if leader and officer and followed < 4 and case.district.code == "330203" and is_worked_on:
            at = case.ends + (world.until - case.ends) / 2
            case.add("name_leader", at, who=leader, by=officer, text=case.teller.phrase("name_leader"))
            followed += 1


def _history(world: World, seed: str, months: int) -> Iterator[Cluster]:
    """Finished cases, one cluster after the other, without end; the first ones bring every rare end at least once."""
    for kind in _RARE:
        tries = (_cluster(world, Random(f"{seed}/{kind}/{n}"), months) for n in count())  # noqa: S311
        yield next(cluster for cluster in tries if any(step.kind == kind for case in cluster for step in case.steps))
    for number in count():
        yield _cluster(world, Random(f"{seed}/history/{number}"), months)  # noqa: S311


def _cluster(world: World, rng: Random, months: int) -> Cluster:
    at = _some_day(world, rng, months)
    case = invent(world, rng, at)
    whole_life(case, world, _at_an_hour(case, at))
    _end_before(case, world.until)
    dice = rng.random()
    if not case.matter.is_handled or case.is_anonymous or case.steps[-1].kind != "close":
        return [case]
    if dice < _MERGES:
        return [case, _neighbour(world, rng, case)]
    if dice < _MERGES + _REPEATS and world.until - case.ends > 5 * _WEEK:
        again = _same_person(world, rng, case)
        again.parent, again.is_repeat = case, True
        whole_life(again, world, _at_an_hour(again, case.ends + timedelta(days=rng.uniform(4, 12))))
        return [case, again] if again.ends < world.until else [case]
    return [case]


def _neighbour(world: World, rng: Random, case: Case) -> Case:
    """Somebody else reports the same thing while it is being handled, and is merged into it."""
    other = _same_person(world, rng, case)
    other.person = invent(world, rng, case.begins, Wish(district=case.district.code)).person
    other.parent = case
    begin, end = case.begins, next(step.at for step in case.steps if step.kind == "reply")
    other.steps = []
    other.add("register", begin + (end - begin) * rng.uniform(0.2, 0.6))
    other.add("merge", begin + (end - begin) * rng.uniform(0.65, 0.9), text=case.teller.phrase("merge"))
    return other


def _some_day(world: World, rng: Random, months: int) -> datetime:
    """A moment of the past; fewer on days off, slightly fewer from month to month.

    Few in the last weeks, whose petitions are mostly those of the open stock.
    """
    span = timedelta(days=30.4 * months)
    while True:
        back = rng.random()
        at = world.until - span * back
        weight = 0.85 + 0.15 * back if world.until - at > 3 * _WEEK else 0.3
        if not clocks.calendar().is_work(at.astimezone(CITY_TIME).date()):
            weight *= 0.45
        if rng.random() < weight:
            return at


def _at_an_hour(case: Case, at: datetime) -> datetime:
    """The same day at a likely hour: by day, and in the office unless the channel never sleeps."""
    local = at.astimezone(CITY_TIME)
    if case.channel not in ROUND_THE_CLOCK:
        return in_office(at, case.rng, clocks.calendar())
    hour = int(case.rng.triangular(6, 23.9, 10.5))
    return local.replace(hour=hour, minute=case.rng.randrange(60), second=case.rng.randrange(60))


def _end_before(case: Case, moment: datetime) -> None:
    """Move a life back by whole weeks, which keeps its office hours, until it ends before the moment."""
    while case.ends >= moment:
        shift(case, _WEEK)
