"""Celery's wake-ups of this room."""

from celery import shared_task
from django.utils import timezone

from petitions import indexing, once


@shared_task
def index_texts() -> None:
    indexing.index_pending()


@shared_task
def purge_tokens() -> None:
    once.purge_tokens(at=timezone.now())
