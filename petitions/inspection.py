"""What a file is, told from its bytes, and whether it may be kept. Pure: bytes in, a type or a refusal out.

Nothing here opens a file the way its program would: a document is told by its signatures and its list of parts, so that
a bomb is refused for what it announces and never unpacked.
"""

import io
import zipfile
from pathlib import PurePosixPath
from typing import NoReturn

import puremagic
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from petitions.states import Refused

NAME_LENGTH = 150
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")

# What may be kept: extension → type it is served with. The bytes must agree with the extension.
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "mp4": "video/mp4",
}
PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "heic"})
# Names puremagic gives to the same kind of file.
_SAME = {"jpe": "jpg", "jpeg": "jpg", "jfif": "jpg", "heif": "heic", "heics": "heic", "mpga": "mp3", "koz": "mp3"}
# A folder that only this kind of office file has; puremagic sees no more than a zip in all three.
_OOXML = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_STREAMS = {"doc": ("WordDocument",), "xls": ("Workbook", "Book"), "ppt": ("PowerPoint Document",)}
_OFFICES = frozenset({*_OOXML, *_STREAMS})
# Parts of office files that run: VBA, old Excel macro sheets.
_RUNS = ("vbaproject.bin", "vbadata.xml", "macrosheets/", "dialogsheets/")
_OLE_RUNS = ("_VBA_PROJECT", "_VBA_PROJECT_CUR")
_OLE_LOCKED = "EncryptedPackage"
# A document of more parts, or that unpacks to more, is none an office writes.
PARTS = 5_000
UNPACKED = 400 * 1024 * 1024
# A part that unpacks to a thousandfold, beyond what empty cells and blanks explain.
RATIO, RATIO_FROM = 300, 20 * 1024 * 1024
# Kinds that are often sent and never kept, with what to do instead.
_ADVICE = {
    "svg": gettext_lazy("a drawing that may carry scripts; save it as PNG or PDF"),
    "html": gettext_lazy("a web page; print it to PDF"),
    "htm": gettext_lazy("a web page; print it to PDF"),
    "zip": gettext_lazy("an archive; unpack it and send the files themselves"),
    "rar": gettext_lazy("an archive; unpack it and send the files themselves"),
    "7z": gettext_lazy("an archive; unpack it and send the files themselves"),
    "docm": gettext_lazy("a document with macros; save it as DOCX"),
    "xlsm": gettext_lazy("a document with macros; save it as XLSX"),
    "pptm": gettext_lazy("a document with macros; save it as PPTX"),
    "wps": gettext_lazy("a document of another program; save it as DOCX or PDF"),
    "et": gettext_lazy("a document of another program; save it as XLSX or PDF"),
    "amr": gettext_lazy("a recording of an old kind; save it as MP3 or M4A"),
}
_JOINER = "\u200d"


def allowed_extensions() -> str:
    """For the `accept` of a file input: ".pdf,.png,…"."""
    return ",".join(f".{ext}" for ext in TYPES)


def clean_name(raw: str) -> str:
    """The file's name without path, control character or mark that turns the writing around; at most 150 characters.

    Emoji and rare characters stay; so does the extension.
    """
    name = PurePosixPath(raw.replace("\\", "/")).name
    name = "".join(ch for ch in name if ch.isprintable() or ch == _JOINER).strip(f" {_JOINER}") or "file"
    if len(name) <= NAME_LENGTH:
        return name
    suffix = PurePosixPath(name).suffix[:10]
    return name[: NAME_LENGTH - len(suffix)] + suffix


def extension_of(name: str) -> str:
    """The lower-case ending without its dot; empty for none."""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def content_type_of(name: str, content: bytes) -> str:
    """The type to serve the file with. Raises Refused, with what to do, for what may not be kept."""
    extension = extension_of(name)
    if extension not in TYPES:
        _refuse_kind(name, extension)
    if extension in _OFFICES and content.startswith(_OLE) and _has_stream(content, _OLE_LOCKED):
        _refuse_locked(name)
    if extension in _OOXML and zipfile.is_zipfile(io.BytesIO(content)):
        _check_parts(name, content)
    if not _agrees(extension, content):
        raise _refusal(
            _("“%(name)s” is not what its ending says: its content is no %(kind)s. Please save it anew and try again."),
            name,
            "file_mismatch",
            kind=extension.upper(),
        )
    _check_inside(name, extension, content)
    return TYPES[extension]


def _refusal(text: str, name: str, code: str, **words: str) -> Refused:
    return Refused(text % {"name": name, **words}, field="files", code=code)


