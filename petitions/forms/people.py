"""Joint signers as they are pasted or handed in as a sheet: one person a line, each line judged (domain-facts §1.4)."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from petitions.actions.registration import Person, Signer
from petitions.identity import MOBILE, check_phone, parse_resident_id
from petitions.models import Petitioner

MAX_LINES = 2000
SHOWN_ERRORS = 12
NAME_LENGTH = 60
_CELLS = re.compile(r"[\t,，;；]+")
_HEADS = frozenset({"姓名", "name"})
_MARKS = ("*", "＊", "代表")


def clean_people(text: str, *, today: date, role: str = Petitioner.Role.SIGNER) -> list[Signer]:
    """The persons of pasted lines. Raises ValidationError naming each line that cannot be taken."""
    return people_of((_CELLS.split(line) for line in text.splitlines()), today=today, role=role)


def sheet_people(upload: UploadedFile, *, today: date, role: str = Petitioner.Role.SIGNER) -> list[Signer]:
    """The persons of the first sheet of an xlsx file, columns as in the lines. Raises ValidationError."""
    try:
        book = load_workbook(upload, read_only=True, data_only=True)
        rows = [
            ["" if cell is None else str(cell) for cell in row[:4]]
            for row in book.worksheets[0].iter_rows(max_row=MAX_LINES + 2, max_col=4, values_only=True)
        ]
    except Exception as error:  # openpyxl raises what its parsers raise: zip, xml and key errors
        raise ValidationError(_("This is no readable xlsx file. Save the sheet as xlsx and send it again.")) from error
    return people_of(rows, today=today, role=role)


def people_of(rows: Iterable[Sequence[str]], *, today: date, role: str) -> list[Signer]:
    """Each row as a signer; empty rows and a heading are passed over. Raises ValidationError with one line for each."""
    found: list[Signer] = []
    problems: list[str] = []
    for number, cells in enumerate(rows, start=1):
        values = [cell.strip() for cell in cells]
        if not any(values) or values[0].casefold() in _HEADS:
            continue
        if len(found) >= MAX_LINES:
            raise ValidationError(_("At most %(n)d persons at once.") % {"n": MAX_LINES})
        try:
            found.append(_signer(values, today, role))
        except ValueError as error:
            problems.append(_("Line %(n)d: %(problem)s") % {"n": number, "problem": error})
    if problems:
        more = len(problems) - SHOWN_ERRORS
        last = [_("… and %(n)d lines more.") % {"n": more}] if more > 0 else []
        raise ValidationError([*problems[:SHOWN_ERRORS], *last])
    return found


def _signer(values: Sequence[str], today: date, role: str) -> Signer:
    name = values[0]
    for mark in _MARKS:
        if name.startswith(mark):
            name, role = name[len(mark) :].lstrip(" :："), Petitioner.Role.REPRESENTATIVE
    if not name or len(name) > NAME_LENGTH:
        raise ValueError(_("the name is missing or too long."))
    person: dict[str, Any] = {"name": name}
    rest = [value for value in values[1:] if value]
    for value in rest:
        person |= _told(value, person, today)
    return Signer(Person(**person), role)


def _told(value: str, person: dict[str, Any], today: date) -> dict[str, Any]:
    """What a cell beside the name is: recognised by its form, so that the order of columns does not matter."""
    plain = "".join(value.split()).upper()
    if re.fullmatch(r"\d{15}|\d{17}[\dX]", plain):
        card = parse_resident_id(plain, today=today)
        return {"id_type": Petitioner.IdType.RESIDENT, "id_no": card.number, "sex": card.sex}
    if MOBILE.match(plain) or re.fullmatch(r"[\d\-]{7,20}", plain):
        return {"phone": check_phone(value)}
    if "address" in person or len(value) > 200:
        raise ValueError(_("“%(value)s” is neither a paper, a phone nor an address.") % {"value": value[:20]})
    return {"address": value}
