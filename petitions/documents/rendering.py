"""Setting a paper: PDF and pictures by typst, Word by docxtpl. No database here, and no lock may be held meanwhile."""

import io
import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _
from pypdf import PdfReader

from petitions.documents.composing import Paper
from petitions.documents.fonts import font_folder
from petitions.states import Refused

FOLDER = Path(__file__).parent / "typst"
# A letter, not a book: more text than this is a mistake, and would keep a worker busy.
LIMIT = 400_000


@lru_cache(maxsize=1)
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_folder()])


def _compile(paper: Paper, shape: str, at: datetime | None, **options: Any) -> Any:
    data = json.dumps(paper.data, ensure_ascii=False)
    if len(data) > LIMIT:
        raise Refused(_("The text is too long to be set as one document."), field="body", code="too_long")
    compiled: Any = typst.compile
    return compiled(
        str(FOLDER / f"{paper.source}.typ"),
        root=str(FOLDER),
        font_paths=_fonts(),
        sys_inputs={"data": data},
        format=shape,
        timestamp=int(at.timestamp()) if at else None,
        **options,
    )


def pdf_of(paper: Paper, *, at: datetime | None = None) -> bytes:
    """The paper as PDF. The same paper at the same `at` is the same bytes. Raises Refused for what is far too long."""
    content: bytes = _compile(paper, "pdf", at)
    return content


def pictures_of(paper: Paper, *, ppi: float = 80) -> list[bytes]:
    """Its pages as PNG, for the preview on screen."""
    made = _compile(paper, "png", None, ppi=ppi)
    return made if isinstance(made, list) else [made]


def pages_in(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(io.BytesIO(pdf)).pages)
