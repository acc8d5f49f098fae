"""When texts may go out."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone


def awake(at: datetime) -> datetime:
    """The moment itself, or the morning after: a text that would come in the quiet hours waits."""
    starts, ends = (time.fromisoformat(text) for text in settings.QUIET_HOURS)
    local = timezone.localtime(at)
    if local.time() >= starts:
        local += timedelta(days=1)
    elif local.time() >= ends:
        return at
    return local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
