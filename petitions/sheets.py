"""Reading tables other systems export: XLSX and CSV row by row, headers matched to fields, cells made plain.

No database here, so that the importer and its tests can look at files without one.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException

# What offices and platforms call the same thing, best first: when a file has two of them, the first one listed wins.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "source_ref": ("来源编号", "留言编号", "工单编号", "信访件编号", "编号", "source_ref"),
    "summary": ("留言主题", "主题", "标题", "概况", "summary"),
    "content": ("留言详情", "诉求内容", "投诉内容", "内容", "content"),
    "petition_date": ("信访日期", "留言时间", "登记时间", "日期", "时间", "petition_date"),
    "name": ("信访人", "姓名", "留言用户", "用户", "name"),
    "phone": ("联系电话", "手机", "手机号码", "电话", "phone"),
    "id_no": ("证件号码", "身份证号", "身份证号码", "id_no"),
    "address": ("事发地址", "地址", "address"),
    "area": ("属地", "问题属地", "区县", "区县市", "area"),
    "content_class": ("内容分类", "二级分类", "一级分类", "分类", "content_class"),
    "demand": ("诉求", "主要诉求", "demand"),
    "purpose": ("信访目的", "目的", "purpose"),
    "headcount": ("信访人数", "人数", "headcount"),
}
REQUIRED = ("content", "petition_date")

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?:[T\s].*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{4,5}(\.\d+)?")
# Excel counts days from 1900; below and above these it is a stray number (1927 and 2119).
_SERIALS = (10_000, 80_000)
# Control characters that no text needs and PostgreSQL refuses (NUL), tabs and line feeds excepted.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_CELL = 1_000_000


class Unreadable(Exception):
    """The file cannot be used at all; `str()` says what to do about it."""


@dataclass(frozen=True)
class Row:
    """One line of the file: its number as the spreadsheet shows it, and its raw cells."""

    number: int
    cells: Sequence[Any]


@dataclass(frozen=True)
class Columns:
    """Which column holds which field, and the headers nothing was made of."""

    headers: list[str]
    places: dict[str, int]
    ignored: list[str]

    def get(self, row: Row, name: str) -> Any:
        """The raw cell of a field, None when the file or this line has none."""
        place = self.places.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else None


def read_rows(path: Path, *, sheet: int = 1) -> Iterator[Row]:
    """The non-empty lines of an .xlsx or .csv file, told apart by their first bytes, never all in memory.

    `sheet` counts from 1. Raises Unreadable for another kind of file, a damaged one or a sheet it has not.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(8)
    except OSError as error:
        raise Unreadable(_("%(path)s cannot be opened: %(error)s") % {"path": path, "error": error.strerror}) from error
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("This is an old .xls file. Save it as .xlsx or .csv and import that."))
    lines = _xlsx(path, sheet) if magic.startswith(b"PK") else _csv(path)
    return (row for row in lines if any(cell not in (None, "") for cell in row.cells))


def _xlsx(path: Path, sheet: int) -> Iterator[Row]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise Unreadable(_("%(path)s is not a whole .xlsx file: %(error)s") % {"path": path, "error": error}) from error
    try:
        if not 1 <= sheet <= len(book.worksheets):
            raise Unreadable(_("The file has no sheet %(sheet)s; it has %(count)s.") % {
                "sheet": sheet, "count": len(book.worksheets)})  # fmt: skip
        for number, cells in enumerate(book.worksheets[sheet - 1].iter_rows(values_only=True), start=1):
            yield Row(number, cells)
    finally:
        book.close()


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_MAX_CELL)
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        header = next(file, "")
        delimiter = max(",\t;", key=header.count)
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        number = 1
        try:
            for cells in reader:
                yield Row(number, cells)
                # A quoted cell may run over several lines; the number is that of its first.
                number = reader.line_num + 1
        except csv.Error as error:
            raise Unreadable(_("Line %(line)s is no CSV: %(error)s") % {
                "line": reader.line_num, "error": error})  from error  # fmt: skip


