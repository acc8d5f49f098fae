"""Celery's wake-ups of this room. A lost one loses nothing but time."""

from celery import shared_task
from django.utils import timezone

from accounts.actors import Actor
from backlog.actions import boards, entering, visitors


@shared_task
def forget_visitors() -> None:
    visitors.forget_visitors(at=timezone.now())


@shared_task
def take_snapshots() -> None:
    boards.take_snapshots(at=timezone.now())


@shared_task
def find_backlog() -> None:
    entering.find(actor=Actor.system("backlog"), at=timezone.now())
