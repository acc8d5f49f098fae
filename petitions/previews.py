"""Previews: small pictures of a file's first pages, made in the background, shown in place of the file itself."""

import json
import logging
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from petitions.models import Attachment, PreviewPage, Scan

log = logging.getLogger(__name__)

# Wall-clock seconds for one file; the process has limits of its own on memory and computing time.
SECONDS = 40
BATCH = 20
KINDS = {"application/pdf": "pdf"}


def kind_of(content_type: str) -> str:
    """How a file is drawn: "pdf", "picture", or "" when it is not."""
    return "picture" if content_type.startswith("image/") else KINDS.get(content_type, "")


def make_waiting(*, at: datetime) -> int:
    """Draw what waits and is out of quarantine. Returns how many files were drawn or found not to be drawable."""
    rows = Attachment.objects.filter(preview=Attachment.Preview.WAITING, erased_at=None)
    rows = rows.filter(scan=Scan.CLEAN) if settings.CLAMAV else rows.exclude(scan=Scan.INFECTED)
    done = 0
    for row in rows.order_by("pk")[:BATCH]:
        make(row)
        done += 1
    return done


def make(row: Attachment) -> None:
    """Draw one file. One that cannot be drawn, or not within the limits, has no preview; it is kept all the same."""
    kind = kind_of(row.content_type)
    if not kind or not row.is_open:
        _settle(row.pk, [], None)
        return
    with tempfile.TemporaryDirectory(prefix="yq-pages-") as folder:
        pages, drawn = _draw(kind, row, Path(folder))
        kept = []
        for number, width, height in drawn:
            path = f"previews/{row.petition_id}/{row.sha256}/{number}.webp"
            default_storage.delete(path)
            name = default_storage.save(path, ContentFile((Path(folder) / f"{number}.webp").read_bytes()))
            kept.append(PreviewPage(attachment=row, page=number, file=name, width=width, height=height))
    _settle(row.pk, kept, pages)


def _draw(kind: str, row: Attachment, folder: Path) -> tuple[int | None, list[list[int]]]:
    try:
        with row.file.open("rb") as file:
            content = file.read()
        run = subprocess.run(  # noqa: S603 - our own module, no shell, nothing of the file in the arguments
            [sys.executable, "-m", "petitions.page_images", kind, str(folder)],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            cwd=settings.BASE_DIR,
            check=True,
        )
        said = json.loads(run.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        log.info("File %s has no preview (%s)", row.pk, type(error).__name__)
        return None, []
    return said["pages"], said["drawn"]


@transaction.atomic
def _settle(attachment_id: int, kept: list[PreviewPage], pages: int | None) -> None:
    row = Attachment.objects.select_for_update().get(pk=attachment_id)
    PreviewPage.objects.filter(attachment=row).delete()
    if row.erased_at is not None:
        # Removed by law while it was drawn: what was drawn goes as well.
        for page in kept:
            default_storage.delete(str(page.file.name))
        kept = []
    PreviewPage.objects.bulk_create(kept)
    row.preview = Attachment.Preview.READY if kept else Attachment.Preview.NONE
    row.pages = pages
    row.save(update_fields=["preview", "pages"])
