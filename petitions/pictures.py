"""Pictures lose what they tell besides the picture: the place, the device, the hour, the owner (PIPL 6, 19).

A picture is turned upright and drawn anew, so only what can be seen is kept: no metadata, no second file behind the
picture, no script in its comments. Only the place (and the hour) may be kept, when somebody asks for it on purpose.
"""

import io
import struct
from typing import Any

import pillow_heif
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence

from petitions.states import Refused

pillow_heif.register_heif_opener()

_FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "webp": "WEBP", "heic": "HEIF"}
_GPS, _EXIF, _TAKEN = 0x8825, 0x8769, (0x9003, 0x9011)
# Frames of an animation times their pixels.
FRAMES = 300
# What decoders raise on bytes that are no picture.
BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, KeyError, TypeError, MemoryError)


def clean(name: str, extension: str, content: bytes, *, keep_place: bool = False) -> bytes:
    """The picture drawn anew without metadata, upright. Raises Refused for one that is broken or too large to draw."""
    try:
        image = Image.open(io.BytesIO(content), formats=[_FORMATS[extension]])
        frames = int(getattr(image, "n_frames", 1))
        _check_pixels(name, image.size, frames)
        return _drawn(image, _FORMATS[extension], frames, keep_place)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _check_pixels(name, (settings.ATTACHMENT_MAX_PIXELS, 2), 1)
        raise
    except BROKEN as error:
        text = _("“%(name)s” cannot be read as a picture; it is damaged. Please save or take it anew.")
        raise Refused(text % {"name": name}, field="files", code="file_broken") from error


def _check_pixels(name: str, size: tuple[int, int], frames: int) -> None:
    pixels = size[0] * size[1]
    if pixels > settings.ATTACHMENT_MAX_PIXELS or (
        frames > 1 and (frames > FRAMES or pixels * frames > 4 * settings.ATTACHMENT_MAX_PIXELS)
    ):
        text = _("“%(name)s” has more than %(limit)d million pixels. Send it smaller.")
        words = {"name": name, "limit": settings.ATTACHMENT_MAX_PIXELS // 1_000_000}
        raise Refused(text % words, field="files", code="file_pixels")


def _drawn(image: Image.Image, kind: str, frames: int, keep_place: bool) -> bytes:
    out = io.BytesIO()
    options: dict[str, Any] = {}
    exif = _place(image) if keep_place else b""
    profile = image.info.get("icc_profile")
    if profile and kind != "GIF":
        options["icc_profile"] = profile
    if frames > 1 and kind in {"GIF", "WEBP"}:
        options |= {"save_all": True, "loop": image.info.get("loop", 0), "duration": _durations(image)}
        pages = [_bare(frame.copy()) for frame in ImageSequence.Iterator(image)]
        image, options["append_images"] = pages[0], pages[1:]
    else:
        image.load()
        upright = ImageOps.exif_transpose(image)
        if kind == "JPEG":
            # The camera's own tables where nothing was turned, so that the picture loses nothing by being kept.
            is_turned = image.getexif().get(0x0112, 1) not in (0, 1)
            if not is_turned and image.format == "JPEG":
                upright, options["quality"] = image, "keep"
            else:
                options["quality"] = 93
        image = _bare(upright)
    if exif and kind != "GIF":
        options["exif"] = exif
    if kind == "WEBP":
        options.setdefault("quality", 90)
    if kind == "HEIF":
        options["quality"] = 85
    image.save(out, kind, **options)
    return out.getvalue()


def _bare(image: Image.Image) -> Image.Image:
    """Without anything a writer would copy along: comments, XMP, thumbnails."""
    kept: dict[Any, Any] = {key: image.info[key] for key in ("transparency", "background", "dpi") if key in image.info}
    image.info = kept
    if hasattr(image, "_exif"):
        image._exif = None
    return image


def _durations(image: Image.Image) -> list[int]:
    return [int(frame.info.get("duration", 100)) for frame in ImageSequence.Iterator(image)]


def _place(image: Image.Image) -> bytes:
    """EXIF with nothing but place and hour; empty when the picture has no place."""
    full = image.getexif()
    place = dict(full.get_ifd(_GPS))
    if not place:
        return b""
    kept = Image.Exif()
    kept[_GPS] = place
    taken = {tag: value for tag, value in full.get_ifd(_EXIF).items() if tag in _TAKEN}
    if taken:
        kept[_EXIF] = taken
    return kept.tobytes()


def has_place(content: bytes) -> bool:
    """Whether a picture's EXIF names a place; False for what is no picture."""
    try:
        return bool(Image.open(io.BytesIO(content)).getexif().get_ifd(_GPS))
    except (*BROKEN, Image.DecompressionBombError):
        return False
