"""Which characters the house's fonts have. A rare one they lack is printed as its code: it must not vanish."""

import struct
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path


@lru_cache(maxsize=1)
def font_folder() -> str:
    """Where Noto Serif SC and Noto Sans SC lie. Raises RuntimeError when the package is not installed."""
    spec = find_spec("pylopdf_fonts_zh_cn")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package pylopdf-fonts-zh-cn is not installed")
    return str(Path(spec.origin).parent)


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """The code points that both faces together can draw (tables "cmap", formats 4 and 12)."""
    found: set[int] = set()
    for path in Path(font_folder()).glob("*.otf"):
        found |= _code_points(path.read_bytes())
    return frozenset(found)


def _code_points(font: bytes) -> set[int]:
    count = struct.unpack_from(">H", font, 4)[0]
    for place in range(count):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", font, 12 + 16 * place)
        if tag == b"cmap":
            return _cmap(font, offset)
    return set()


def _cmap(font: bytes, start: int) -> set[int]:
    found: set[int] = set()
    for place in range(struct.unpack_from(">H", font, start + 2)[0]):
        offset = start + struct.unpack_from(">I", font, start + 4 + 8 * place + 4)[0]
        shape = struct.unpack_from(">H", font, offset)[0]
        if shape == 12:
            for group in range(struct.unpack_from(">I", font, offset + 12)[0]):
                first, last, _glyph = struct.unpack_from(">III", font, offset + 16 + 12 * group)
                found.update(range(first, last + 1))
        elif shape == 4:
            half = struct.unpack_from(">H", font, offset + 6)[0] // 2
            ends = struct.unpack_from(f">{half}H", font, offset + 14)
            starts = struct.unpack_from(f">{half}H", font, offset + 16 + 2 * half)
            for first, last in zip(starts, ends, strict=True):
                found.update(range(first, last + 1))
    return found - {0xFFFF}


def _is_invisible(code: int) -> bool:
    """Joiners and variation selectors change another character and have no shape of their own."""
    return code in {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF} or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def printable(text: str) -> tuple[str, list[str]]:
    """The text as it can be printed, and the characters that stand in it as 〔U+20BB7〕 because no font has them."""
    known, missing = covered(), []
    out = []
    for char in text:
        code = ord(char)
        if code in known or char in "\n\t ":
            out.append(char)
        elif _is_invisible(code) or code < 32 or 0x7F <= code < 0xA0:
            continue
        else:
            missing.append(char)
            out.append(f"〔U+{code:04X}〕")
    return "".join(out), missing
