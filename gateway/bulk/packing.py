"""Lines of a table as one text for the encrypted column, and back."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class Line:
    """A line: its number as an editor or spreadsheet shows it; its JSON text, or its cells as texts."""

    number: int
    cells: Sequence[Any]


def pack(lines: Sequence[Line]) -> str:
    """Compressed, as text."""
    raw = orjson.dumps(
        [[line.number, line.cells] for line in lines], default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS
    )
    return b64encode(zlib.compress(raw, 1)).decode()


def unpack(text: str) -> list[Line]:
    """What `pack` made; no lines of an empty text."""
    if not text:
        return []
    return [Line(number, cells) for number, cells in orjson.loads(zlib.decompress(b64decode(text)))]
