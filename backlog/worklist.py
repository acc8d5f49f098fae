"""The list of backlog cases without its page: saved views as data, rows by deadline, the words of a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.durations import Remaining, remaining
from accounts.models import Area, User
from backlog.filters import GROUPS, CaseFilters, with_stages
from backlog.models import BacklogCase, TaskForce
from backlog.querysets import BacklogCaseQuerySet
from backlog.states import SETTLED_STATES, CaseState
from backlog.words import age_of, stuck_days
from petitions.paging import Order, Page, capped_counts, capped_text, page_of

SIZE = 50
# From so many days without progress on a row says so in colour.
STUCK_DAYS = 30
BY_DUE = Order("next_due_at")
NEWEST = Order("nominated_at", is_descending=True)
OLDEST = Order("since", is_day=True)
SORTS: dict[str, tuple[Promise, Order]] = {
    "due": (_("nearest deadline first"), BY_DUE),
    "since": (_("raised longest ago first"), OLDEST),
    "new": (_("proposed last first"), NEWEST),
}


@dataclass(frozen=True)
class View:
    """A saved view everybody has."""

    key: str
    label: Promise
    condition: Q
    order: Order = BY_DUE
    tone: str = ""


VIEWS: dict[str, View] = {
    row.key: row
    for row in (
        View("accept", _("To take up"), Q(state=CaseState.NOMINATED), NEWEST, "amber"),
        View("stock", pgettext_lazy("backlog", "Stock"), Q(is_open=True)),
        View(
            "acceptance",
            _("Waiting for acceptance"),
            Q(state__in=[CaseState.APPLIED, CaseState.SIGNED, CaseState.CHECKED]),
            tone="amber",
        ),
        View("certified", _("To strike off"), Q(state=CaseState.CERTIFIED)),
        View("observation", _("Observed"), Q(state=CaseState.STRUCK_OFF, observed_at=None)),
        View("rebounded", pgettext_lazy("view", "Rebounded"), Q(state=CaseState.REBOUNDED), tone="red"),
        View("settled", _("All settled"), Q(state__in=SETTLED_STATES), NEWEST),
        View("all", pgettext_lazy("backlog", "All"), Q(), NEWEST),
    )
}
STOCK, ALL = VIEWS["stock"], VIEWS["all"]


@dataclass(frozen=True)
class Line:
    """A row of the list with its words."""

    case: BacklogCase
    left: Remaining | None
    age: str
    stuck: int | None
    stages: int

    @property
    def is_stuck(self) -> bool:
        return self.stuck is not None and self.stuck >= STUCK_DAYS


class Desk:
    """One request of the list: view, filters, page and counts."""

    def __init__(self, user: User, query: QueryDict, at: datetime) -> None:
        self.user, self.at = user, at
        self.filters = CaseFilters(query, at=at)
        wanted = VIEWS.get(query.get("view", ""))
        # An address with filters alone, as boards give it, looks everywhere.
        self.view = wanted or (ALL if self.filters.is_set else STOCK)
        self.cursor = query.get("cursor", "")
        usual = next(key for key, (_words, order) in SORTS.items() if order is self.view.order)
        self.sort = query.get("sort", "") if query.get("sort", "") in SORTS else usual

    @property
    def scope(self) -> BacklogCaseQuerySet:
        return BacklogCase.objects.visible_to(self.user)

    @cached_property
    def page(self) -> Page[BacklogCase]:
        rows = with_stages(self.filters.apply(self.scope.filter(self.view.condition)))
        rows = rows.select_related("district", "force", "leader", "lead_unit").defer("reason", "progress")
        return page_of(rows, SORTS[self.sort][1], cursor=self.cursor, size=SIZE)

    @cached_property
    def lines(self) -> list[Line]:
        """The rows of the page."""
        return [
            Line(
                case=case,
                left=remaining(case.deadline, self.at, start=case.next_due_from) if case.deadline else None,
                age=age_of(case, self.at),
                stuck=stuck_days(case, self.at),
                stages=case.stages,  # type: ignore[attr-defined]
            )
            for case in self.page.rows
        ]

    def tabs(self) -> list[dict[str, Any]]:
        """The views with their numbers, and how many rows the filters leave, from one statement."""
        counted = [view for view in VIEWS.values() if view is not ALL]
        parts: list[Any] = [self.scope.filter(view.condition) for view in counted]
        numbers = dict(zip([view.key for view in counted], capped_counts(parts), strict=True))
        return [
            {
                "key": view.key,
                "url": f"?view={view.key}",
                "label": view.label,
                "count": capped_text(numbers[view.key]) if view.key in numbers else None,
                "tone": view.tone if numbers.get(view.key) else "",
                "current": view is self.view,
            }
            for view in VIEWS.values()
        ]

    def here(self) -> str:
        """View and filters as an address: what the next page is asked with."""
        rest = self.filters.query().urlencode()
        return urlencode({"view": self.view.key, "sort": self.sort}) + (f"&{rest}" if rest else "")


def controls(filters: CaseFilters) -> list[dict[str, Any]]:
    """The drop-downs of the filter bar."""
    areas = [(a.code, a.label) for a in Area.objects.filter(kind=Area.Kind.DISTRICT).order_by("code")]
    forces = [(force.key, force.label) for force in TaskForce.objects.filter(is_active=True)]
    offered: Sequence[tuple[str, Promise, Sequence[tuple[str, Any]]]] = (
        ("district", _("District"), areas),
        ("force", _("Task force"), forces),
        ("state", _("Status"), CaseState.choices),
        ("group", pgettext_lazy("backlog", "Group"), [(key, label) for key, (label, _q) in GROUPS.items()]),
        ("stage", _("Renewals done"), [(str(n), f"{n} / 5") for n in range(6)]),
        ("stuck", _("Stands still"), [("30", _("30 days or more")), ("90", _("90 days or more"))]),
    )
    return [
        {
            "name": name,
            "label": label,
            "choices": choices,
            "value": next(iter(filters.values.get(name, [])), ""),
        }
        for name, label, choices in offered
    ]


FLAGS: tuple[tuple[str, Promise], ...] = (
    ("overdue", _("Overdue")),
    ("no_leader", _("Without a lead official")),
    ("discussed", _("Discussed at a weekly dispatch")),
)
