"""The progress table as a workbook: a sheet of days, and the bars of the window as coloured cells, a week a column."""

from collections.abc import Iterator
from datetime import date, timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from accounts.workbooks import FIRST_ROW, Column, Stamp, add_sheet, frame, new_book
from backlog.gantt import tone_of
from backlog.models import BacklogCase, Milestone
from backlog.progress import ProgressTable

MOST_CASES = 5000
BATCH = 500
WEEK = timedelta(weeks=1)
COLOURS = {"done": "#2f9a5f", "late": "#e07b12", "missed": "#c5302a", "soon": "#fcf3cf", "ahead": "#a9c6ee"}
# The strongest wins where two milestones share a week.
_STRENGTH = ("ahead", "done", "soon", "late", "missed")


def workbook(table: ProgressTable, stamp: Stamp) -> IO[bytes]:
    """Both sheets in a temporary file, rewound. Cases are read in batches, twice: neither sheet is held in memory."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    with new_book(file) as book:
        add_sheet(book, _("Progress table"), stamp, _columns(), _days(table)).set_paper(8)
        _gantt(book, table, stamp)
    file.seek(0)
    return file


def _cases(table: ProgressTable) -> Iterator[BacklogCase]:
    yield from table.rows().iterator(chunk_size=BATCH)


def _columns() -> list[Column]:
    return [
        Column(_("Number"), 20),
        Column(_("Matter"), 40),
        Column(_("District"), 12),
        Column(_("Task force"), 20),
        Column(_("Lead official"), 12),
        Column(_("Responsible unit"), 20),
        Column(_("Status"), 16),
        Column(_("Milestone"), 22),
        Column(_("Begins on"), 12),
        Column(_("First planned for"), 12),
        Column(_("Planned for"), 12),
        Column(_("Reached on"), 12),
        Column(_("Days late"), 9),
        Column(_("Remark"), 24),
    ]


def _about(case: BacklogCase) -> list[Any]:
    force = case.force.label if case.force is not None else None
    return [
        case.number, case.title, case.district.label, force, case.leader, case.lead_unit, case.get_state_display(),
    ]  # fmt: skip


def _days(table: ProgressTable) -> Iterator[list[Any]]:
    """A line a milestone; a case without any has one line, so that it is not forgotten."""
    for case in _cases(table):
        about = _about(case)
        for row in case.standing or [None]:  # type: ignore[attr-defined]
            yield about + (_line(row, table.today) if row is not None else [_("no milestones yet"), *[None] * 6])


def _line(row: Milestone, today: date) -> list[Any]:
    late = ((row.actual_on or today) - row.planned_on).days
    days = [row.starts_on, row.first_planned_on, row.planned_on, row.actual_on]
    return [row.name, *days, late if late > 0 else None, row.note]


def _gantt(book: Workbook, table: ProgressTable, stamp: Stamp) -> None:
    """A case a line, a week a column; this week's heading is dark."""
    window = table.window
    weeks = [window.begin + WEEK * n for n in range((window.until - window.begin).days // 7 + 1)]
    columns = [Column(_("Number"), 20), Column(_("Matter"), 36), Column(_("Progress"), 9)]
    columns += [Column(f"{week:%m-%d}", 5) for week in weeks]
    sheet = book.add_worksheet(_("Gantt chart"))
    frame(book, sheet, stamp, columns)
    sheet.set_paper(8)
    fills = {tone: book.add_format({"bg_color": colour}) for tone, colour in COLOURS.items()}
    now = book.add_format({"bold": True, "bg_color": "#1f5199", "font_color": "#ffffff", "bottom": 1})
    for place, week in enumerate(weeks, start=3):
        if week <= table.today < week + WEEK:
            sheet.write_string(FIRST_ROW - 1, place, f"{week:%m-%d}", now)
    for line, case in enumerate(_cases(table), start=FIRST_ROW):
        rows: list[Milestone] = case.standing  # type: ignore[attr-defined]
        reached = sum(row.actual_on is not None for row in rows)
        sheet.write_string(line, 0, case.number)
        sheet.write_string(line, 1, case.title)
        sheet.write_string(line, 2, f"{reached}/{len(rows)}")
        for place, week in enumerate(weeks, start=3):
            tone = _tone(rows, week, table.today)
            if tone:
                sheet.write_blank(line, place, None, fills[tone])


def _tone(rows: list[Milestone], week: date, today: date) -> str:
    """The strongest tone of the milestones that lie in a week, '' for none."""
    found = set()
    for row in rows:
        begin = row.starts_on or row.planned_on
        end = today if row.is_missed(today) else max(row.planned_on, row.actual_on or row.planned_on)
        if begin < week + WEEK and end >= week:
            found.add(tone_of(row, today))
    return next((tone for tone in reversed(_STRENGTH) if tone in found), "")
