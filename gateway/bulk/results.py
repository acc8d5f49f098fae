"""What became of the lines of a table: rows by line number, and the lines that were refused as a file."""

import csv
import io
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from accounts.workbooks import new_book
from gateway.bulk.landing import REFUSED, Result, in_my_language
from gateway.bulk.packing import unpack
from gateway.bulk.reading import headings
from gateway.models import BulkIntake
from petitions.sheets import clean_text

# A leading tab keeps a spreadsheet from running a citizen's text as a formula; reading strips it again.
FORMULA = ("=", "+", "-", "@")


def rows_after(intake: BulkIntake, line: int, limit: int, outcome: str = "") -> list[Result]:
    """Up to `limit` results behind a line number, in the order of the file; of one outcome where asked."""
    parts = intake.parts.filter(last_row__gt=line).exclude(results=[])
    if outcome == REFUSED:
        parts = parts.filter(refused__gt=0)
    found: list[Result] = []
    for results in parts.order_by("number").values_list("results", flat=True).iterator(chunk_size=4):
        found += [row for row in results if row[0] > line and outcome in {"", row[1]}]
        if len(found) >= limit:
            break
    return [[*row[:5], in_my_language(row[5])] for row in found[:limit]]


def _refused(intake: BulkIntake) -> Iterator[list[str]]:
    """The cells of the error file: line, field, why, and the line as it was sent while it is kept."""
    for part in intake.parts.filter(refused__gt=0).order_by("number").iterator(chunk_size=4):
        kept = {line.number: line.cells for line in unpack(part.lines)}
        for number, outcome, _petition, name, _code, message in part.results:
            if outcome == REFUSED:
                yield [str(number), name, in_my_language(message), *(clean_text(cell) for cell in kept.get(number, []))]


def errors_csv(intake: BulkIntake) -> Iterator[bytes]:
    """The refused lines as CSV (UTF-8 with its mark, for spreadsheets), piece by piece."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(headings(intake))
    yield b"\xef\xbb\xbf" + buffer.getvalue().encode()
    for row in _refused(intake):
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([f"\t{cell}" if cell.startswith(FORMULA) else cell for cell in row])
        yield buffer.getvalue().encode()


def errors_xlsx(intake: BulkIntake) -> IO[bytes]:
    """The refused lines as a workbook in a temporary file, rewound; every cell is text."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    with new_book(file) as book:
        sheet = book.add_worksheet()
        lines: Iterator[list[Any]] = iter([headings(intake)])
        for place, row in enumerate(row for rows in (lines, _refused(intake)) for row in rows):
            for column, cell in enumerate(row):
                sheet.write_string(place, column, str(cell)[:32_000])
    file.seek(0)
    return file
