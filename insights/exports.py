"""Workbooks: the board of a period and the rows behind a figure. Written row by row, read back from disk in pieces.

Every sheet carries who took it, when, with which filters and why; every text cell is written as text, so that no
value can be a formula. Petitioners are in none of them, class A is in none of the figures.
"""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from accounts.models import User

# Excel's sheet holds 1,048,576 lines; what is longer is narrowed first.
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Stamp:
    """Who, when, what, why: the line a printed page is traced by."""

    user: User
    at: datetime
    title: str
    filters: str
    reason: str

    @property
    def line(self) -> str:
        when = timezone.localtime(self.at).strftime("%Y-%m-%d %H:%M")
        return _("Exported by %(who)s (%(unit)s) at %(when)s. Reason: %(reason)s. Not for passing on.") % {
            "who": f"{self.user.name} {self.user.username}",
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
    with _book(file) as book:
        sheet = book.add_worksheet(_("Statistics"))
        _frame(book, sheet, stamp, columns)
        share, moment = book.add_format({"num_format": "0.0%"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for place, row in enumerate(rows, start=4):
            for column, value in enumerate(row):
                _cell(sheet, place, column, value, share if columns[column].is_share else None, moment)
    file.seek(0)
    return file


@contextmanager
def _book(file: IO[bytes]) -> Any:
    # Strings that look like formulas, addresses or numbers stay strings.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, options) as book:
        yield book


def _frame(book: Workbook, sheet: Worksheet, stamp: Stamp, columns: Sequence[Column]) -> None:
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


def _cell(sheet: Worksheet, row: int, column: int, value: Any, share: Any, moment: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), moment)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, share)
    else:
        sheet.write_string(row, column, str(value)[:32_000])
