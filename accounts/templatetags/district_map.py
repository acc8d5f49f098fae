"""`{% district_map rows %}`: the districts coloured by how much is open, each a link to its rows. SVG, no script."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.utils.translation import gettext_lazy as _

from accounts.outline import District, outline

register = template.Library()

# Labels of the two smallest shapes stand outside them, with a leader line.
OUTSIDE = {"330211": (118, -62)}
STEPS = 5


@dataclass(frozen=True)
class DistrictFigure:
    """What the map says of one district."""

    code: str
    name: str
    open: int
    overdue: int
    url: str


@dataclass(frozen=True)
class Shape:
    """One district ready to draw: figure, shape, colour step 1–5, label position and whether it stands outside."""

    figure: DistrictFigure
    district: District
    step: int
    x: int
    y: int
    is_outside: bool


def colour_step(value: int, highest: int) -> int:
    """1 (least) to 5 (most), in equal parts of the highest value."""
    return 1 if not highest else min(STEPS, 1 + value * STEPS // (highest + 1))


@register.inclusion_tag("components/district_map.html")
def district_map(figures: Sequence[DistrictFigure]) -> dict[str, object]:
    """The map of the given figures; a district without one is drawn as empty."""
    found = {figure.code: figure for figure in figures}
    highest = max((figure.open for figure in figures), default=0)
    shapes = []
    drawing = outline()
    for district in drawing.districts:
        figure = found.get(district.code)
        if figure is None:
            continue
        dx, dy = OUTSIDE.get(district.code, (0, 0))
        step = colour_step(figure.open, highest)
        shapes.append(Shape(figure, district, step, district.x + dx, district.y + dy, bool(dx or dy)))
    return {"outline": drawing, "shapes": shapes, "title": _("Open petitions by district")}
