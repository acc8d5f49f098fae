"""Celery's wake-ups of this room. A lost one loses nothing but time."""

from celery import shared_task
from django.utils import timezone

from backlog.actions import boards, forgetting


@shared_task
def forget_visitors() -> None:
    forgetting.forget_visitors(at=timezone.now())


@shared_task
def take_snapshots() -> None:
    boards.take_snapshots(at=timezone.now())
