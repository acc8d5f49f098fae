"""Papers of a backlog file: kept with its main petition, so that one store, one scanner and one retention hold them."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile

from accounts.actors import Actor
from accounts.models import User
from backlog.models import BacklogCase
from petitions.attachments import ReadyUpload, lay_ready, store
from petitions.models import Attachment


def keep(case_id: int, uploads: Sequence[UploadedFile], *, actor: User | Actor, at: datetime) -> list[Attachment]:
    """Keep the files of a step. Call it first in the step's transaction: it locks the petition, the case comes after.

    Files laid ready before (`petitions.attachments.lay_ready`) cost no storage call here. Raises Refused.
    """
    if not uploads:
        return []
    petition_id = BacklogCase.objects.values_list("petition_id", flat=True).get(pk=case_id)
    return [store(petition_id, upload=upload, actor=actor, at=at) for upload in uploads]


__all__ = ["ReadyUpload", "keep", "lay_ready"]
