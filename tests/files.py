"""Real files for tests, made in the test: pictures that can be drawn, PDFs of so many pages, office files."""

import io
import zipfile
from typing import Any

import pypdf
from PIL import Image

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
GPS = {1: "N", 2: (29.0, 52.0, 1.0), 3: "E", 4: (121.0, 33.0, 2.0)}


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    """A picture of one colour with a blue corner at the upper left."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((0, 0, 255), (0, 0, size[0] // 4, size[1] // 4))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(kind: str = "JPEG", *, orientation: int = 6, size: tuple[int, int] = (60, 40)) -> bytes:
    """A picture as a phone takes it: a place, an hour, a device, lying on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = orientation, "SECRETCAM", GPS
    exif[0x8769] = {0x9003: "2026:11:16 10:00:00"}
    return picture(kind, size, exif=exif.tobytes())


def animation(frames: int = 3) -> bytes:
    """A moving GIF with a comment."""
    pages = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")] * (frames // 3 + 1)
    out = io.BytesIO()
    pages[0].save(out, "GIF", save_all=True, append_images=pages[1:frames], duration=80, comment=b"SECRETCAM")
    return out.getvalue()


def pdf(pages: int = 1, *, password: str = "", owner: str = "") -> bytes:
    """A PDF of blank pages; with a password it is encrypted."""
    writer = pypdf.PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 280)
    if password or owner:
        writer.encrypt(password, owner_password=owner or None, algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def office(entry: str, *, more: dict[str, bytes] | None = None) -> bytes:
    """An office file with this part in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(entry, "<x/>")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def ole(*streams: str) -> bytes:
    """An old office file with these streams."""
    return OLE + b"\0" * 500 + b"\0".join(stream.encode("utf-16-le") for stream in streams)
