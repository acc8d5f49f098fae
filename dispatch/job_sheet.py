"""The rows of a job as a table file, for who reports on it elsewhere. Words and numbers only, no identities."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.models import Job

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def headings() -> list[str]:
    """The first line."""
    return [_("Row"), _("Number"), _("Matter"), _("Result"), _("Remark"), _("Time")]


def _cells(line: dict[str, Any]) -> list[Any]:
    item, row = line["item"], line["row"]
    at = timezone.localtime(item.at).strftime("%Y-%m-%d %H:%M:%S") if item.at else ""
    return [item.position, row.label, row.words, item.get_result_display(), line["message"], at]


def csv_of(job: Job, lines: Sequence[dict[str, Any]], mark: Sequence[str] = ()) -> tuple[bytes, str]:
    """UTF-8 with a byte mark, so that a spreadsheet reads the Chinese; a cell that looks like a formula is defused.

    Who took it (`mark`) stands below the rows, where it is in no other program's way.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings())
    for line in lines:
        writer.writerow([f"'{c}" if isinstance(c, str) and c[:1] in "=+-@\t\r" else c for c in _cells(line)])
    writer.writerows([[], *([line] for line in mark)] if mark else [])
    return b"\xef\xbb\xbf" + out.getvalue().encode(), "text/csv; charset=utf-8"


def xlsx_of(job: Job, lines: Sequence[dict[str, Any]], mark: Sequence[str] = ()) -> tuple[bytes, str]:
    """A workbook with one sheet; strings stay strings, nothing becomes a formula or a link.

    Who took it (`mark`) stands below the rows and at the foot of every printed page.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.write_row(0, 0, headings(), bold)
        for place, line in enumerate(lines, start=1):
            sheet.write_row(place, 0, _cells(line))
        for place, words in enumerate(mark, start=len(lines) + 2):
            sheet.write_string(place, 0, words)
        if mark:
            sheet.set_footer("&L&8" + mark[0].replace("&", "&&")[:200] + "&R&8&P / &N")
        sheet.freeze_panes(1, 0)
        for column, width in enumerate((6, 16, 50, 10, 60, 20)):
            sheet.set_column(column, column, width)
    return out.getvalue(), XLSX
