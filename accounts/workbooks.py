"""Workbooks that leave the system: written row by row, read back from disk in pieces.

Every sheet carries who took it, when, with which filters and why; every text cell is written as text, so that no
value can be a formula. No petitioner is in any of them.
"""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from accounts.actors import Actor
from accounts.models import User

# Excel's sheet holds 1,048,576 lines; what is longer is narrowed first.
MOST_ROWS = 200_000
# Below title, filters, stamp and headings.
FIRST_ROW = 4


@dataclass(frozen=True)
class Stamp:
    """Who, when, what, why: the line a printed page is traced by. Another system, or Yongqing itself, is an Actor."""

    user: User | Actor
    at: datetime
    title: str
    filters: str
    reason: str

    @property
    def line(self) -> str:
        when = timezone.localtime(self.at).strftime("%Y-%m-%d %H:%M")
        return _("Exported by %(who)s (%(unit)s) at %(when)s. Reason: %(reason)s. Not for passing on.") % {
            "who": self.user.label if isinstance(self.user, Actor) else f"{self.user.name} {self.user.username}",
            "unit": self.user.unit or "–",
            "when": when,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Column:
    """A heading, its width in characters, and whether its cells are shares."""

    heading: str
    width: int = 14
    is_share: bool = False


def write(stamp: Stamp, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """A workbook in a temporary file, rewound; `rows` are read once and never all in memory."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    with new_book(file) as book:
        add_sheet(book, _("Statistics"), stamp, columns, rows)
    file.seek(0)
    return file


def add_sheet(
    book: Workbook, name: str, stamp: Stamp, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> Worksheet:
    """A sheet with the stamp above its headings and in its footer."""
    sheet = book.add_worksheet(name)
    frame(book, sheet, stamp, columns)
    formats = {
        "share": book.add_format({"num_format": "0.0%"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
    }
    for place, row in enumerate(rows, start=FIRST_ROW):
        for column, value in enumerate(row):
            _cell(sheet, place, column, value, columns[column].is_share, formats)
    return sheet


@contextmanager
def new_book(file: IO[bytes]) -> Any:
    """A workbook written into `file`."""
    # Strings that look like formulas, addresses or numbers stay strings.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, options) as book:
        yield book


def frame(book: Workbook, sheet: Worksheet, stamp: Stamp, columns: Sequence[Column]) -> None:
    """Title, filters, stamp and headings, repeated on every printed page (A4, landscape)."""
    bold, grey = book.add_format({"bold": True, "font_size": 14}), book.add_format({"font_color": "#5c687b"})
    head = book.add_format({"bold": True, "bg_color": "#e8f0fb", "bottom": 1, "text_wrap": True})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    sheet.freeze_panes(4, 1)
    # An ampersand begins a code in headers and footers.
    sheet.set_footer("&L&8" + stamp.line.replace("&", "&&")[:200] + "&R&8&P / &N")
    sheet.write_string(0, 0, stamp.title, bold)
    sheet.write_string(1, 0, stamp.filters, grey)
    sheet.write_string(2, 0, stamp.line, grey)
    for place, column in enumerate(columns):
        sheet.write_string(3, place, column.heading, head)


def _cell(sheet: Worksheet, row: int, column: int, value: Any, is_share: bool, formats: dict[str, Any]) -> None:
    if value is None:
        sheet.write_blank(row, column, None)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), formats["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, time.min), formats["day"])
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, formats["share"] if is_share else None)
    else:
        sheet.write_string(row, column, str(value)[:32_000])