def _refuse_kind(name: str, extension: str) -> NoReturn:
    if extension in _ADVICE:
        text = _("“%(name)s” is not kept: it is %(advice)s.")
        raise _refusal(text, name, "file_kind", advice=str(_ADVICE[extension]))
    text = _("“%(name)s” is of a kind that is not kept. Kept are PDF, pictures, office files, text, sound, MP4.")
    raise _refusal(text, name, "file_kind")


def _refuse_locked(name: str) -> NoReturn:
    text = _("“%(name)s” is protected by a password, so nobody in the office can read it. Save it without one.")
    raise _refusal(text, name, "file_locked")


def _check_inside(name: str, extension: str, content: bytes) -> None:
    """What a file of the right kind may still hide."""
    if extension in _STREAMS and any(_has_stream(content, stream) for stream in _OLE_RUNS):
        _refuse_macro(name)
    if extension == "pdf" and _is_locked_pdf(content):
        _refuse_locked(name)
    # Two files in one: what is read from its end is an archive, whatever its beginning says. Pictures are drawn anew.
    if extension not in _OFFICES and extension not in PICTURES and zipfile.is_zipfile(io.BytesIO(content)):
        raise _refusal(_("“%(name)s” hides an archive. Send the files in it by themselves."), name, "file_mismatch")


def _refuse_macro(name: str) -> NoReturn:
    text = _("“%(name)s” holds macros, which are programs. Save it without macros, or as PDF.")
    raise _refusal(text, name, "file_macro")


def _check_parts(name: str, content: bytes) -> None:
    """The list of an office file's parts: encrypted, running, or unpacking to more than any document has."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return  # `_agrees` says that it is broken.
    if any(part.flag_bits & 1 for part in parts):
        _refuse_locked(name)
    if any(run in part.filename.lower() for part in parts for run in _RUNS):
        _refuse_macro(name)
    total = sum(part.file_size for part in parts)
    is_bomb = len(parts) > PARTS or total > UNPACKED
    if is_bomb or any(p.file_size > RATIO_FROM and p.file_size > RATIO * max(1, p.compress_size) for p in parts):
        text = _("“%(name)s” would unpack to %(size)s in %(parts)s parts. That is no document; print it to PDF.")
        raise _refusal(text, name, "file_bomb", size=filesizeformat(total), parts=str(len(parts)))


def _is_locked_pdf(content: bytes) -> bool:
    """Whether a password is needed to read it. The word stands in plain bytes where a PDF is encrypted at all."""
    if b"/Encrypt" not in content:
        return False
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        return bool(reader.is_encrypted) and not reader.decrypt("")
    except (PyPdfError, ValueError, KeyError, TypeError, OSError, RecursionError, NotImplementedError):
        return False


def _agrees(extension: str, content: bytes) -> bool:
    if extension in {"txt", "csv"}:
        return _is_text(content)
    if extension in _OOXML:
        return _is_ooxml(extension, content)
    if extension in _STREAMS:
        return content.startswith(_OLE) and any(_has_stream(content, stream) for stream in _STREAMS[extension])
    return _SAME.get(extension, extension) in _sniffed(content)


def _has_stream(content: bytes, stream: str) -> bool:
    # Stream names stand in the compound file as UTF-16.
    return stream.encode("utf-16-le") in content


def _sniffed(content: bytes) -> set[str]:
    """The kinds the most confident signatures name; empty when puremagic knows none."""
    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return set()
    kinds = [(m.extension.removeprefix("."), m.confidence) for m in found]
    # "ID3" is claimed by a ringtone format as well, with more confidence than by MP3: both count.
    best = max(confidence for _kind, confidence in kinds)
    return {_SAME.get(kind, kind) for kind, confidence in kinds if confidence >= best - 0.2}


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(ord(ch) < 32 and ch not in "\t\r\n\f" for ch in text)


def _is_ooxml(extension: str, content: bytes) -> bool:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return False
    return any(name.startswith(_OOXML[extension]) for name in names)


def check_size(name: str, size: int) -> None:
    """Raises Refused for a file beyond the limit or without a byte."""
    limit = settings.ATTACHMENT_MAX_BYTES
    if size > limit:
        text = _("“%(name)s” is larger than %(limit)s. Send a smaller file or split it.")
        raise _refusal(text, name, "file_size", limit=filesizeformat(limit))
    if not size:
        raise _refusal(_("“%(name)s” is empty."), name, "file_empty")
