"""Words for the age of a case and for how long it has stood still."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backlog.models import Assessment, BacklogCase
from dispatch.clocks import city_day


def label_of(name: str) -> str:
    """What a field of the assessment is called."""
    return str(getattr(Assessment._meta.get_field(name), "verbose_name", name))


def months_between(since: date, until: date) -> int:
    """Whole months from one day to another; 0 when the second is not later."""
    months = (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
    return max(months, 0)


def age_words(since: date, until: date) -> str:
    """`2 y 7 m`, `5 months`, and in the first month `12 days`."""
    years, months = divmod(months_between(since, until), 12)
    if years:
        return _("%(years)d y %(months)d m") % {"years": years, "months": months} if months else _("%d y") % years
    if months:
        return ngettext("%d month", "%d months", months) % months
    days = max((until - since).days, 0)
    return ngettext("%d day", "%d days", days) % days


def age_of(case: BacklogCase, at: datetime) -> str:
    """How old the matter is at `at`, or was when it was settled."""
    return age_words(case.since, city_day(case.settled_at or at))


def stuck_days(case: BacklogCase, at: datetime) -> int | None:
    """Days (of the city) since the case last got on; None while it is not in the stock."""
    if not case.is_open or case.stuck_since is None:
        return None
    return max((city_day(at) - city_day(case.stuck_since)).days, 0)
