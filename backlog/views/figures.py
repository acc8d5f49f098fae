"""The table of indicators: by district, task force, official or month; every figure opens its rows; Excel."""

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from backlog import board
from backlog.counts import Counts, Scope, Span
from backlog.forms.wall import ReasonForm
from backlog.indicators import INDICATORS, Figure, Indicator, counted, months_back, rows_url, targets
from backlog.models import Snapshot, TaskForce
from backlog.views.wall import district_read
from dispatch.clocks import city_day
from dispatch.views.reading import permitted

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARTS: dict[str, Promise] = {
    "district": pgettext_lazy("cut of a table", "District"),
    "force": pgettext_lazy("cut of a table", "Task force"),
    "leader": pgettext_lazy("cut of a table", "Lead official"),
    "month": pgettext_lazy("cut of a table", "Month"),
}
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
YEAR = "year"


@dataclass(frozen=True)
class Cell:
    """A figure with its rows; no figure where a part cannot be cut so, or where nobody kept it."""

    figure: Figure | None
    url: str
    is_bad: bool


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    url: str
    cells: list[Cell]


class Sheet:
    """The table an address asks for. `reach`: the only district whose figures open their rows; None: all do."""

    def __init__(self, query: Any, at: datetime, *, reach: str | None = None) -> None:
        self.at, self.today, self.reach = at, city_day(at), reach
        self.by = query.get("by") if query.get("by") in PARTS else "district"
        month = query.get("month", "")
        is_month = bool(_MONTH.fullmatch(month)) and self.by != "month"
        self.month = month if is_month else YEAR
        self.span = Span.month(date.fromisoformat(f"{month}-01")) if is_month else Span.year_of(at)
        self.targets = targets()

    @property
    def columns(self) -> list[Indicator]:
        if self.by == "month":
            return [row for row in INDICATORS.values() if row.is_flow]
        return [row for row in INDICATORS.values() if self.by in row.parts]

    @property
    def is_past(self) -> bool:
        """A month that is over: what stood then comes from the snapshot of its last week."""
        return self.span.until <= self.at

    @cached_property
    def snapshot(self) -> Snapshot | None:
        rows = Snapshot.objects.filter(area__kind="city", taken_at__gte=self.span.since, taken_at__lt=self.span.until)
        return rows.order_by("-week").first() if self.is_past else None

    @property
    def months(self) -> list[tuple[str, str]]:
        return [(YEAR, _("the year so far")), *((f"{m:%Y-%m}", f"{m:%Y-%m}") for m in months_back(self.today))]

    @property
    def parts(self) -> list[tuple[str, Promise, bool]]:
        return [(key, label, key == self.by) for key, label in PARTS.items()]

    @cached_property
    def found(self) -> dict[Any, Counts]:
        return counted(Scope.now(self.at, span=self.span), self.by, wanted=[row.key for row in self.columns])

    @cached_property
    def kept(self) -> dict[Any, Counts]:
        """What stood at the end of a past month, by district or task force."""
        name = {"district": "districts", "force": "forces"}.get(self.by, "")
        rows = self.snapshot.data.get(name, []) if self.snapshot is not None else []
        return {row["id"]: row["counts"] for row in rows}

    @cached_property
    def rows(self) -> list[Row]:
        make = {"district": self._districts, "force": self._forces, "leader": self._leaders, "month": self._months}
        return make[self.by]()

    def _row(self, name: str, key: Any, url: str = "", span: Span | None = None, **filters: Any) -> Row:
        return Row(name, url, [self._cell(column, key, span or self.span, filters) for column in self.columns])

    def _cell(self, column: Indicator, key: Any, span: Span, filters: dict[str, Any]) -> Cell:
        is_kept = self.is_past and not column.is_flow
        found = (self.kept if is_kept else self.found).get(key)
        if found is None and is_kept:
            return Cell(None, "", False)
        figure = column.figure(found or {})
        url = "" if is_kept else self._rows_url(column, span, **filters)
        return Cell(figure, url, figure.is_missed(self.targets.get(column.key)) and not column.is_flow)

    def _rows_url(self, column: Indicator, span: Span, **filters: Any) -> str:
        """The rows behind a figure; "" where the reader's own lists hold fewer than it counts."""
        if self.reach is not None and filters.get("district") != self.reach:
            return ""
        return rows_url(column, span if column.is_flow else None, **filters)

    def _districts(self) -> list[Row]:
        wall = reverse("wall")
        return [
            self._row(str(place), place.pk, f"{wall}?district={place.code}", district=place.code)
            for place in board.districts()
        ]

    def _forces(self) -> list[Row]:
        rows = TaskForce.objects.filter(pk__in=[key for key in self.found if key])
        listed = [self._row(force.label, force.pk, force=force.key) for force in rows]
        return [*listed, self._row(_("no task force"), None)] if None in self.found else listed

    def _leaders(self) -> list[Row]:
        people = User.objects.filter(pk__in=[key for key in self.found if key]).select_related("unit")
        rows = [(person, self.found[person.pk].get("stock", 0)) for person in people]
        rows.sort(key=lambda pair: (-pair[1], pair[0].name))
        return [self._row(f"{person.name} · {person.unit or '–'}", person.pk, leader=person.pk) for person, _n in rows]

    def _months(self) -> list[Row]:
        year = [m for m in months_back(self.today) if m.year == self.today.year]
        return [self._row(f"{month:%Y-%m}", month, span=Span.month(month)) for month in reversed(year)]

    @cached_property
    def total(self) -> list[Cell]:
        """The whole city, the city's own meetings and receptions among it."""
        found = counted(Scope.now(self.at, span=self.span), wanted=[row.key for row in self.columns])[None]
        kept = self.snapshot.data.get("counts") if self.snapshot is not None else None
        cells = []
        for column in self.columns:
            is_kept = self.is_past and not column.is_flow
            counts = kept if is_kept else found
            if counts is None:
                cells.append(Cell(None, "", False))
                continue
            figure = column.figure(counts)
            url = "" if is_kept else self._rows_url(column, self.span)
            cells.append(Cell(figure, url, figure.is_missed(self.targets.get(column.key)) and not column.is_flow))
        return cells

    @property
    def words(self) -> str:
        """Cut and span in words."""
        span = dict(self.months).get(self.month, self.month)
        return f"{PARTS[self.by]} · {span}"

    @property
    def query(self) -> str:
        return f"by={self.by}&month={self.month}"

    @property
    def stood_on(self) -> date | None:
        """The day the figures of a past month stood, None for now or where nobody kept them."""
        return city_day(self.snapshot.taken_at) if self.snapshot is not None else None


