"""Reading long lists without counting or skipping rows: keyset pages and capped counts (design: docs/architecture.md).

A page is found by the sort value and id of the row beside it, so page 400 costs what page 1 does, and a row that is
added meanwhile neither repeats nor hides another one.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Order:
    """A total order of rows: a column that is never null (a datetime; or, as said, a date or a text), then the id."""

    column: str
    is_descending: bool = False
    is_day: bool = False
    is_text: bool = False

    def order_by(self, *, is_reversed: bool = False) -> tuple[str, str]:
        """Arguments for `QuerySet.order_by`."""
        sign = "-" if self.is_descending != is_reversed else ""
        return (f"{sign}{self.column}", f"{sign}id")

    def beyond(self, position: "Position") -> TupleGreaterThan | TupleLessThan:
        """The rows on the far side of a position, as one row comparison the (column, id) index answers."""
        lookup = TupleLessThan if self.is_descending != position.is_backward else TupleGreaterThan
        return lookup(Tuple(F(self.column), F("id")), (position.value, position.pk))


@dataclass(frozen=True)
class Position:
    """A row to continue from, forwards or backwards."""

    # A moment, or a day or a text where the order is by one.
    value: Any
    pk: int
    is_backward: bool = False

    def encode(self) -> str:
        """The cursor as it stands in an address: opaque to whoever reads it, without petition content."""
        value = self.value if isinstance(self.value, str) else self.value.isoformat()
        raw = json.dumps([int(self.is_backward), value, self.pk], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, cursor: str, *, is_day: bool = False, is_text: bool = False) -> "Position | None":
        """The position of a cursor; None for one that is empty or damaged, which means the first page."""
        if not cursor:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            backward, value, pk = json.loads(raw)
            found = _value(value, is_day=is_day, is_text=is_text)
            # Beyond bigint the comparison would be an error of the database.
            is_sound = isinstance(pk, int) and abs(pk) < 2**63
            return cls(found, pk, bool(backward)) if is_sound else None
        except (binascii.Error, ValueError, TypeError, AttributeError):
            return None


def _value(written: str, *, is_day: bool, is_text: bool) -> Any:
    """The sort value of a cursor. Raises ValueError for what none of ours would hold."""
    if is_text:
        # Null bytes are what no database compares.
        if not isinstance(written, str) or "\x00" in written:
            raise ValueError(written)
        return written
    if is_day:
        return date.fromisoformat(written)
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment


@dataclass
class Page(Generic[Row]):
    """One page of rows, with the cursors of its neighbours ("" at an end)."""

    rows: list[Row] = field(default_factory=list)
    previous: str = ""
    next: str = ""

    @property
    def is_whole(self) -> bool:
        """True when these rows are the complete answer."""
        return not (self.previous or self.next)


def page_of(rows: QuerySet[Row], order: Order, *, cursor: str = "", size: int = 50) -> Page[Row]:
    """Read one page with one statement (two when somebody steps back beyond the first row)."""
    position = Position.decode(cursor, is_day=order.is_day, is_text=order.is_text)
    backward = position is not None and position.is_backward
    query = rows.order_by(*order.order_by(is_reversed=backward))
    found = list((query.filter(order.beyond(position)) if position else query)[: size + 1])
    if position and (not found or (backward and len(found) <= size)):
        # The rows are gone, or the way back has reached the start: a full first page instead of nothing or a rest.
        return page_of(rows, order, size=size)
    has_more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    if not found:
        return Page()
    before = backward or position is not None
    after = backward or has_more
    return Page(
        found,
        previous=_position(found[0], order, is_backward=True).encode() if before else "",
        next=_position(found[-1], order).encode() if after else "",
    )


def _position(row: Model, order: Order, *, is_backward: bool = False) -> Position:
    return Position(getattr(row, order.column), int(row.pk), is_backward)


def capped_counts(querysets: Sequence[QuerySet[Any] | Sequence[QuerySet[Any]]], cap: int = 999) -> list[int]:
    """How many rows each queryset has, at most `cap` + 1 (which means "more than cap"), in one statement.

    Each part stops reading at the cap, so no count ever runs over the table. Several disjoint querysets in one place
    are added up; empty ones count 0.
    """
    parts: list[str] = []
    params: list[Any] = []
    places: list[int] = []
    for place, given in enumerate(querysets):
        for rows in [given] if isinstance(given, QuerySet) else given:
            try:
                sql, values = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
            except EmptyResultSet:
                continue
            parts.append(f"(SELECT count(*) FROM ({sql}) AS part)")  # noqa: S608 - compiled by the ORM
            params.extend(values)
            places.append(place)
    counts = [0] * len(querysets)
    if parts:
        sql = f"SELECT {', '.join(parts)}"
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            for place, count in zip(places, cursor.fetchone(), strict=True):
                counts[place] = min(counts[place] + count, cap + 1)
    return counts


def counts_of_few(rows: QuerySet[Any], conditions: Sequence[Q]) -> list[int]:
    """How many of `rows` meet each condition, in one statement that reads all of them once.

    For a set known to be small but costly to find, such as what one unit handles: capped parts would find it each time.
    """
    if not conditions:
        return []
    counts = rows.aggregate(**{f"n{place}": Count("pk", filter=q) for place, q in enumerate(conditions)})
    return [counts[f"n{place}"] for place in range(len(conditions))]


def capped_text(count: int, cap: int = 999) -> str:
    """A capped count as a badge writes it: `38`, `999+`."""
    return str(count) if count <= cap else f"{cap}+"
