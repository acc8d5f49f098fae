"""Why a deadline is when it is, in one or two sentences."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dispatch.models import Clock, Policy


def explain(clock: Clock) -> str:
    """How the due time follows from the start by the rule's length and unit (times of Asia/Shanghai)."""
    start = timezone.localtime(clock.started_at).strftime("%Y-%m-%d %H:%M")
    due = timezone.localtime(clock.due_at).strftime("%Y-%m-%d %H:%M:%S")
    sentence = _("%(length)s from %(start)s, so due %(due)s.") % {
        "length": length(clock.policy),
        "start": start,
        "due": due,
    }
    if clock.policy.unit == Policy.Unit.WORKING_DAY:
        sentence += " " + _("Days off and public holidays are not counted, nor is the first day.")
    elif clock.policy.unit == Policy.Unit.WORKING_MINUTE:
        sentence += " " + _("Only office hours count.")
    elif clock.policy.unit == Policy.Unit.CALENDAR_DAY:
        sentence += " " + _("The first day is not counted; the last counts to its end.")
    if clock.policy.ends_on_work_day:
        sentence += " " + _("A last day that is a holiday moves to the next working day.")
    return sentence


def length(policy: Policy) -> str:
    """The length of a rule in words, for example “7 calendar days”."""
    number = policy.length
    if policy.unit == Policy.Unit.CALENDAR_DAY:
        return ngettext("%(number)s calendar day", "%(number)s calendar days", number) % {"number": number}
    if policy.unit == Policy.Unit.WORKING_DAY:
        return ngettext("%(number)s working day", "%(number)s working days", number) % {"number": number}
    if policy.unit == Policy.Unit.WORKING_MINUTE:
        return ngettext("%(number)s working minute", "%(number)s working minutes", number) % {"number": number}
    if number % 60 == 0:
        return ngettext("%(number)s hour", "%(number)s hours", number // 60) % {"number": number // 60}
    return ngettext("%(number)s minute", "%(number)s minutes", number) % {"number": number}
