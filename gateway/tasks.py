"""Celery's wake-ups of this room."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from gateway import actions
from gateway.actions import bulk, channels, datasets, webhooks


@shared_task
def purge_idempotency() -> None:
    actions.purge_idempotency(at=timezone.now())
    actions.purge_refusals(at=timezone.now())


@shared_task
def clear_bulk() -> None:
    bulk.clear(at=timezone.now())


@shared_task
def deliver_webhooks() -> None:
    webhooks.deliver(now=timezone.now)


@shared_task
def purge_webhooks() -> None:
    webhooks.purge_webhooks(at=timezone.now(), keep=timedelta(days=settings.WEBHOOK_KEEP_DAYS))


@shared_task
def clear_inbound() -> None:
    channels.clear_items(at=timezone.now(), keep=timedelta(days=settings.INBOUND_KEEP_DAYS))


@shared_task
def tend_datasets() -> None:
    datasets.purge(at=timezone.now(), keep=timedelta(days=settings.DATASET_KEEP_DAYS))
    datasets.ask_as_scheduled(at=timezone.now())
