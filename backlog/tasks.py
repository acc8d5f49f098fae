"""Celery's wake-ups of this room."""

from celery import shared_task
from django.utils import timezone

from backlog.actions import forgetting


@shared_task
def forget_visitors() -> None:
    forgetting.forget_visitors(at=timezone.now())
