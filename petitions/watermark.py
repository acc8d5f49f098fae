"""Who took a copy out of the system, when and over which label, laid over every page of it (domain-facts §1.17).

A leak is traced by what is on the paper, so the mark names the person, the unit and the minute; it is drawn from the
reader's own data only and never says anything about the case beyond the label the caller gives.
"""

import io
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.utils import timezone
from django.utils.translation import gettext as _
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

from accounts.models import User
from petitions.states.base import Refused

# Read once for the process.
FONTS = typst.Fonts(False, False, [Path(pylopdf_fonts_zh_cn.__file__).parent])
# Diagonal rows over the whole page, light enough to read through, and a dark line at the foot that survives a copier.
_SOURCE = b"""
#let words = sys.inputs.words
#let width = float(sys.inputs.width) * 1pt
#let height = float(sys.inputs.height) * 1pt
#set page(width: width, height: height, margin: 0pt, fill: none)
#set text(font: ("Noto Sans SC",), fallback: false, cjk-latin-spacing: none)
#let mark = text(size: 10.5pt, fill: rgb("#1f519924"), words)
#let step = 108pt
#for row in range(calc.ceil((width + height) / step) + 1) {
  place(top + left, dx: -80pt, dy: row * step, rotate(-30deg, origin: left + top, box(width: 2 * (width + height),
    (mark + h(56pt)) * 6)))
}
#place(bottom + left, dx: 12pt, dy: -5pt, text(size: 6pt, fill: rgb("#5c687b"), words))
"""
_NAME = "/YqMark"


def text(user: User, at: datetime, label: str = "") -> str:
    """The mark as one line: person, account, unit, minute in the city's time, and a label such as the number."""
    when = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
    unit = user.unit.short_name or user.unit.name if user.unit else "–"
    parts = [f"{user.name or user.username} {user.username}", unit, when, label]
    return " · ".join(part for part in parts if part)


def lines(user: User, at: datetime, label: str = "", *, reason: str = "") -> list[str]:
    """Header lines for a sheet or a text file: who took it, what for, and that it is not to be passed on."""
    found = [_("Taken out by %(who)s. Not for passing on.") % {"who": text(user, at, label)}]
    return [*found, _("Reason: %(reason)s") % {"reason": reason}] if reason else found


def for_pdf(content: bytes, *, user: User, at: datetime, label: str = "") -> bytes:
    """The PDF with the mark over every page; text, links and bookmarks stay as they are.

    The mark is made once for each size of page, so a long file costs little more than a short one. Raises Refused
    for a file that cannot be read or is locked with a password: what cannot be marked does not leave.
    """
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused(_("The file is locked with a password and cannot be marked: save it without one."))
        writer = PdfWriter(clone_from=reader)
        words = text(user, at, label)
        forms: dict[tuple[float, float], Any] = {}
        for page in writer.pages:
            _mark(writer, page, words, forms)
        out = io.BytesIO()
        writer.write(out)
    # A damaged file makes the reader fail in many ways; each of them means the same to who asked for it.
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Refused(_("The file is damaged and cannot be marked for taking out.")) from error
    return out.getvalue()


def for_xlsx(content: bytes, *, user: User, at: datetime, label: str = "", reason: str = "") -> bytes:
    """A finished workbook with the mark above the rows and at the foot of every printed page of every sheet."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    above = lines(user, at, label, reason=reason)
    for sheet in book.worksheets:
        sheet.insert_rows(1, len(above))
        for number, line in enumerate(above, start=1):
            cell = sheet.cell(row=number, column=1)
            # Written as text: a name that begins with "=" is no formula.
            cell.value, cell.data_type = line, "s"
        sheet.oddFooter.left.text = text(user, at, label).replace("&", "&&")[:200]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _mark(writer: PdfWriter, page: Any, words: str, forms: dict[tuple[float, float], Any]) -> None:
    box, turned = page.cropbox, int(page.rotation or 0) % 360
    width, height = float(box.width), float(box.height)
    # The mark lies as the reader sees the page, also on one scanned sideways.
    seen = (height, width) if turned in (90, 270) else (width, height)
    if seen not in forms:
        forms[seen] = _form(writer, words, *seen)
    left, bottom = float(box.left), float(box.bottom)
    place = {
        0: f"1 0 0 1 {left} {bottom}",
        90: f"0 1 -1 0 {left + width} {bottom}",
        180: f"-1 0 0 -1 {left + width} {bottom + height}",
        270: f"0 -1 1 0 {left} {bottom + height}",
    }[turned if turned % 90 == 0 else 0]
    name = f"{_NAME}{list(forms).index(seen)}"
    own = DictionaryObject(_inherited(page, "/Resources") or {})
    found: Any = own["/XObject"].get_object() if "/XObject" in own else {}
    drawn = DictionaryObject(found)
    drawn[NameObject(name)] = forms[seen]
    own[NameObject("/XObject")] = drawn
    page[NameObject("/Resources")] = own
    # The page's own drawing is closed off: whatever it left transformed or clipped does not reach the mark.
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q\n")
    after.set_data(f"\nQ q {place} cm {name} Do Q\n".encode())
    content = page.get("/Contents")
    content = content.get_object() if content is not None else []
    kept = list(content) if isinstance(content, ArrayObject) else [page.raw_get("/Contents")] if content else []
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(before), *kept, writer._add_object(after)])


def _inherited(page: Any, key: str) -> Any:
    node = page
    while node is not None:
        if key in node:
            return node[key].get_object()
        node = node["/Parent"].get_object() if "/Parent" in node else None
    return None


def _form(writer: PdfWriter, words: str, width: float, height: float) -> Any:
    """The mark as a form object of the file being written, with its fonts."""
    drawn: Any = PdfReader(io.BytesIO(_drawing(words, round(width, 2), round(height, 2)))).pages[0]
    form = DecodedStreamObject()
    contents = drawn.get_contents()
    form.set_data(contents.get_data() if contents is not None else b"")
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(drawn.mediabox)
    form[NameObject("/Resources")] = drawn["/Resources"].get_object().clone(writer)
    group = drawn.get("/Group")
    if group is not None:
        form[NameObject("/Group")] = group.get_object().clone(writer)
    return writer._add_object(form.flate_encode())


@lru_cache(maxsize=32)
def _drawing(words: str, width: float, height: float) -> bytes:
    inputs = {"words": words, "width": str(width), "height": str(height)}
    return typst.compile(_SOURCE, format="pdf", font_paths=FONTS, sys_inputs=inputs, pdf_tags=False)
