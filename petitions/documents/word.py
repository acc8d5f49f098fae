"""The same paper as a Word file: a base built once with python-docx, filled in by docxtpl."""

import io
import zipfile
from functools import lru_cache
from typing import Any

from docx import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docxtpl import DocxTemplate

from petitions.documents.composing import Paper

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RED = RGBColor(0xC8, 0x16, 0x1D)


def word_of(paper: Paper) -> bytes:
    """The paper as .docx. Text goes in as text: nothing in it is read as a template. The same paper, the same bytes."""
    template = DocxTemplate(io.BytesIO(_base()))
    data = paper.data
    body = data["paragraphs"] or [{"kind": "p", "text": f"{row[0]}：{row[1]}"} for row in data["rows"]]
    heads = [{**row, "is_heading": row["kind"] == "h1"} for row in body]
    template.render({**data, "paragraphs": heads}, autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return _undated(out.getvalue())


def _undated(packed: bytes) -> bytes:
    """The package without the moment it was packed at: two who make it at once make one file, under one checksum."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, given.read(name))
    return out.getvalue()


@lru_cache(maxsize=1)
def _base() -> bytes:
    word = WordFile()
    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    _line(word, "{{ mark }}", size=10, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(word, "{{ head }}", size=26, align=WD_ALIGN_PARAGRAPH.CENTER, color=_RED)
    _line(word, "{{ number }}", size=14, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(word, "{{ title }}", size=20, align=WD_ALIGN_PARAGRAPH.CENTER, face="黑体")
    _line(word, "{% if to %}{{ to }}：{% endif %}", size=16)
    _line(word, "{%p for row in paragraphs %}", size=16)
    _line(word, "{%p if row.is_heading %}", size=16)
    _line(word, "{{ row.text }}", size=16, face="黑体", is_indented=True)
    _line(word, "{%p else %}", size=16)
    _line(word, "{{ row.text }}", size=16, is_indented=True)
    _line(word, "{%p endif %}", size=16)
    _line(word, "{%p endfor %}", size=16)
    _line(word, "{{ organ }}", size=16, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(word, "{{ date }}", size=16, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(word, "{% if seal %}（此处加盖公章）{% endif %}", size=10, align=WD_ALIGN_PARAGRAPH.RIGHT)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _line(
    word: Any,
    text: str,
    *,
    size: int,
    align: Any = None,
    color: RGBColor | None = None,
    face: str = "仿宋",
    is_indented: bool = False,
) -> None:
    paragraph = word.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.line_spacing = Pt(28)
    paragraph.paragraph_format.space_after = Pt(0)
    if is_indented:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = face
    # The face of Chinese characters is a setting of its own.
    run._element.rPr.rFonts.set(qn("w:eastAsia"), face)
    if color is not None:
        run.font.color.rgb = color
