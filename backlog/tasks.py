"""Celery's wake-ups of this room."""

from celery import shared_task
from django.utils import timezone

from backlog.actions import visitors


@shared_task
def forget_visitors() -> None:
    visitors.forget_visitors(at=timezone.now())
