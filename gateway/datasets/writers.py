"""Files of a release: CSV (UTF-8 with BOM), Parquet, XLSX. Row after row into an open file, never all in memory.

Columns are codes and the words of the reference tables, the level each dimension is told at, and the count. Each file
states what it is of and how it was made (`Facts`). The same release gives the same bytes as CSV and Parquet; a workbook
carries who took it, and when.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOWrapper
from itertools import islice
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from accounts.workbooks import Column, Stamp, add_sheet, new_book
from gateway.datasets.anonymity import Group

FORMS = ("csv", "parquet", "xlsx")

# One row of a file: places and classes are codes with their names, "" where all are meant.
FIELDS = (
    "district",
    "district_name",
    "town",
    "town_name",
    "parent_class",
    "parent_class_name",
    "class",
    "class_name",
    "period",
    "area_level",
    "class_level",
    "time_level",
    "petitions",
)
SCHEMA = pa.schema([(name, pa.int64() if name == "petitions" else pa.string()) for name in FIELDS])
# Rows of one Parquet row group.
BATCH = 10_000

Row = tuple[str | int, ...]
# What a file is of (period, reach) and how it was made (k, method, total, exact, generalised, suppressed, rows); None:
# fewer than k, which is all that may be said.
Facts = Mapping[str, str | int | None]


def stated(facts: Facts) -> dict[str, str]:
    """The facts as a file writes them."""
    return {name: f"<{facts['k']}" if value is None else str(value) for name, value in facts.items()}


def rows(groups: Iterable[Group], areas: Mapping[str, str], classes: Mapping[str, str]) -> Iterator[Row]:
    """The rows in order of `FIELDS`; `areas` and `classes` are code → name."""
    for group in groups:
        yield (
            *(group.district, areas.get(group.district, "")),
            *(group.town, areas.get(group.town, "")),
            *(group.parent, classes.get(group.parent, "")),
            *(group.klass, classes.get(group.klass, "")),
            *(group.period, *group.levels, group.count),
        )


def write_csv(file: IO[bytes], lines: Iterable[Row], facts: Facts) -> None:
    """Comma-separated with a BOM, so that a spreadsheet reads the Chinese; cells that look like formulas are text.

    The first line is a comment with the facts; headings stand in the second.
    """
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    text.write("# " + "; ".join(f"{name}={value}" for name, value in stated(facts).items()) + "\r\n")
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    for line in lines:
        writer.writerow([_plain(cell) for cell in line])
    # The file stays the caller's.
    text.detach()


def _plain(cell: str | int) -> str | int:
    # A leading tab keeps a spreadsheet from running the name of a place as a formula.
    return f"\t{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def write_parquet(file: IO[bytes], lines: Iterable[Row], facts: Facts) -> None:
    """Parquet in row groups of `BATCH` rows; the facts are the schema's key-value metadata."""
    source = iter(lines)
    with pq.ParquetWriter(file, SCHEMA.with_metadata(stated(facts))) as writer:
        while batch := list(islice(source, BATCH)):
            columns = zip(*batch, strict=True)
            arrays = [pa.array(cells, field.type) for cells, field in zip(columns, SCHEMA, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=writer.schema))


def write_xlsx(file: IO[bytes], lines: Iterable[Row], facts: Facts, stamp: Stamp) -> None:
    """A workbook that carries who took it and when above its headings, and the facts on a second sheet."""
    with new_book(file) as book:
        add_sheet(book, _("Data set"), stamp, [Column(name) for name in FIELDS], lines)
        columns = [Column(_("Statement"), 20), Column(_("Value"), 20)]
        add_sheet(book, _("How it was made"), stamp, columns, stated(facts).items())
