"""Areas, content classes and units by id and by code, read at most every 30 seconds by each process.

They change a few times a year and are needed for every row of every answer: one table read less for each join saved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from accounts.models import Area, Unit
from petitions.models import ContentClass, Petition
from petitions.reference.classes import suggest

CACHE_SECONDS = 30
OTHER = ("9902", "99")


@dataclass(frozen=True)
class Shelf:
    """All rows of one table."""

    by_id: dict[int, Any]
    by_code: dict[str, Any]

    def brief(self, pk: int | None) -> dict[str, str] | None:
        """Code and Chinese name of a row, as answers show it; None for no row."""
        row = self.by_id.get(pk) if pk is not None else None
        return {"code": row.code, "name": row.name} if row is not None else None


_shelves: dict[str, tuple[float, Any]] = {}


def forget_cached_reference() -> None:
    """Read everything afresh: after an edit in this process, and between tests."""
    _shelves.clear()


def _shelf(name: str, load: Callable[[], Any]) -> Shelf:
    def shelve() -> Shelf:
        rows = list(load())
        return Shelf({row.pk: row for row in rows}, {row.code: row for row in rows})

    found: Shelf = _kept(name, shelve)
    return found


def _kept(name: str, load: Callable[[], Any]) -> Any:
    found = _shelves.get(name)
    if found is None or found[0] < monotonic():
        found = _shelves[name] = (monotonic() + CACHE_SECONDS, load())
    return found[1]


def matters_of(unit: Unit, cap: int) -> tuple[int, int]:
    """How many matters a unit and those below it handle and registered, capped, as of half a minute ago."""
    found: tuple[int, int] = _kept(f"matters:{unit.pk}", lambda: Petition.objects.matters_of(unit, cap))
    return found


def areas() -> Shelf:
    return _shelf("areas", Area.objects.all)


def classes() -> Shelf:
    return _shelf("classes", ContentClass.objects.all)


def units() -> Shelf:
    return _shelf("units", Unit.objects.all)


def class_for(text: str) -> ContentClass | None:
    """The content class the words of a petition suggest, else “other”; None when the office keeps neither."""
    known = classes().by_code
    proposed = [item.code for item in suggest(text, limit=1)]
    codes = [*proposed, *[code[:2] for code in proposed], *OTHER]
    return next((known[code] for code in codes if code in known and known[code].is_active), None)
