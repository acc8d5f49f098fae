"""Celery's wake-ups of this room."""

from celery import shared_task
from django.utils import timezone

from gateway import actions
from gateway.actions import bulk


@shared_task
def purge_idempotency() -> None:
    actions.purge_idempotency(at=timezone.now())


@shared_task
def clear_bulk() -> None:
    bulk.clear(at=timezone.now())
