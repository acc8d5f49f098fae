"""One's own record book over all cases: tabs, search, days, and what is due next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.records import Row, entry_rows
from petitions.models import RecordEntry
from petitions.paging import Order, Page, page_of

SIZE = 40
NEWEST = Order("at", is_descending=True)
_SEARCHED = ("place", "cause", "facts_found", "progress", "demand_change", "sticking_point", "promise", "next_step")
DUE_ROWS = 50

VIEWS: dict[str, Promise] = {"": _("All entries"), "next": _("Next steps"), "promises": _("Open promises")}


@dataclass
class Day:
    """The entries of one local day."""

    day: date
    rows: list[Row] = field(default_factory=list)


class Book:
    """What the address asks for: `view`, `q`, `since`, `until`, `cursor`."""

    def __init__(self, user: User, data: Mapping[str, str], at: datetime) -> None:
        self.user, self.at = user, at
        self.view = data.get("view", "") if data.get("view", "") in VIEWS else ""
        self.text = " ".join(data.get("q", "").split())[:60]
        self.since, self.until = _day(data.get("since", "")), _day(data.get("until", ""))
        self.cursor = data.get("cursor", "")

    @property
    def tabs(self) -> list[dict[str, object]]:
        """The views as links."""
        here = reverse("record_book")
        return [
            {"url": f"{here}?view={key}" if key else here, "label": label, "current": key == self.view}
            for key, label in VIEWS.items()
        ]

    @cached_property
    def page(self) -> Page[RecordEntry]:
        rows = RecordEntry.objects.book_of(self.user).filter(self._condition())
        joined = rows.select_related("author", "unit", "care", "petition").prefetch_related("amendments__author")
        return page_of(joined, NEWEST, cursor=self.cursor, size=SIZE)

    def _condition(self) -> Q:
        found = Q()
        for name in _SEARCHED if self.text else ():
            found |= Q(**{f"{name}__icontains": self.text})
        if self.since:
            found &= Q(at__gte=_midnight(self.since))
        if self.until:
            found &= Q(at__lt=_midnight(self.until + timedelta(days=1)))
        if self.view == "next":
            found &= Q(next_on__isnull=False, next_done_at=None)
        elif self.view == "promises":
            found &= Q(promise_due__isnull=False, promise_outcome="")
        return found

    @cached_property
    def days(self) -> list[Day]:
        """The page's entries under their days, newest first."""
        found: list[Day] = []
        for row in entry_rows(self.page.rows, self.user, self.at):
            day = timezone.localdate(row.at)
            if not found or found[-1].day != day:
                found.append(Day(day))
            found[-1].rows.append(row)
        return found

    @cached_property
    def due(self) -> list[tuple[RecordEntry, str]]:
        """My next steps, first due first, each with the tone of its day."""
        today = timezone.localdate(self.at)
        rows = RecordEntry.objects.book_of(self.user).filter(next_on__isnull=False, next_done_at=None)
        rows = rows.select_related("petition").order_by("next_on", "id")[:DUE_ROWS]
        return [(row, _tone(row.next_on, today)) for row in rows]

    @property
    def query(self) -> str:
        """The address without its page."""
        parts = {"view": self.view, "q": self.text, "since": self.since or "", "until": self.until or ""}
        return urlencode({key: value for key, value in parts.items() if value})


def _tone(day: date | None, today: date) -> str:
    if day is None or day > today:
        return ""
    return "red" if day < today else "amber"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
