"""Celery's wake-ups of this room."""

from celery import shared_task
from django.utils import timezone

from gateway import actions


@shared_task
def purge_idempotency() -> None:
    actions.purge_idempotency(at=timezone.now())
