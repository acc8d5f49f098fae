"""Celery's wake-ups of this room."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from portal import actions
from portal.access import MOST
from portal.actions.bookings import remind_of_days


@shared_task
def deliver_messages() -> None:
    actions.deliver(at=timezone.now())


@shared_task
def remind_to_rate() -> None:
    actions.remind(at=timezone.now())


@shared_task
def remind_of_receptions() -> None:
    remind_of_days(at=timezone.now())


@shared_task
def forget_unsent() -> None:
    """Words whose session is over, and sessions that have ended."""
    actions.purge_unsent(at=timezone.now(), older=MOST)
    call_command("clearsessions")
