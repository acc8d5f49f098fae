"""Celery's wake-ups. What must happen is a row first; a lost task loses nothing but time."""

from celery import shared_task
from django.utils import timezone

from dispatch import file_book
from dispatch.actions import findings, jobs, keeping, ledger, outbox, ratings, sweep, upkeep


@shared_task
def sweep_clocks() -> None:
    sweep.sweep(at=timezone.now())


@shared_task
def find_unmended_ratings() -> None:
    ratings.find_unmended(at=timezone.now())


@shared_task
def end_pauses() -> None:
    ledger.resume_due(at=timezone.now())


@shared_task
def deliver_notices() -> None:
    outbox.deliver(at=timezone.now())


@shared_task
def deliver_to_units() -> None:
    outbox.deliver_to_units(at=timezone.now())


@shared_task
def find_for_supervision() -> None:
    findings.find(at=timezone.now())


@shared_task
def run_jobs() -> None:
    jobs.drain(now=timezone.now)


@shared_task
def keep_rules() -> None:
    upkeep.keep(at=timezone.now())


@shared_task
def keep_archive() -> None:
    keeping.keep_archive(at=timezone.now())


@shared_task
def purge_exports() -> None:
    file_book.purge_exports(at=timezone.now())
