"""The map: the districts coloured by an indicator, the brightest the worst, with the number of overdue cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from accounts.outline import Outline, outline
from accounts.templatetags.district_map import OUTSIDE, STEPS
from backlog.indicators import INDICATORS, Better
from backlog.wall.look import Frame


@dataclass(frozen=True)
class Shape:
    """A district on the map."""

    name: str
    path: str
    step: int
    value: str
    overdue: int
    x: int
    y: int
    from_x: int
    from_y: int
    is_outside: bool
    is_chosen: bool
    url: str


class Geography(Frame):
    """The map of a wall."""

    @cached_property
    def steps(self) -> list[float]:
        """Upper bounds of the colour steps 1–4: equal parts between the least and the most."""
        values = self._map_values
        low, high = (min(values, default=0.0), max(values, default=0.0))
        low = low if INDICATORS[self.look.colour].is_share else 0.0
        return [low + (high - low) * i / STEPS for i in range(1, STEPS)]

    @property
    def _map_values(self) -> list[float]:
        row = INDICATORS[self.look.colour]
        found = [row.figure(place["counts"]).value for place in self.whole["districts"]]
        return [value for value in found if value is not None]

    def _step(self, value: float | None) -> int:
        """1 to 5; the brightest is the worst, whichever way the indicator runs."""
        if value is None or not any(self._map_values):
            return 1
        step = 1 + sum(value > bound for bound in self.steps)
        return STEPS + 1 - step if INDICATORS[self.look.colour].better == Better.UP else step

    @property
    def legend(self) -> list[tuple[int, str]]:
        """(step, range) with the worst first."""
        row = INDICATORS[self.look.colour]
        bounds = [f"{bound:.1f}" if row.is_share else f"{int(bound)}" for bound in self.steps]
        words = [f"≤ {bounds[0]}", *(f"{a} – {b}" for a, b in pairwise(bounds)), f"> {bounds[-1]}"]
        places = range(1, STEPS + 1)
        rows = list(zip(reversed(places) if row.better == Better.UP else places, words, strict=True))
        return sorted(rows, reverse=True)

    @cached_property
    def shapes(self) -> list[Shape]:
        figures = {row["code"]: row for row in self.whole["districts"]}
        return [self._shape(d, figures[d.code]) for d in outline().districts if d.code in figures]

    def _shape(self, drawn: Any, row: Mapping[str, Any]) -> Shape:
        figure = INDICATORS[self.look.colour].figure(row["counts"])
        dx, dy = OUTSIDE.get(drawn.code, (0, 0))
        return Shape(
            name=self.label(row),
            path=drawn.path,
            step=self._step(figure.value),
            value=figure.text + ("%" if figure.indicator.is_share and figure.value is not None else ""),
            overdue=row["counts"].get("overdue", 0),
            x=drawn.x + dx,
            y=drawn.y + dy,
            from_x=drawn.x,
            from_y=drawn.y,
            is_outside=bool(dx or dy),
            is_chosen=drawn.code == self.look.district,
            url=self.look.query(district="" if drawn.code == self.look.district else drawn.code) if self.opens else "",
        )

    @property
    def outline(self) -> Outline:
        return outline()