@require_GET
@never_cache
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator by district, task force, official or month; figures only, no identities."""
    user = permitted(request, "backlog.wall")
    sheet = Sheet(request.GET, timezone.now(), reach=district_read(user))
    context = {"sheet": sheet, "may_export": user.may("backlog.export"), "now": sheet.at, "nav": "wall"}
    return render(request, "backlog/indicators.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def indicators_export(request: HttpRequest) -> HttpResponse:
    """The table of the address as a workbook, once a reason is given; written to the access log."""
    user = permitted(request, "backlog.wall")
    if not user.may("backlog.export"):
        raise PermissionDenied
    sheet, form = Sheet(request.GET, timezone.now()), ReasonForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {
            "form": form,
            "title": _("Export to Excel"),
            "intro": _("Who exported what, when and what for is written to the access log and into the file."),
            "submit": _("Export"),
            "cancel_url": f"{reverse('backlog_indicators')}?{sheet.query}",
            "nav": "wall",
        }
        return render(request, "components/form_page.html", context, status=422 if form.errors else 200)
    reason = form.cleaned_data["reason"]
    with transaction.atomic():
        log_access(
            user=user,
            action=AccessLog.Action.EXPORT,
            target="backlog:indicators",
            at=sheet.at,
            detail=sheet.words,
            reason=reason,
            ip=address_of(request),
        )
    answer = HttpResponse(workbook(sheet, _stamp(user, sheet.at, reason)), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="backlog-{sheet.by}-{sheet.month}.xlsx"'
    return answer


def _stamp(user: User, at: datetime, reason: str) -> str:
    """The line a printed page is traced by."""
    return _("Exported by %(who)s (%(unit)s) at %(when)s. Reason: %(reason)s. Not for passing on.") % {
        "who": f"{user.name} {user.username}",
        "unit": user.unit or "–",
        "when": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
        "reason": reason,
    }


def workbook(sheet: Sheet, stamp: str) -> bytes:
    """The table as one sheet; texts stay texts, shares are shares."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(_("Indicators"))
        head = book.add_format({"bold": True, "bg_color": "#e8f0fb", "bottom": 1, "text_wrap": True})
        share = book.add_format({"num_format": "0.0%"})
        page.write_string(0, 0, f"{_('Backlog indicators')} · {sheet.words}", book.add_format({"bold": True}))
        page.write_string(1, 0, stamp)
        for place, heading in enumerate([str(PARTS[sheet.by]), *(str(column.label) for column in sheet.columns)]):
            page.write_string(3, place, heading, head)
        lines = [(row.name, row.cells) for row in sheet.rows]
        lines.append((_("The whole city"), sheet.total))
        for line, (name, cells) in enumerate(lines, start=4):
            page.write_string(line, 0, name)
            for place, cell in enumerate(cells, start=1):
                _write(page, line, place, cell, share)
        page.set_column(0, 0, 22)
        page.set_column(1, len(sheet.columns), 12)
        page.freeze_panes(4, 1)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_footer("&L&8" + stamp.replace("&", "&&")[:200] + "&R&8&P / &N")
    return out.getvalue()


def _write(page: Any, line: int, place: int, cell: Cell, share: Any) -> None:
    value = cell.figure.value if cell.figure is not None else None
    if value is None or cell.figure is None:
        page.write_blank(line, place, None)
    elif cell.figure.indicator.is_share:
        page.write_number(line, place, value / 100, share)
    else:
        page.write_number(line, place, round(value, 1))
