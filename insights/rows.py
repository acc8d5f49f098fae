"""The rows behind a figure: exactly its numerator or denominator, within what this person may count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.actors import Actor
from accounts.models import Unit, User
from insights.figures import value_text
from insights.filters import Filters
from insights.indicators import Indicator
from insights.querysets import reach
from petitions.models import Petition
from petitions.paging import Order, Page, capped_counts, page_of
from petitions.querysets import not_recused

SIZE = 50
CAP = 99_999
PARTS = ("hit", "all")


@dataclass(frozen=True)
class Line:
    """One row. Without `summary` the person may count it, but not open it: an order given back, a case of others."""

    number: str
    petition_id: int
    summary: str
    unit: str
    place: str
    kind: str
    at: datetime
    is_hit: bool
    value: str = ""


class Rows:
    """What an address of a figure asks for."""

    NAMES = ("district", "kind", "duty")

    def __init__(self, user: User, indicator: Indicator, part: str, data: QueryDict, at: datetime) -> None:
        self.user, self.indicator, self.part, self.at = user, indicator, part, at
        self.filters = Filters(data, user=user, at=at, names=self.NAMES)
        self.cursor = data.get("cursor", "")
        self.unit_code = data.get("unit", "")[:24]

    @cached_property
    def unit(self) -> Unit | None:
        return Unit.objects.filter(code=self.unit_code).first() if self.unit_code else None

    def condition(self, permission: str = "insights.view") -> Q | None:
        """Reach, filters and period as one condition; None when nothing is within reach."""
        path = self.indicator.unit_path
        unit = path.removesuffix("_id")
        district = self.indicator.subject.district
        found = reach(self.user, units=(path,), district=district, permission=permission)
        if found is None:
            return None
        period = self.filters.period
        found &= self.filters.condition(unit=unit, district=district) & Q(**{f"{path}__isnull": False})
        found &= Q(**{f"{self.indicator.basis}__gte": period.since, f"{self.indicator.basis}__lt": period.until})
        if self.unit_code:
            found &= Q(**{path: self.unit.pk if self.unit else None}) if self.unit else Q(pk__in=[])
        return found

    def all(self, permission: str = "insights.view") -> QuerySet[Any]:
        """Every row, newest first by the indicator's time basis."""
        one = self.indicator
        rows = one.numerator_rows() if self.part == "hit" else one.denominator_rows()
        condition = self.condition(permission)
        if condition is None:
            return rows.none()
        prefix = one.subject.petition
        # Whoever is recused in a matter does not meet it in a figure's rows either.
        condition &= not_recused(Actor.of(self.user), f"{prefix}id")
        joined = [f"{prefix}{name}" for name in ("district", "content_class", "lead_unit", "register_unit")]
        joined.append(one.unit_path.removesuffix("_id"))
        if one.subject.order:
            joined.append(one.subject.order.removesuffix("__"))
        return rows.filter(condition).select_related(*joined)

    @cached_property
    def count(self) -> int:
        """How many there are, up to CAP + 1."""
        return capped_counts([self.all()], CAP)[0]

    @cached_property
    def page(self) -> Page[Any]:
        return page_of(self.all(), Order(self.indicator.basis, is_descending=True), cursor=self.cursor, size=SIZE)

    def lines(self, found: Iterable[Any]) -> list[Line]:
        """The rows as the page and the export show them; three statements for any number of them."""
        rows = list(found)
        petitions = {self._petition(row).pk for row in rows}
        opened = set(Petition.objects.visible_to(self.user).filter(pk__in=petitions).values_list("pk", flat=True))
        keys = [row.pk for row in rows]
        hits = set(self.indicator.numerator_rows().filter(pk__in=keys).values_list("pk", flat=True))
        values: dict[int, int] = {}
        if self.indicator.value is not None:
            valued = self.indicator.denominator_rows().filter(pk__in=keys).annotate(t_value=self.indicator.value)
            values = dict(valued.values_list("pk", "t_value"))
        return [self._line(row, opened, hits, values) for row in rows]

    def _petition(self, row: Any) -> Petition:
        return _follow(row, self.indicator.subject.petition)

    def _line(self, row: Any, opened: set[int], hits: set[int], values: dict[int, int]) -> Line:
        petition = self._petition(row)
        order = None if self.indicator.subject.order is None else _follow(row, self.indicator.subject.order)
        unit = _follow(row, self.indicator.unit_path.removesuffix("_id"))
        if order is not None:
            order.petition = petition
        return Line(
            number=petition.short_number if order is None else order.number,
            petition_id=petition.pk,
            summary=petition.summary if petition.pk in opened else "",
            unit=str(unit),
            place=str(petition.district),
            kind=str(petition.content_class),
            at=getattr(row, self.indicator.basis),
            is_hit=row.pk in hits,
            value=value_text(self.indicator, values[row.pk]) if row.pk in values else "",
        )

    def query(self, **more: Any) -> str:
        return self.filters.query(unit=self.unit_code, **more)


def _follow(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name) if name else row
    return row
