"""Who passes to whom: findings with the rows behind them. Matters, never persons (domain-facts §0.2, §2.9)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Unit, User
from insights.filters import Filters
from insights.models import Hop
from petitions.models import Petition

PAIRS, MATRIX, CHAINS = 15, 10, 12
DAY = 24 * 60


@dataclass(frozen=True)
class Pair:
    """One direction between two units."""

    giver: Unit
    taker: Unit
    count: int
    loops: int
    minutes: int
    url: str
    # How often it went the other way.
    back: int
    back_url: str

    @property
    def days(self) -> float:
        """Mean days the giver kept it first."""
        return self.minutes / self.count / DAY


@dataclass(frozen=True)
class Square:
    """A cell of the matrix; `step` 0 (none) to 5 (most) shades it."""

    count: int
    step: int
    url: str


@dataclass(frozen=True)
class Chain:
    """The way of one matter through the units."""

    petition: Petition
    stops: list[tuple[Unit, float | None]]
    days: float
    is_open: bool


class Passing:
    """One person's view of what was passed on, as an address asks for it."""

    NAMES = ("district", "class", "kind", "duty")

    def __init__(self, user: User, data: QueryDict, at: datetime) -> None:
        self.user, self.at = user, at
        self.filters = Filters(data, user=user, at=at, names=self.NAMES)
        self.codes = {name: data.get(name, "")[:24] for name in ("from", "to")}
        self.only_loops = data.get("loop") == "1"
        self.way = data.get("way", "") if data.get("way") in Hop.Way.values else ""
        self.cursor = data.get("cursor", "")

    @cached_property
    def hops(self) -> QuerySet[Hop]:
        """Every hop in reach, period and filters; kind and duty are those of the unit that passed on."""
        condition = self.filters.condition(unit="from_unit", district="district", top_class="top_class")
        period = self.filters.period
        rows = Hop.objects.visible_to(self.user).filter(condition)
        return rows.filter(passed_at__gte=period.since, passed_at__lt=period.until)

    @cached_property
    def rows(self) -> QuerySet[Hop]:
        """The hops an address names: a pair, loops only, one way only."""
        found = Q()
        for name, path in (("from", "from_unit"), ("to", "to_unit")):
            if self.codes[name]:
                found &= Q(**{f"{path}__code": self.codes[name]})
        if self.only_loops:
            found &= Q(is_loop=True)
        if self.way:
            found &= Q(way=self.way)
        return self.hops.filter(found)

    def url(self, **more: Any) -> str:
        return f"{reverse('passing_rows')}?{self.filters.query(**more)}"

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The tiles."""
        found = self.hops.aggregate(
            hops=Count("pk"),
            matters=Count("petition", distinct=True),
            loops=Count("pk", filter=Q(is_loop=True)),
            returned=Count("pk", filter=Q(way=Hop.Way.RETURNED)),
            recalled=Count("pk", filter=Q(way=Hop.Way.RECALLED)),
            minutes=Sum("held_minutes"),
        )
        found["days"] = (found["minutes"] or 0) / DAY
        found["days_each"] = found["days"] / found["hops"] if found["hops"] else None
        found["stops"] = 1 + found["hops"] / found["matters"] if found["matters"] else None
        return found

    @cached_property
    def counted(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """(hops, loops, minutes) of every pair of units."""
        rows = self.hops.order_by().values("from_unit", "to_unit")
        rows = rows.annotate(n=Count("pk"), loops=Count("pk", filter=Q(is_loop=True)), minutes=Sum("held_minutes"))
        columns = ("from_unit", "to_unit", "n", "loops", "minutes")
        return {(a, b): (n, loops, minutes) for a, b, n, loops, minutes in rows.values_list(*columns)}

    @cached_property
    def units(self) -> dict[int, Unit]:
        return Unit.objects.in_bulk({unit for pair in self.counted for unit in pair})

    @cached_property
    def pairs(self) -> list[Pair]:
        """The busiest directions first, then the slowest."""
        first = sorted(self.counted.items(), key=lambda row: (-row[1][0], -row[1][2], row[0]))[:PAIRS]
        return [self._pair(a, b, *found) for (a, b), found in first]

    def _pair(self, a: int, b: int, count: int, loops: int, minutes: int) -> Pair:
        giver, taker = self.units[a], self.units[b]
        back = self.counted.get((b, a), (0, 0, 0))[0]
        there, home = {"from": giver.code, "to": taker.code}, {"from": taker.code, "to": giver.code}
        return Pair(giver, taker, count, loops, minutes, self.url(**there), back, self.url(**home))

    @cached_property
    def matrix(self) -> tuple[list[Unit], list[tuple[Unit, list[Square | None]]]]:
        """Giving units down, taking units across: the ten that pass on and get most."""
        weight: dict[int, int] = defaultdict(int)
        for (a, b), (count, _loops, _minutes) in self.counted.items():
            weight[a] += count
            weight[b] += count
        ids = sorted(weight, key=lambda unit: (-weight[unit], unit))[:MATRIX]
        most = max((self.counted.get((a, b), (0,))[0] for a in ids for b in ids), default=0)
        rows = [(self.units[a], [None if a == b else self._square(a, b, most) for b in ids]) for a in ids]
        return [self.units[unit] for unit in ids], rows

    def _square(self, a: int, b: int, most: int) -> Square:
        count = self.counted.get((a, b), (0, 0, 0))[0]
        step = 0 if not count else 1 + (count * 4) // (most or 1)
        return Square(count, step, self.url(**{"from": self.units[a].code, "to": self.units[b].code}))

    @cached_property
    def chains(self) -> list[Chain]:
        """Matters that came back to a unit or went through most hands, those with loops first."""
        ranked = self.hops.order_by().values("petition")
        ranked = ranked.annotate(n=Count("pk"), loops=Count("pk", filter=Q(is_loop=True)), minutes=Sum("held_minutes"))
        wanted = ranked.filter(Q(loops__gt=0) | Q(n__gt=1)).order_by("-loops", "-n", "-minutes", "petition")[:CHAINS]
        ids = [row["petition"] for row in wanted]
        seen = Petition.objects.visible_to(self.user).for_lists().in_bulk(ids)
        stops: dict[int, list[Hop]] = defaultdict(list)
        for hop in Hop.objects.filter(petition__in=ids).select_related("from_unit", "to_unit").order_by("place"):
            stops[hop.petition_id].append(hop)
        return [_chain(seen[pk], stops[pk]) for pk in ids if pk in seen]


def _chain(petition: Petition, hops: list[Hop]) -> Chain:
    stops: list[tuple[Unit, float | None]] = [(hop.from_unit, hop.held_minutes / DAY) for hop in hops]
    stops.append((hops[-1].to_unit, None))
    return Chain(petition, stops, sum(hop.held_minutes for hop in hops) / DAY, petition.is_open)
