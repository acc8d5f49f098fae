"""More material to a running matter (domain-facts §1.7; architecture: portal, counter and line share this step)."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import move
from petitions.models import Event, Petition
from petitions.states import Refused

MAX_TEXT = 5000
MAX_FILES = 10


@transaction.atomic
def supplement(
    petition_id: int,
    *,
    text: str = "",
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> tuple[Petition, Event]:
    """Add words or files of the petitioner to an open matter; those who handle it are told, without the text.

    Also for the citizen as actor. Raises Refused with neither text nor file, for too much of either, for a matter that
    has ended, and for a file that may not be kept.
    """
    # Imported here: attachments are kept under the lock of `petitions.actions`, which is this package.
    from petitions.attachments import lay_ready, store_all

    who, words = Actor.of(actor), text.strip()
    if not words and not uploads:
        raise Refused(_("Please write what is added, or choose a file."), field="text")
    if len(words) > MAX_TEXT:
        raise Refused(_("Please write at most %(limit)d characters.") % {"limit": MAX_TEXT}, field="text")
    if len(uploads) > MAX_FILES:
        raise Refused(_("Please send at most %(limit)d files at once.") % {"limit": MAX_FILES}, field="files")
    # Before the move locks the case: a slow storage holds up nobody else.
    uploads = lay_ready(petition_id, uploads, actor=who)
    petition = move(
        petition_id, "supplement", actor=who, at=at, data={"files": len(uploads)}, text=words, version=version
    )
    event = Event.objects.filter(petition=petition, kind="supplement").latest("seq")
    store_all(petition_id, uploads, actor=who, at=at, event=event)
    return petition, event
