"""Pages by keyset: a cursor holds the sort key of the last row, so page 1,000 costs what page 1 costs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.core.signing import BadSignature, Signer
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThanOrEqual, TupleLessThanOrEqual
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from gateway.problems import Problem
from petitions.paging import capped_counts

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

# So many rows are counted; more are estimated.
EXACT = 1000


@dataclass(frozen=True)
class Order:
    """A sort order over two columns, the second one unique; or over a unique one alone. `name` marks its cursors."""

    name: str
    columns: tuple[str, ...]
    descending: bool = False

    _signer: ClassVar[Signer] = Signer(salt="gateway.cursor", sep="~")

    def apply(self, rows: QuerySet) -> QuerySet:
        """The rows in this order."""
        return rows.order_by(*[f"-{c}" if self.descending else c for c in self.columns])

    def after(self, rows: QuerySet, values: Sequence[Any]) -> QuerySet:
        """The rows behind a sort key."""
        word = "lt" if self.descending else "gt"
        if len(values) == 1:
            return rows.filter(**{f"{self.columns[0]}__{word}": values[0]})
        first, second = self.columns
        # The range on the first column alone is what the index can use; the rest cuts off the ties.
        tied = Q(**{first: values[0], f"{second}__{word}": values[1]})
        return rows.filter(Q(**{f"{first}__{word}e": values[0]}) & (Q(**{f"{first}__{word}": values[0]}) | tied))

    def until(self, rows: QuerySet, key: Sequence[Any]) -> QuerySet:
        """The rows up to the one with this sort key, that one included."""
        lookup = TupleGreaterThanOrEqual if self.descending else TupleLessThanOrEqual
        # The first column alone is what the planner can tell a number of rows by.
        word = "gte" if self.descending else "lte"
        rows = rows.filter(**{f"{self.columns[0]}__{word}": key[0]})
        return rows.filter(lookup(Tuple(*map(F, self.columns)), tuple(key)))

    def cursor(self, row: dict[str, Any]) -> str:
        """The cursor that continues behind this row (given with the order's columns)."""
        values = [row[column] for column in self.columns]
        raw = json.dumps([self.name, *[v.isoformat() if isinstance(v, datetime | date) else v for v in values]])
        return self._signer.sign(urlsafe_b64encode(raw.encode()).decode().rstrip("="))

    def read(self, cursor: str) -> list[Any]:
        """The sort key a cursor holds. Raises Problem (400)."""
        try:
            text = self._signer.unsign(cursor)
            name, *values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (BadSignature, ValueError):
            name, values = "", []
        if name != self.name or len(values) != len(self.columns):
            raise Problem(
                "bad_cursor", _("Take the cursor unchanged from “next” of the answer before, in the same list.")
            )
        if len(values) == 2:
            values[0] = parse_datetime(values[0])
        return values


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursor of the next or None. `resume` continues a change feed from here, next or not."""

    rows: list[dict[str, Any]]
    next: str | None
    resume: str | None = None
    estimate: int | None = None


@dataclass(frozen=True)
class Walk:
    """Another way to the first rows of a list that is a set growing with the register, such as all matters of a unit.

    `by_row` are the list's rows, worded so that each is asked for itself whether it belongs to it; `ground` is the
    table in the same range without that question. A page is looked for along the order's index, a stretch of the ground
    at a time, and the set is only made where the stretches hold too few. Orders walked have the key as last column.
    """

    ground: QuerySet
    by_row: QuerySet
    # Rows of the first stretch, and of all of them before the set is made.
    stretch: int
    most: int


@dataclass(frozen=True)
class _Reading:
    """Rows behind a position in an order, with these columns."""

    order: Order
    columns: Sequence[str]

    def read(self, rows: QuerySet, position: Sequence[Any] | None, count: int) -> list[dict[str, Any]]:
        if position is not None:
            rows = self.order.after(rows, position)
        return list(self.order.apply(rows).values(*self.columns)[:count])

    def walk(self, rows: QuerySet, walk: Walk, position: Sequence[Any] | None, count: int) -> list[dict[str, Any]]:
        """What `read` finds, the same rows in the same order, along the index as far as that is short."""
        keys: list[Sequence[Any]] = []
        rest: list[dict[str, Any]] = []
        walked, stretch = 0, walk.stretch
        while True:
            if walked + stretch > walk.most:
                rest = self.read(rows, position, count - len(keys))
                break
            edge = self._edge(walk.ground, position, stretch)
            part = walk.by_row if edge is None else self.order.until(walk.by_row, edge)
            keys += self._keys(part, position, count - len(keys))
            if edge is None or len(keys) == count:
                break
            position, walked = edge, walked + stretch
            # As dense as up to here and a little over. Twice as long at least, so that two stretches are all; where
            # nothing was found nobody can say.
            dense = (count - len(keys)) * walked * 5 // (4 * len(keys)) + 1 if keys else walk.most
            stretch = max(2 * walked, dense)
        shown = self.read(walk.by_row.filter(pk__in=[key[-1] for key in keys]), None, len(keys)) if keys else []
        return shown + rest

    def _keys(self, rows: QuerySet, position: Sequence[Any] | None, count: int) -> list[Sequence[Any]]:
        """Sort keys alone: all an index that holds the columns of the reach need be asked for."""
        if position is not None:
            rows = self.order.after(rows, position)
        return list(self.order.apply(rows).values_list(*self.order.columns)[:count])

    def _edge(self, ground: QuerySet, position: Sequence[Any] | None, stretch: int) -> Sequence[Any] | None:
        """The sort key of the last row of a stretch, read from the index alone; None where fewer rows are left."""
        if position is not None:
            ground = self.order.after(ground, position)
        rows = self.order.apply(ground).values_list(*self.order.columns)
        return next(iter(rows[stretch - 1 : stretch]), None)


def page(
    rows: QuerySet,
    order: Order,
    *,
    columns: Sequence[str],
    limit: int,
    cursor: str,
    count: bool = False,
    walk: Walk | None = None,
) -> Page:
    """Read one page: in one statement, in four to seven by a walk, with one or two more for `count`, the estimate."""
    estimate = _estimate(rows) if count else None
    reading = _Reading(order, list(dict.fromkeys([*columns, *order.columns])))
    position = order.read(cursor) if cursor else None
    found = reading.walk(rows, walk, position, limit + 1) if walk else reading.read(rows, position, limit + 1)
    shown = found[:limit]
    last = order.cursor(shown[-1]) if shown else None
    return Page(shown, last if len(found) > limit else None, last or cursor or None, estimate)


def _estimate(rows: QuerySet) -> int:
    """Up to EXACT the number itself; above, what the planner expects, to two digits: counting a million takes seconds.

    The planner's guess at few rows moves with rows the client may not see; so few are counted, and many are rounded.
    """
    few = capped_counts([rows], EXACT)[0]
    if few <= EXACT:
        return few
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        guess = int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"])
    unit = 10 ** max(0, len(str(guess)) - 2)
    return max(EXACT, guess // unit * unit)


def next_link(path: str, params: dict[str, str], cursor: str) -> str:
    """The Link header that leads on (RFC 8288)."""
    return f'<{path}?{urlencode({**params, "cursor": cursor})}>; rel="next"'
