"""Celery's wake-ups of this room."""

from celery import shared_task
from django.utils import timezone

from petitions import attachments, indexing, once, previews, scanning
from petitions.actions import documents, expire_rapport


@shared_task
def index_texts() -> None:
    indexing.index_pending()


@shared_task
def purge_tokens() -> None:
    once.purge_tokens(at=timezone.now())
    attachments.purge_held(at=timezone.now())


@shared_task
def look_at_files() -> None:
    scanning.scan_waiting(at=timezone.now())
    previews.make_waiting(at=timezone.now())


@shared_task
def end_public_notices() -> None:
    documents.end_public_notices(at=timezone.now())


@shared_task
def expire_notes() -> None:
    expire_rapport(at=timezone.now())


@shared_task
def file_documents() -> None:
    documents.file_pending(at=timezone.now())
