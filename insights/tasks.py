"""Celery's wake-ups. A lost one loses nothing but time: each counts from where the last one ended."""

from celery import shared_task
from django.utils import timezone

from insights.actions import outlooks, tallies


@shared_task
def fold_tallies() -> None:
    tallies.fold(at=timezone.now())


@shared_task(soft_time_limit=3000, time_limit=3300)
def recount_tallies() -> None:
    tallies.recount(at=timezone.now())


@shared_task(soft_time_limit=800, time_limit=890)
def refresh_outlooks() -> None:
    outlooks.refresh(at=timezone.now())
