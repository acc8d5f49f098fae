"""Why a deadline is when it is, in one or two sentences."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.durations import span_text
from dispatch.ledger import amount_text
from dispatch.models import Clock, Policy


def explain(clock: Clock) -> str:
    """How the due time follows from the start by the rule's length and unit (times of Asia/Shanghai)."""
    start = timezone.localtime(clock.started_at).strftime("%Y-%m-%d %H:%M")
    words = {"length": amount_text(clock.length + clock.extended, clock.policy), "start": start}
    if clock.state == Clock.State.PAUSED:
        words["used"] = amount_text(clock.consumed, clock.policy)
        return _("%(length)s from %(start)s; paused with %(used)s used up, so there is no due date now.") % words
    words["due"] = timezone.localtime(clock.due_at).strftime("%Y-%m-%d %H:%M:%S")
    sentence = _("%(length)s from %(start)s, so due %(due)s.") % words
    if clock.paused_for:
        sentence += " " + _("It was paused for %(span)s, which is left out.") % {"span": span_text(clock.paused_for)}
    if clock.policy.unit == Policy.Unit.WORKING_DAY:
        sentence += " " + _("Days off and public holidays are not counted, nor is the first day.")
    elif clock.policy.unit == Policy.Unit.WORKING_MINUTE:
        sentence += " " + _("Only office hours count.")
    elif clock.policy.unit == Policy.Unit.CALENDAR_DAY:
        sentence += " " + _("The first day is not counted; the last counts to its end.")
    if clock.policy.ends_on_work_day:
        sentence += " " + _("A last day that is a holiday moves to the next working day.")
    return sentence
