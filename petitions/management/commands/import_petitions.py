"""`manage.py import_petitions FILE`: register the lines of an .xlsx or .csv file (petitions/importing.py)."""

import csv
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from accounts.actors import Actor
from accounts.models import Area, Unit
from petitions.importing import Fault, Reader, Tally, default_area, import_rows, parse_overrides, today_at
from petitions.models import Channel
from petitions.sheets import Columns, Unreadable, clean_text, count_rows, map_columns, read_rows

CITY_OFFICE = "NB-PETITION"


class ErrorFile:
    """The lines that could not be imported, as a CSV that opens in a spreadsheet; made with the first of them."""

    def __init__(self, path: Path, headers: Sequence[str]):
        self.path, self.headers = path, headers
        self._file: Any = None

    def add(self, fault: Fault) -> None:
        """Write one line through to the disk, so that a crash keeps what is known."""
        if self._file is None:
            # The byte-order mark tells spreadsheets that this is UTF-8.
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(["row", "field", "message", *self.headers])
        cells = [_inert(clean_text(cell)) for cell in fault.row.cells]
        csv.writer(self._file).writerow([fault.row.number, fault.name, fault.message, *cells])
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _inert(cell: str) -> str:
    """A leading tab keeps a spreadsheet from running a citizen's text as a formula; reading strips it again."""
    return f"\t{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


class Command(BaseCommand):
    help = "Register the lines of an .xlsx or .csv file. Safe to repeat: what is registered already is skipped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--channel", choices=Channel.values, default=Channel.ONLINE)
        parser.add_argument("--unit", default=CITY_OFFICE, help=f"code of the registering unit (default {CITY_OFFICE})")
        parser.add_argument("--area", help="code of the area for lines that name none (default: the unit's own)")
        parser.add_argument("--map", action="append", default=[], metavar="HEADER=FIELD", help="name a column yourself")
        parser.add_argument("--sheet", type=int, default=1, help="sheet of an .xlsx file, from 1")
        parser.add_argument("--batch", type=int, default=200, help="lines a transaction (default 200)")
        parser.add_argument("--errors", type=Path, help="file for the lines at fault (default FILE-errors.csv, here)")
        parser.add_argument("--dry-run", action="store_true", help="read and check, register nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        unit, area = self._unit(options["unit"]), self._area(options["area"])
        try:
            overrides = parse_overrides(options["map"])
            rows = read_rows(path, sheet=options["sheet"])
            header = next(rows, None)
            if header is None:
                raise Unreadable(_("%(path)s is empty.") % {"path": path})
            columns = map_columns(header, overrides)
        except (Unreadable, ValueError) as error:
            raise CommandError(str(error)) from error
        self._explain(columns)
        now = timezone.now()
        reader = Reader(columns, options["channel"], unit, default_area(unit, area), today_at(now))
        errors = ErrorFile(options["errors"] or Path(f"{path.stem}-errors.csv"), columns.headers)
        began = time.monotonic()
        try:
            tally = self._import(rows, reader, errors, options)
        except Unreadable as error:
            raise CommandError(str(error)) from error
        finally:
            errors.close()
        self._report(tally, time.monotonic() - began, errors.path, options["dry_run"])

    def _unit(self, code: str) -> Unit:
        unit = Unit.objects.select_related("area__district").filter(code=code, is_active=True).first()
        if unit is None:
            raise CommandError(_("There is no active unit with the code %(code)s.") % {"code": code})
        return unit

    def _area(self, code: str | None) -> Area | None:
        area = Area.objects.filter(code=code).first() if code else None
        if code and area is None:
            raise CommandError(_("There is no area with the code %(code)s.") % {"code": code})
        return area

    def _explain(self, columns: Columns) -> None:
        used = ", ".join(f"{columns.headers[place]} → {name}" for name, place in columns.places.items())
        self.stdout.write(_("Columns: %(used)s") % {"used": used})
        if columns.ignored:
            self.stdout.write(_("Ignored: %(ignored)s") % {"ignored": ", ".join(columns.ignored)})

    def _import(self, rows: Any, reader: Reader, errors: ErrorFile, options: dict[str, Any]) -> Tally:
        total = None
        with suppress(OSError, KeyError, ValueError):
            total = count_rows(options["file"], sheet=options["sheet"])
        with tqdm(total=total and total - 1, unit=" rows", disable=options["verbosity"] == 0) as bar:
            return import_rows(
                rows,
                reader,
                actor=Actor.system(f"import {options['file'].name}"[:60]),
                at=timezone.now,
                on_fault=errors.add,
                on_progress=bar.update,
                batch=max(1, options["batch"]),
                is_dry_run=options["dry_run"],
            )

    def _report(self, tally: Tally, seconds: float, errors: Path, is_dry_run: bool) -> None:
        summary = _("read %(read)s, new %(new)s, skipped %(skipped)s, errors %(errors)s, %(rate)s rows/s") % {
            "read": tally.read,
            "new": tally.new,
            "skipped": tally.skipped,
            "errors": tally.errors,
            "rate": round(tally.read / seconds) if seconds else tally.read,
        }
        self.stdout.write(
            _("Dry run, nothing registered: %(summary)s") % {"summary": summary} if is_dry_run else summary
        )
        if tally.errors:
            self.stdout.write(_("The lines at fault are in %(path)s.") % {"path": errors})
        if tally.new + tally.skipped == 0:
            raise CommandError(_("No line could be imported."))
