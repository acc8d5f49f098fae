"""Celery's wake-ups of this room."""

from celery import shared_task
from django.utils import timezone

from portal import actions


@shared_task
def deliver_messages() -> None:
    actions.deliver(at=timezone.now())


@shared_task
def remind_to_rate() -> None:
    actions.remind(at=timezone.now())
