"""Files of a case: the actions that keep them, and those that hold a file until its form is sent."""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.models import User
from petitions import events, pictures
from petitions.actions import lock, touch
from petitions.actions.archiving import refuse_erased
from petitions.inspection import (
    PICTURES,
    TYPES,
    allowed_extensions,
    check_size,
    clean_name,
    content_type_of,
    extension_of,
)
from petitions.models import Attachment, Erasure, Event, HeldFile, Petition, Scan, attachment_path
from petitions.states import Refused

__all__ = [
    "TYPES",
    "HeldUpload",
    "allowed_extensions",
    "clean_name",
    "content_type_of",
    "drop_held",
    "forget_laid",
    "hold",
    "lay_copies",
    "lay_ready",
    "purge_held",
    "store",
    "store_all",
    "take_held",
]

# A file held for a form nobody sends is forgotten after that; as long as a form's own token lives (`petitions.once`).
HOLD = timedelta(days=2)
# What one person may hold at once: files, and as many times the limit of one file.
HELD_FILES = 60


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its clean name, the bytes to keep (no metadata in pictures), its type."""

    name: str
    content: bytes
    content_type: str
    keeps_place: bool = False

    @property
    def sha256(self) -> str:
        """Of what is kept, not of what was sent."""
        return hashlib.sha256(self.content).hexdigest()


class HeldUpload(SimpleUploadedFile):
    """A held file on its way through a form, as if the browser had sent it with it."""

    def __init__(self, held: HeldFile, content: bytes) -> None:
        super().__init__(held.name, content)
        self.held = held


class ReadyUpload(SimpleUploadedFile):
    """A file checked and laid into the storage before its case is locked: only its rows are still to be written.

    `path` is empty where it was not laid, because the actor could not attach yet; it is laid with its rows then.
    """

    def __init__(self, file: Checked, *, path: str = "", held: HeldFile | None = None) -> None:
        super().__init__(file.name, b"")
        self.checked, self.path, self.held = file, path, held


def check(upload: UploadedFile, *, name: str | None = None, keep_place: bool = False) -> Checked:
    """Read one file and make of it what may be kept. Raises Refused with a sentence that says what to do."""
    name = clean_name(name or upload.name or "")
    check_size(name, upload.size or 0)
    upload.seek(0)
    content = upload.read(settings.ATTACHMENT_MAX_BYTES + 1)
    check_size(name, len(content))
    content_type = content_type_of(name, content)
    extension = extension_of(name)
    if extension in PICTURES:
        content = pictures.clean(name, extension, content, keep_place=keep_place)
    keeps = keep_place and extension in PICTURES and pictures.has_place(content)
    return Checked(name, content, content_type, keeps)


# Later rooms say who else hands in papers of a petition: those who work on a file it belongs to.
MAY_ATTACH: list[Callable[[Petition, Actor], bool]] = []


def _may_attach(petition: Petition, actor: Actor) -> bool:
    rows = Petition.objects.filter(pk=petition.pk)
    if actor.is_system or rows.within(actor, "petitions.note").exists():
        return True
    if actor.user is None:
        # An interface that registers, or the citizen whose matter it is.
        return any(rows.within(actor, name).exists() for name in ("petitions.register", "petitions.supplement"))
    if any(may(petition, actor) for may in MAY_ATTACH):
        return True
    # Who has just registered an accusation may not read it any more (§1.17), but hands in its enclosures.
    return petition.registrar_id == actor.user.pk and actor.may("petitions.register")


def store(
    petition_id: int,
    *,
    upload: UploadedFile,
    actor: User | Actor,
    at: datetime,
    event: Event | None = None,
    name: str | None = None,
    keep_place: bool = False,
) -> Attachment:
    """Keep one file of a petition, with an event "attach" that binds its name, size and SHA-256 into the chain.

    `event`: the step the file belongs to (a feedback, a note); without it the attach event itself. The same bytes
    twice on one petition are kept once: the earlier row is returned. Pictures lose their metadata first, but for the
    place if `keep_place`. Raises Refused for what is too large, empty, not allowed or disguised, and for an actor who
    may not attach.
    """
    who = Actor.of(actor)
    (ready,) = lay_ready(petition_id, [upload], actor=who, name=name, keep_place=keep_place)
    return _keep(petition_id, ready, who, at, event)[0]


def store_all(
    petition_id: int,
    uploads: Iterable[UploadedFile],
    *,
    actor: User | Actor,
    at: datetime,
    event: Event | None = None,
    keep_place: bool = False,
) -> list[str]:
    """Keep several files, all or none; the sentences to show about those that were there already."""
    who, remarks = Actor.of(actor), []
    files = lay_ready(petition_id, uploads, actor=who, keep_place=keep_place)
    with transaction.atomic():
        for ready in files:
            row, is_new = _keep(petition_id, ready, who, at, event)
            if not is_new:
                words = {"name": ready.checked.name, "kept": row.name}
                remarks.append(_("“%(name)s” is in this case already (as “%(kept)s”); it is kept once.") % words)
    return remarks


def lay_ready(
    petition_id: int,
    uploads: Iterable[UploadedFile],
    *,
    actor: User | Actor,
    name: str | None = None,
    keep_place: bool = False,
) -> list[ReadyUpload]:
    """Check files and lay them into the storage, for a step that keeps them with `store_all` under its lock.

    Call it before the transaction: a slow storage then holds up nobody else's work on the case. What is ready already
    is returned as it is. Raises Refused for a file that may not be kept.
    """
    who, petition = Actor.of(actor), Petition.objects.get(pk=petition_id)
    files = [_ready(upload, who, name, keep_place) for upload in uploads]
    # Who may attach only by the step itself is asked under the lock, and the file laid then.
    if any(not file.path for file in files) and _may_attach(petition, who) and not _is_erased(petition):
        for file in files:
            file.path = file.path or _lay(petition_id, file.checked)
    return files


def _ready(upload: UploadedFile, who: Actor, given: str | None, keep_place: bool) -> ReadyUpload:
    if isinstance(upload, ReadyUpload):
        return upload
    held = upload.held if isinstance(upload, HeldUpload) else None
    keep_place = keep_place or getattr(upload, "keep_place", False)
    file = _checked_before(held, upload, who) if held else check(upload, name=given, keep_place=keep_place)
    return ReadyUpload(file, held=held)


def lay_copies(petition_id: int, rows: Iterable[Attachment]) -> list[ReadyUpload]:
    """Files of one case laid ready for another, which is about to be registered under this key. Lock nothing yet."""
    files = []
    for row in rows:
        with row.file.open("rb") as file:
            checked = Checked(row.name, file.read(), row.content_type, row.keeps_place)
        files.append(ReadyUpload(checked, path=_lay(petition_id, checked)))
    return files


def forget_laid(files: Iterable[ReadyUpload]) -> None:
    """Take back what was laid for a case that did not come to be."""
    for file in files:
        default_storage.delete(file.path)


def _lay(petition_id: int, file: Checked) -> str:
    """Its path in the storage, named by its checksum: a retry finds it again."""
    path = attachment_path(Attachment(petition_id=petition_id, sha256=file.sha256), file.name)
    return path if default_storage.exists(path) else default_storage.save(path, ContentFile(file.content))


def _is_erased(petition: Petition) -> bool:
    return Erasure.objects.filter(petition=petition).exists()


@transaction.atomic
def _keep(
    petition_id: int, ready: ReadyUpload, who: Actor, at: datetime, event: Event | None
) -> tuple[Attachment, bool]:
    file, held, path = ready.checked, ready.held, ready.path
    petition = lock(petition_id)
    if not _may_attach(petition, who):
        raise Refused(_("Your role may not attach files to this petition."), code="forbidden")
    if path and _is_erased(petition):
        # The words of the case went while the file came: nothing may stay of it.
        default_storage.delete(path)
    refuse_erased(petition)
    if held is not None:
        _forget(held)
    digest = file.sha256
    same = Attachment.objects.filter(petition=petition, sha256=digest)
    kept = same.filter(erased_at=None).first()
    if kept is not None:
        if path not in {"", str(kept.file.name)}:
            # Both came at once and were laid twice.
            transaction.on_commit(lambda: default_storage.delete(path), robust=True)
        return kept, False
    row = Attachment(petition=petition, name=file.name, sha256=digest, size=len(file.content))
    row.content_type, row.keeps_place = file.content_type, file.keeps_place
    row.scan = Scan.WAITING if settings.CLAMAV else Scan.UNSCANNED
    # The file goes first: when the transaction fails afterwards, a file nobody points to is harmless, and the retry
    # finds it again under its checksum. The other way round the history would name a file that does not exist.
    # Laid ready beforehand, it lies there, unless the same bytes were removed by law meanwhile.
    row.file = path if path and not same.exists() else _lay(petition_id, file)
    # The name is somebody's words: it stands beside the chain, bound by its digest, so that the law can remove it.
    data: dict[str, Any] = {"size": row.size, "sha256": digest, "type": file.content_type}
    if row.keeps_place:
        data["keeps_place"] = True
    if event is not None:
        data["for"] = event.seq
    recorded = events.record(petition.pk, "attach", actor=who, at=at, data=data, text=file.name)
    touch(petition, at)
    row.event, row.uploaded_by, row.uploaded_at = event or recorded, who.user, at
    row.save(force_insert=True)
    transaction.on_commit(wake, robust=True)
    return row, True


def wake() -> None:
    """Have a worker scan and draw what has just come in. Nobody there loses nothing: beat looks every half minute."""
    from celery import current_app

    try:
        current_app.send_task("petitions.tasks.look_at_files", retry=False)
    except OSError:
        return


# ---- held until the form is sent ----


@transaction.atomic
def hold(upload: UploadedFile, *, user: User, at: datetime, keep_place: bool = False) -> HeldFile:
    """Check one file and hold it for the form it will be sent with. Raises Refused for what may not be kept.

    The row's `token` names the file in the form. What was sent is not stored; what is kept of it is.
    """
    if HeldFile.objects.filter(user=user).count() >= HELD_FILES:
        text = ngettext(
            "You hold %(count)d file that is not sent yet. Send or remove it first.",
            "You hold %(count)d files that are not sent yet. Send or remove some first.",
            HELD_FILES,
        )
        raise Refused(text % {"count": HELD_FILES}, field="files", code="file_many")
    file = check(upload, keep_place=keep_place)
    row = HeldFile(user=user, token=secrets.token_urlsafe(24), name=file.name, size=len(file.content), at=at)
    row.keeps_place = file.keeps_place
    row.file = default_storage.save(f"held/{user.pk}/{row.token}", ContentFile(file.content))
    row.save(force_insert=True)
    return row


def take_held(token: str) -> HeldUpload | None:
    """The held file a form names, ready to be stored; None when it is gone. Who may store it is asked by `store`."""
    row = HeldFile.objects.filter(token=token).first()
    if row is None or not default_storage.exists(str(row.file.name)):
        return None
    with row.file.open("rb") as file:
        return HeldUpload(row, file.read())


def _checked_before(held: HeldFile, upload: UploadedFile, who: Actor) -> Checked:
    if who.user is None or who.user.pk != held.user_id:
        raise Refused(
            _("This file was chosen by somebody else. Please choose it again."), field="files", code="file_held"
        )
    upload.seek(0)
    content = upload.read()
    return Checked(held.name, content, TYPES[extension_of(held.name)], held.keeps_place)


def _forget(held: HeldFile) -> None:
    path = str(held.file.name)
    held.delete()
    transaction.on_commit(lambda: default_storage.delete(path), robust=True)


@transaction.atomic
def drop_held(token: str, *, user: User) -> bool:
    """Forget one of one's own held files; False when there was none."""
    row = HeldFile.objects.select_for_update().filter(token=token, user=user).first()
    if row is None:
        return False
    _forget(row)
    return True


def purge_held(*, at: datetime) -> int:
    """Forget files whose form was not sent within two days. Returns how many."""
    rows = list(HeldFile.objects.filter(at__lt=at - HOLD)[:500])
    for row in rows:
        with transaction.atomic():
            _forget(row)
    return len(rows)
