"""The nightly round of the archive: what is due becomes a job, what was removed is proved, recordings go."""

from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from dispatch.actions import jobs
from dispatch.models import Job
from petitions.actions.erasing import check_erasures, due, erase_recordings

KIND = "anonymise"
# Cases of one night; the rest follows the next.
BATCH = 2000


def keep_archive(*, at: datetime) -> Job | None:
    """Everything the archive has due at `at`. Safe to run twice. Returns the job, if one was needed."""
    erase_recordings(at=at)
    check_erasures(at=at)
    return start_due(at=at)


@transaction.atomic
def start_due(*, at: datetime) -> Job | None:
    """A job for the cases whose time is over; None when there are none or the last one still runs."""
    if Job.objects.filter(kind=KIND, state__in=[Job.State.WAITING, Job.State.RUNNING]).exists():
        return None
    ids = list(due(at=at).values_list("petition_id", flat=True)[:BATCH])
    return jobs.start(KIND, ids, params={}, actor=Actor.system("retention"), at=at) if ids else None
