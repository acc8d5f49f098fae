"""Files of a case: what may be kept, and the one action that keeps it."""

import hashlib
import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import puremagic
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions import lock, touch
from petitions.models import Attachment, Event, Petition, attachment_path
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
# Names puremagic gives to the same kind of file.
_SAME = {"jpe": "jpg", "jpeg": "jpg", "jfif": "jpg", "heif": "heic", "heics": "heic", "mpga": "mp3", "koz": "mp3"}
# A folder that only this kind of office file has; puremagic sees no more than a zip in all three.
_OOXML = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_STREAMS = {"doc": ("WordDocument",), "xls": ("Workbook", "Book"), "ppt": ("PowerPoint Document",)}


def allowed_extensions() -> str:
    """For the `accept` of a file input: ".pdf,.png,…"."""
    return ",".join(f".{ext}" for ext in TYPES)


def clean_name(raw: str) -> str:
    """The file's name without any path or control character, at most 150 characters, its extension kept."""
    name = PurePosixPath(raw.replace("\\", "/")).name
    name = "".join(ch for ch in name if ch.isprintable()).strip() or "file"
    if len(name) <= NAME_LENGTH:
        return name
    suffix = PurePosixPath(name).suffix[:10]
    return name[: NAME_LENGTH - len(suffix)] + suffix


def content_type_of(name: str, content: bytes) -> str:
    """The type to serve the file with. Raises Refused when it is not allowed or its bytes say something else."""
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    if extension not in TYPES:
        raise Refused(
            _("“%(name)s” is of a kind that is not kept. Kept are PDF, pictures, office files, text, sound, MP4.")
            % {"name": name},
            field="files",
            code="file_kind",
        )
    if not _agrees(extension, content):
        raise Refused(
            _("“%(name)s” is not what its ending says: its content is no %(kind)s. Please save it anew and try again.")
            % {"name": name, "kind": extension.upper()},
            field="files",
            code="file_mismatch",
        )
    return TYPES[extension]


def _agrees(extension: str, content: bytes) -> bool:
    if extension in {"txt", "csv"}:
        return _is_text(content)
    if extension in _OOXML:
        return _is_ooxml(extension, content)
    if extension in _STREAMS:
        # Stream names stand in the compound file as UTF-16.
        return content.startswith(_OLE) and any(s.encode("utf-16-le") in content for s in _STREAMS[extension])
    return _SAME.get(extension, extension) in _sniffed(content)


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
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
    # A macro in a file that claims to have none is a disguise.
    has_macro = any(name.lower().endswith("vbaproject.bin") for name in names)
    return not has_macro and any(name.startswith(_OOXML[extension]) for name in names)


def _may_attach(petition: Petition, actor: Actor) -> bool:
    rows = Petition.objects.filter(pk=petition.pk)
    if actor.is_system or rows.within(actor, "petitions.note").exists():
        return True
    if actor.user is None:
        # An interface that registers, or the citizen whose matter it is.
        return any(rows.within(actor, name).exists() for name in ("petitions.register", "petitions.supplement"))
    # Who has just registered an accusation may not read it any more (§1.17), but hands in its enclosures.
    return petition.registrar_id == actor.user.pk and actor.may("petitions.register")


def _read(upload: UploadedFile, name: str) -> bytes:
    limit = settings.ATTACHMENT_MAX_BYTES
    if (upload.size or 0) > limit:
        raise Refused(
            _("“%(name)s” is larger than %(limit)s. Send a smaller file or split it.")
            % {"name": name, "limit": filesizeformat(limit)},
            field="files",
            code="file_size",
        )
    upload.seek(0)
    content = upload.read(limit + 1)
    if not content:
        raise Refused(_("“%(name)s” is empty.") % {"name": name}, field="files", code="file_empty")
    return content


def store(
    petition_id: int,
    *,
    upload: UploadedFile,
    actor: User | Actor,
    at: datetime,
    event: Event | None = None,
    name: str | None = None,
) -> Attachment:
    """Keep one file of a petition, with an event "attach" that binds its name, size and SHA-256 into the chain.

    `event`: the step the file belongs to (a feedback, a note); without it the attach event itself. The same bytes
    twice on one petition are kept once: the earlier row is returned. Raises Refused for what is too large, empty,
    not allowed or disguised, and for an actor who may not attach.
    """
    return _store(petition_id, upload, Actor.of(actor), at, event, name)[0]


@transaction.atomic
def store_all(
    petition_id: int, uploads: Iterable[UploadedFile], *, actor: User | Actor, at: datetime, event: Event | None = None
) -> list[str]:
    """Keep several files, all or none; the sentences to show about those that were there already."""
    remarks = []
    for upload in uploads:
        row, is_new = _store(petition_id, upload, Actor.of(actor), at, event, None)
        if not is_new:
            words = {"name": clean_name(upload.name or ""), "kept": row.name}
            remarks.append(_("“%(name)s” is in this case already (as “%(kept)s”); it is kept once.") % words)
    return remarks


@transaction.atomic
def _store(
    petition_id: int, upload: UploadedFile, who: Actor, at: datetime, event: Event | None, given: str | None
) -> tuple[Attachment, bool]:
    name = clean_name(given or upload.name or "")
    content = _read(upload, name)
    content_type = content_type_of(name, content)
    petition = lock(petition_id)
    if not _may_attach(petition, who):
        raise Refused(_("Your role may not attach files to this petition."), code="forbidden")
    digest = hashlib.sha256(content).hexdigest()
    kept = Attachment.objects.filter(petition=petition, sha256=digest).first()
    if kept is not None:
        return kept, False
    row = Attachment(petition=petition, name=name, sha256=digest, size=len(content), content_type=content_type)
    # The file goes first: when the transaction fails afterwards, a file nobody points to is harmless, and the retry
    # finds it again under its checksum. The other way round the history would name a file that does not exist.
    path = attachment_path(row, name)
    row.file = path if default_storage.exists(path) else default_storage.save(path, ContentFile(content))
    data: dict[str, Any] = {"name": name, "size": row.size, "sha256": digest, "type": content_type}
    if event is not None:
        data["for"] = event.seq
    recorded = events.record(petition.pk, "attach", actor=who, at=at, data=data)
    touch(petition, at)
    row.event, row.uploaded_by, row.uploaded_at = event or recorded, who.user, at
    row.save(force_insert=True)
    return row, True
