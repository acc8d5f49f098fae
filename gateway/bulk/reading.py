"""What was sent, read into lines: NDJSON, or a table (.xlsx, .csv). Nothing of the file itself is kept."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from gateway.bulk.packing import Line
from gateway.models import BulkIntake
from petitions.sheets import Unreadable, map_columns, read_rows
from petitions.states import Refused

MOST_LINES = 50_000
# Of the file as sent, and of a workbook unpacked: a small .xlsx may hold gigabytes of nothing.
MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED = 512 * 1024 * 1024
# One line of NDJSON may be as long as the body of a single post.
MOST_LINE = 1024 * 1024
CHUNK = 256 * 1024


@dataclass
class Sheet:
    """The lines of a file, and for a table what its columns mean."""

    form: str
    lines: list[Line]
    columns: dict[str, Any] = field(default_factory=dict)


def receive(source: Any, target: IO[bytes]) -> str:
    """Copy an upload to disk piece by piece; its SHA-256 (hex). Raises Refused ("too_large") above MOST_BYTES."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > MOST_BYTES:
            limit = MOST_BYTES // 1024 // 1024
            words = _("The file is larger than %(limit)s MiB. Send it in parts.") % {"limit": limit}
            raise Refused(words, field="file", code="too_large")
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    return digest.hexdigest()


def read_ndjson(path: Path) -> Sheet:
    """Non-empty lines of a file with one JSON object each. Raises Refused for none, too many or too long ones.

    Whether a line is JSON at all is asked when its turn comes: one broken line stops no other.
    """
    lines = []
    with path.open("rb") as file:
        for number, raw in enumerate(_lines_of(file), start=1):
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace").strip()
            if text:
                lines.append(Line(number, [text]))
                _check_count(len(lines))
    return _filled(Sheet(BulkIntake.Form.NDJSON, lines))


def _lines_of(file: IO[bytes]) -> Iterator[bytes]:
    number = 0
    while raw := file.readline(MOST_LINE + 1):
        number += 1
        if len(raw) > MOST_LINE:
            raise Refused(_("Line %(line)s is longer than 1 MiB.") % {"line": number}, field="file", code="too_long")
        yield raw


def read_table(path: Path) -> Sheet:
    """The lines of an .xlsx or .csv file below its headings. Raises Refused for what cannot be read."""
    try:
        _check_unpacked(path)
        rows = read_rows(path)
        header = next(rows, None)
        if header is None:
            raise Unreadable(_("The file is empty."))
        columns = map_columns(header)
        lines = []
        for row in rows:
            lines.append(Line(row.number, ["" if cell is None else cell for cell in row.cells]))
            _check_count(len(lines))
    except Unreadable as error:
        # The path is that of our temporary copy.
        raise Refused(str(error).replace(str(path), _("The file")), field="file", code="unreadable") from error
    kept = {"headers": columns.headers, "places": columns.places, "ignored": columns.ignored}
    return _filled(Sheet(BulkIntake.Form.TABLE, lines, kept))


def _check_unpacked(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return
    try:
        with ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except BadZipFile as error:
        raise Unreadable(_("This is not a whole .xlsx file.")) from error
    if size > MOST_UNPACKED:
        raise Unreadable(_("The workbook is too large when unpacked. Save only the sheet with the petitions."))


def _check_count(count: int) -> None:
    if count > MOST_LINES:
        words = _("The file has more than %(limit)s lines. Send it in parts.") % {"limit": f"{MOST_LINES:,}"}
        raise Refused(words, field="file", code="too_many")


def _filled(sheet: Sheet) -> Sheet:
    if not sheet.lines:
        raise Refused(_("There is no line of data in the file."), field="file", code="empty")
    return sheet


def headings(intake: BulkIntake) -> list[str]:
    """The headings of the error file: those of the table, so that the corrected file can be sent again."""
    own = intake.columns.get("headers") if intake.form == BulkIntake.Form.TABLE else ["json"]
    return list(chain(["row", "field", "message"], own or []))
