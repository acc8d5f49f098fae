"""Draws pages as small pictures, in a process of its own: `python -m petitions.page_images KIND FOLDER < file`.

A process of its own because a file may be made to crash or exhaust the program that draws it: here it takes nothing
with it but itself. Writes FOLDER/0.webp (thumbnail), 1.webp … and one line of JSON:
{"pages": 12, "drawn": [[0, width, height], …]}.
"""

import io
import json
import resource
import sys
from pathlib import Path

from PIL import Image, ImageOps

PAGES = 10
SIDE, THUMB = 1600, 240
# Of a page before it is made smaller; a poster is drawn coarser instead.
PIXELS = 60_000_000
MEMORY, SECONDS = 1536 * 1024 * 1024, 25


def main(kind: str, folder: Path, content: bytes) -> dict[str, object]:
    """Draw one file. `kind` is "pdf" or "picture"."""
    return _pdf(content, folder) if kind == "pdf" else _picture(content, folder)


def _picture(content: bytes, folder: Path) -> dict[str, object]:
    import pillow_heif

    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = PIXELS
    image = Image.open(io.BytesIO(content))
    image.draft("RGB", (SIDE, SIDE))
    upright = ImageOps.exif_transpose(image)
    return {"pages": 1, "drawn": [_save(upright, folder, 0, THUMB), _save(upright, folder, 1, SIDE)]}


def _pdf(content: bytes, folder: Path) -> dict[str, object]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    count, drawn = len(document), []
    for index in range(min(count, PAGES)):
        page = document[index]
        width, height = page.get_size()
        scale = SIDE / max(width, height, 1)
        image = page.render(scale=min(scale, 4), may_draw_forms=False).to_pil()
        if not index:
            drawn.append(_save(image, folder, 0, THUMB))
        drawn.append(_save(image, folder, index + 1, SIDE))
        page.close()
    return {"pages": count, "drawn": drawn}


def _save(image: Image.Image, folder: Path, number: int, side: int) -> list[int]:
    small = image.convert("RGBA" if image.mode in {"RGBA", "LA", "P"} else "RGB")
    small.thumbnail((side, side))
    if small.mode == "RGBA":
        white = Image.new("RGB", small.size, "white")
        white.paste(small, mask=small.getchannel("A"))
        small = white
    small.save(folder / f"{number}.webp", "WEBP", quality=80)
    return [number, *small.size]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), sys.stdin.buffer.read())))