def _encoding(path: Path) -> str:
    """utf-8-sig when the whole file is UTF-8, else gb18030, in which Chinese spreadsheets save CSV."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def plain_header(cell: Any) -> str:
    """A header without blanks, marks and width: 「 留言主题* 」 and 「留言主题」 are the same."""
    text = unicodedata.normalize("NFKC", str(cell or ""))
    return re.sub(r"[\s*:：]|\(必填\)|\(选填\)", "", text).casefold()


def map_columns(header: Row, overrides: Mapping[str, str] | None = None) -> Columns:
    """Match a header line to fields by `SYNONYMS`; `overrides` (header → field) go first.

    Raises Unreadable when an override names a header or field there is not, or a required column is missing.
    """
    headers = [" ".join(str(cell or "").split()) for cell in header.cells]
    plain = [plain_header(cell) for cell in header.cells]
    places = _overridden(plain, overrides or {})
    for name, words in SYNONYMS.items():
        if name in places:
            continue
        free = {text: place for place, text in reversed(list(enumerate(plain))) if place not in places.values()}
        found = next((free[word] for word in words if word in free), None)
        if found is not None:
            places[name] = found
    missing = [name for name in REQUIRED if name not in places]
    if missing:
        raise Unreadable(
            _("No column for %(missing)s. The file has these headers: %(seen)s. Name the right one with --map.")
            % {
                "missing": ", ".join(f"{n} ({SYNONYMS[n][0]})" for n in missing),
                "seen": ", ".join(filter(None, headers)),
            }
        )
    ignored = [text for place, text in enumerate(headers) if text and place not in places.values()]
    return Columns(headers, places, ignored)


def _overridden(plain: Sequence[str], overrides: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for text, name in overrides.items():
        if name not in SYNONYMS:
            raise Unreadable(_("There is no field “%(field)s”; the fields are: %(all)s.") % {
                "field": name, "all": ", ".join(SYNONYMS)})  # fmt: skip
        if plain_header(text) not in plain:
            raise Unreadable(_("The file has no column “%(header)s”.") % {"header": text})
        places[name] = plain.index(plain_header(text))
    return places


def clean_text(cell: Any) -> str:
    """A cell as text: whole numbers without “.0”, no control characters, lines trimmed and empty ones dropped."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = _CONTROLS.sub("", str(cell)).replace("\r", "\n")
    return "\n".join(filter(None, (line.strip() for line in text.split("\n"))))


def clean_line(cell: Any) -> str:
    """A cell as one line of text."""
    return " ".join(clean_text(cell).split())


def clean_date(cell: Any) -> date:
    """The day of a real date, of text such as 2019/12/3 10:25:00 or 2019年12月3日, or of an Excel serial number.

    The time of day is dropped: a petition is dated by the day. Raises ValueError with a sentence.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = clean_line(cell)
    try:
        for pattern in (_DATE, _COMPACT_DATE):
            match = pattern.fullmatch(text)
            if match:
                year, month, day = (int(part) for part in match.groups()[:3])
                return date(year, month, day)
        if _SERIAL.fullmatch(text) and _SERIALS[0] <= float(text) <= _SERIALS[1]:
            moment = from_excel(float(text))
            return moment.date() if isinstance(moment, datetime) else moment
    except ValueError:
        pass
    raise ValueError(_("“%(text)s” is no date.") % {"text": text[:40]} if text else _("The date is missing."))


def count_rows(path: Path, *, sheet: int = 1) -> int | None:
    """How many lines the file says it has, for a progress bar; None when it does not say."""
    with path.open("rb") as file:
        if not file.read(2).startswith(b"PK"):
            return None
    book = load_workbook(path, read_only=True)
    try:
        return next((s.max_row for s in islice(book.worksheets, sheet - 1, sheet)), None)
    finally:
        book.close()
