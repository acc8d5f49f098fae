"""Celery's wake-ups of this room. A lost one loses nothing but time."""

from celery import shared_task
from django.utils import timezone

from backlog.actions import boards


@shared_task
def take_snapshots() -> None:
    boards.take_snapshots(at=timezone.now())
