"""Exports: ask for a reason, write it to the access log, stream the workbook."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from accounts.workbooks import MOST_ROWS, Column, Stamp, write
from insights import figures as fig
from insights.board import Board
from insights.figures import DAY
from insights.indicators import GROUPS, INDICATORS, Indicator, Measure
from insights.models import Tally
from insights.rows import PARTS, Rows
from insights.views.reading import reader

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BATCH = 1000


class ReasonForm(forms.Form):
    """Why it is taken out of the system; stands in the access log and on every page."""

    reason = forms.CharField(label=gettext_lazy("What is it for?"), max_length=100, min_length=4)


def _exporter(request: HttpRequest) -> User:
    user = reader(request)
    if not user.may("insights.export"):
        raise PermissionDenied
    return user


def _ask(request: HttpRequest, form: ReasonForm, back: str) -> HttpResponse:
    context = {
        "form": form,
        "title": _("Export to Excel"),
        "intro": _("Who exported what, when and what for is written to the access log and into the file."),
        "submit": _("Export"),
        "cancel_url": back,
        "nav": "insights",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


def _log(request: HttpRequest, user: User, target: str, stamp: Stamp) -> None:
    log_access(
        user=user,
        action=AccessLog.Action.EXPORT,
        target=target,
        at=stamp.at,
        detail=f"{stamp.title} · {stamp.filters}",
        reason=stamp.reason,
        ip=address_of(request),
    )


def _file(request: HttpRequest, name: str, file: Any) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


@require_http_methods(["GET", "POST"])
@never_cache
def export_board(request: HttpRequest) -> HttpResponseBase:
    """The whole board of the address, every unit and month, with counts beside every figure."""
    user = _exporter(request)
    board = Board(user, request.GET, timezone.now())
    form = ReasonForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form, f"{reverse('insights')}?{board.query()}")
    title = f"{_('Scoreboard')} · {GROUPS[board.group]}"
    stamp = Stamp(user, board.at, title, board.filters.words(), form.cleaned_data["reason"])
    with transaction.atomic():
        _log(request, user, "insights:board", stamp)
        columns, rows = _board_sheet(board)
        file = write(stamp, columns, rows)
    return _file(request, f"scoreboard-{board.group}-{board.filters.period.key}.xlsx", file)


def _board_sheet(board: Board) -> tuple[list[Column], Iterator[list[Any]]]:
    columns = [Column(_("Unit"), 22), Column(_("Month"), 10)]
    for indicator in board.columns:
        columns += [Column(str(indicator.label), 12, indicator.is_share), Column(_("hits"), 7), Column(_("of"), 7)]
    return columns, _board_rows(board)


def _board_rows(board: Board) -> Iterator[list[Any]]:
    """A line for each unit and month that has anything; tallies arrive in that order, so one line is held at a time."""
    scope = board.in_period(Tally.objects.within(board.user, "insights.export"))
    scope = scope.filter(board.filters.condition(unit="unit", district="district"))
    units = list(scope.order_by("unit__code").values_list("unit", "unit__short_name", "unit__code").distinct())
    for start in range(0, len(units), 50):
        chunk = units[start : start + 50]
        sums = fig.sums_by(scope.filter(unit__in=[u[0] for u in chunk]), board.columns, "unit", "month")
        for unit, name, _code in chunk:
            for month in board.filters.period.months:
                figures = [fig.figure_of(sums, column, (unit, month)) for column in board.columns]
                if any(figure.count for figure in figures):
                    cells = [cell for figure in figures for cell in _cells(figure)]
                    yield [name, f"{month:%Y-%m}", *cells]


def _cells(figure: Any) -> list[Any]:
    value = figure.value
    if value is not None and figure.indicator.measure == Measure.DAYS:
        value = round(value / DAY, 2)
    return [value, figure.sums.numerator if figure.indicator.is_share else None, figure.count]


@require_http_methods(["GET", "POST"])
@never_cache
def export_rows(request: HttpRequest, key: str, part: str) -> HttpResponseBase:
    """The rows behind a figure: numbers, units, places and times; what the matter is only where it may be opened."""
    user = _exporter(request)
    if key not in INDICATORS or part not in PARTS:
        raise Http404
    rows = Rows(user, INDICATORS[key], part, request.GET, timezone.now())
    form = ReasonForm(request.POST or None)
    back = f"{reverse('indicator_rows', args=[key, part])}?{rows.query()}"
    if request.method == "POST" and form.is_valid() and rows.count > MOST_ROWS:
        form.add_error(
            None, _("These are more than %(n)d rows. Narrow the period or the unit first.") % {"n": MOST_ROWS}
        )
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form, back)
    words = f"{rows.filters.words()} · {rows.unit or _('all units')}"
    stamp = Stamp(user, rows.at, _title(rows.indicator, part), words, form.cleaned_data["reason"])
    with transaction.atomic():
        _log(request, user, f"insights:{key}:{part}", stamp)
        file = write(stamp, _row_columns(), _row_cells(rows))
    return _file(request, f"{key}-{part}-{rows.filters.period.key}.xlsx", file)


def _title(indicator: Indicator, part: str) -> str:
    words = indicator.over if part == "hit" and indicator.numerator is not None else indicator.under
    return f"{indicator.label} · {words}"


def _row_columns() -> list[Column]:
    return [
        Column(_("Number"), 18),
        Column(_("Matter"), 44),
        Column(_("Unit"), 22),
        Column(_("District"), 12),
        Column(_("Content class"), 24),
        Column(_("Time"), 18),
        Column(_("Counted"), 10),
        Column(_("Value"), 12),
    ]


def _row_cells(rows: Rows) -> Iterator[list[Any]]:
    """In batches, newest first by id within the basis, never all in memory."""
    batch: list[Any] = []
    order = f"-{rows.indicator.basis}", "-id"
    for row in rows.all("insights.export").order_by(*order).iterator(chunk_size=BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            yield from _batch(rows, batch)
            batch = []
    yield from _batch(rows, batch)


def _batch(rows: Rows, batch: list[Any]) -> Iterator[list[Any]]:
    for line in rows.lines(batch):
        counted = _("yes") if line.is_hit else _("no")
        yield [line.number, line.summary, line.unit, line.place, line.kind, line.at, counted, line.value]
