"""The nightly round of the archive: what is due becomes a job, what was removed is proved, recordings go."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from dispatch.actions import jobs
from dispatch.models import Job
from petitions.actions.erasing import due, erase_recordings, unproved

KIND, CHECK = "anonymise", "check_erasure"
# Cases of one night; the rest follows the next. More proofs than removals, so that they catch up.
BATCH, CHECKS = 2000, 4000


def keep_archive(*, at: datetime) -> Job | None:
    """Everything the archive has due at `at`. Safe to run twice. Returns the job of removals, if one was needed."""
    # The proofs of the nights before stand before the removals of this one: what was just removed is not proved at
    # once, as its files go only afterwards.
    start_checks(at=at)
    job = start_due(at=at)
    erase_recordings(at=at)
    return job


def start_due(*, at: datetime) -> Job | None:
    """A job for the cases whose time is over; None when there are none or the last one still runs."""
    return _start(KIND, due(at=at).values_list("petition_id", flat=True)[:BATCH], at)


def start_checks(*, at: datetime) -> Job | None:
    """A job that proves what was removed before; None when nothing waits for it or the last one still runs."""
    return _start(CHECK, unproved().values_list("petition_id", flat=True)[:CHECKS], at)


@transaction.atomic
def _start(kind: str, petition_ids: Iterable[int], at: datetime) -> Job | None:
    if Job.objects.filter(kind=kind, state__in=[Job.State.WAITING, Job.State.RUNNING]).exists():
        return None
    ids = list(petition_ids)
    return jobs.start(kind, ids, params={}, actor=Actor.system("retention"), at=at) if ids else None
