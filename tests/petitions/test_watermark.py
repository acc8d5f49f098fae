"""The mark names who took a copy, on every page, and leaves what is under it readable."""

import io

import pypdfium2
import pytest
import typst
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import NameObject, RectangleObject

from petitions import watermark
from petitions.states import Refused
from tests.city import City


def letter(pages: int = 1, paper: str = "a4") -> bytes:
    source = f'#set page(paper: "{paper}")\n' + "\n#pagebreak()\n".join(f"Opinion page {n + 1}" for n in range(pages))
    return typst.compile(source.encode(), None, format="pdf", font_paths=watermark.FONTS)


def words_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_bounded() for page in document]


def test_every_page_names_person_unit_and_minute(city: City) -> None:
    marked = watermark.for_pdf(letter(3), user=city.officer, at=city.at, label="宁信2026-000001")
    pages = words_of(marked)
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"Opinion page {number}" in page
        assert page.count("沈一鸣 officer · 市信访局 · 2026-11-16 10:00 · 宁信2026-000001") > 1


def test_the_mark_lies_over_sideways_shifted_and_unequal_pages(city: City) -> None:
    writer = PdfWriter()
    for paper in ("a4", "a3", "a4"):
        writer.append(io.BytesIO(letter(1, paper)))
    writer.pages[0].rotate(90)
    writer.pages[2].cropbox = RectangleObject((50, 60, 400, 500))
    out = io.BytesIO()
    writer.write(out)
    pages = words_of(watermark.for_pdf(out.getvalue(), user=city.officer, at=city.at))
    assert all("市信访局" in page for page in pages)


def test_drawing_left_open_by_a_page_does_not_carry_the_mark_away(city: City) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(letter())))
    page = writer.pages[0]
    from pypdf.generic import DecodedStreamObject

    stray = DecodedStreamObject()
    stray.set_data(b"1 0 0 1 9000 9000 cm\n")
    page[NameObject("/Contents")] = writer._add_object(stray)
    out = io.BytesIO()
    writer.write(out)
    assert "市信访局" in words_of(watermark.for_pdf(out.getvalue(), user=city.officer, at=city.at))[0]


def test_links_stay(city: City) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(letter(2))))
    writer.add_annotation(0, Link(rect=(50, 50, 90, 90), target_page_index=1))
    out = io.BytesIO()
    writer.write(out)
    marked = PdfReader(io.BytesIO(watermark.for_pdf(out.getvalue(), user=city.officer, at=city.at)))
    assert len(marked.pages[0]["/Annots"]) == 1  # type: ignore[arg-type]


def test_pages_of_one_size_share_one_drawing(city: City) -> None:
    few = len(watermark.for_pdf(letter(2), user=city.officer, at=city.at))
    many = len(watermark.for_pdf(letter(40), user=city.officer, at=city.at))
    assert many - few < 40 * 1500


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", b"PK\x03\x04"])
def test_what_cannot_be_marked_does_not_leave(city: City, content: bytes) -> None:
    with pytest.raises(Refused, match="水印"):
        watermark.for_pdf(content, user=city.officer, at=city.at)


def test_a_locked_file_is_refused(city: City) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(letter())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Refused):
        watermark.for_pdf(out.getvalue(), user=city.officer, at=city.at)


def test_a_name_is_never_read_as_typesetting(city: City) -> None:
    city.officer.name = '#panic("x") *bold* $x$'
    assert '#panic("x") *bold* $x$' in words_of(watermark.for_pdf(letter(), user=city.officer, at=city.at))[0]


def test_a_workbook_says_above_its_rows_who_took_it(city: City) -> None:
    book = Workbook()
    book.active["A1"] = "Number"  # type: ignore[index]
    out = io.BytesIO()
    book.save(out)
    city.officer.name = "=沈一鸣"
    marked = watermark.for_xlsx(out.getvalue(), user=city.officer, at=city.at, reason="检查")
    sheet = load_workbook(io.BytesIO(marked)).active
    assert sheet is not None
    assert "=沈一鸣 officer" in sheet["A1"].value and sheet["A1"].data_type == "s"
    assert "检查" in sheet["A2"].value
    assert sheet["A3"].value == "Number"
    assert "市信访局" in sheet.oddFooter.left.text
