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
from django.db.models import Q, QuerySet
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

    def after(self, rows: QuerySet, cursor: str) -> QuerySet:
        """The rows behind a cursor. Raises Problem (400) for a cursor of another list or none of ours."""
        values = self.read(cursor)
        word = "lt" if self.descending else "gt"
        if len(values) == 1:
            return rows.filter(**{f"{self.columns[0]}__{word}": values[0]})
        first, second = self.columns
        # The range on the first column alone is what the index can use; the rest cuts off the ties.
        tied = Q(**{first: values[0], f"{second}__{word}": values[1]})
        return rows.filter(Q(**{f"{first}__{word}e": values[0]}) & (Q(**{f"{first}__{word}": values[0]}) | tied))

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


def page(rows: QuerySet, order: Order, *, columns: Sequence[str], limit: int, cursor: str, count: bool = False) -> Page:
    """Read one page in one statement (two or three with `count`, the estimate of all matching rows)."""
    estimate = _estimate(rows) if count else None
    if cursor:
        rows = order.after(rows, cursor)
    found = list(order.apply(rows).values(*dict.fromkeys([*columns, *order.columns]))[: limit + 1])
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
