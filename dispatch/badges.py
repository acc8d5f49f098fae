"""What the rail and the bell count (accounts.context draws them)."""

from django.utils import timezone

from accounts.context import register_badge
from accounts.models import User
from dispatch.console import waiting_orders, waiting_petitions
from dispatch.models import Job, Notice
from dispatch.supervision_desk import waiting
from petitions.paging import capped_counts


def unread_notices(user: User) -> int:
    """Notices this person has not read yet."""
    return capped_counts([Notice.objects.visible_to(user).unread()])[0]


def running_jobs(user: User) -> int:
    """This person's own jobs that are under way."""
    return Job.objects.filter(created_by=user, state__in=[Job.State.WAITING, Job.State.RUNNING]).count()


register_badge("jobs", running_jobs)
register_badge("notices", unread_notices)
register_badge("worklist", waiting_petitions)
register_badge("unit_console", waiting_orders)
register_badge("supervision_list", lambda user: waiting(user, timezone.now()))
