"""Carries a confirmed change of rules or calendar over to the clocks in flight: a job, a batch a transaction.

Which rule and calendar a clock gets is read when its turn comes, not when the job was made: two changes in a row end
at the same place in whatever order their batches run, and a batch that was killed is simply done again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.durations import local_text
from accounts.models import User
from accounts.roles import Role
from dispatch import jobs as kinds
from dispatch.actions import jobs, reckoning
from dispatch.actions.changes import JOB_KIND
from dispatch.actions.notices import notify
from dispatch.impact import OPEN
from dispatch.jobs import Handler, Row
from dispatch.models import Clock, ClockShift, Job, JobItem, Policy, RuleChange
from dispatch.rule_words import change_title, rule_name
from dispatch.rulebook import CACHE_SECONDS, calendar_version, forget_cached_rules, successors
from petitions.models import Petition

# Rows of one transaction, whose petitions and clocks are locked meanwhile: well under a second of them.
BATCH = 250
# How long other processes may still have started clocks by what they had read before.
_STALE = timedelta(seconds=CACHE_SECONDS + 60)


class Recompute(Handler):
    """Compute the due dates of these clocks anew, by the rules and the calendar in force."""

    label = gettext_lazy("Recompute deadlines")
    icon = "calendar-clock"
    batch_size = BATCH

    def title(self, job: Job) -> str:
        change = _change_of(job)
        return f"{self.label}: {change_title(change)}" if change else str(self.label)

    def run_batch(self, job: Job, items: Sequence[JobItem], *, at: datetime, actor: Actor) -> None:
        change = _change_of(job)
        ids = [item.target_id for item in items]
        changes = reckoning.recompute(
            ids, at=at, actor=actor, reason=change_title(change) if change else "", policies=rules_now()
        )
        moved = {c.clock_id: c for c in changes if c.old_due_at != c.new_due_at and not c.is_paused}
        for item in items:
            item.message = _words(moved.get(item.target_id))
        if change is None:
            return
        ClockShift.objects.bulk_create(
            [
                ClockShift(
                    change=change,
                    clock_id=c.clock_id,
                    at=at,
                    old_due_at=c.old_due_at,
                    new_due_at=c.new_due_at,
                    is_newly_overdue=c.is_late_now,
                )
                for c in moved.values()
            ],
            ignore_conflicts=True,
        )
        tell(change, list(moved), at=at)

    def rows(self, job: Job, items: Sequence[JobItem], user: User) -> dict[int, Row]:
        """A clock is known by its petition, and only to who may see that."""
        ids = [item.target_id for item in items]
        clocks = Clock.objects.filter(pk__in=ids).select_related("policy", "petition", "order__petition", "unit")
        seen = set(Petition.objects.visible_to(user).filter(clocks__in=ids).values_list("pk", flat=True))
        found = {}
        for clock in clocks:
            if clock.petition_id is None:
                found[clock.pk] = Row(str(clock.unit), rule_name(clock.policy))
            elif clock.petition_id in seen and clock.petition is not None:
                number = clock.order.number if clock.order else clock.petition.short_number
                found[clock.pk] = Row(number, rule_name(clock.policy), f"/petitions/{clock.petition_id}/")
        return found


kinds.register(JOB_KIND, Recompute())


def _change_of(job: Job) -> RuleChange | None:
    return RuleChange.objects.filter(pk=job.params.get("change")).first()


def _words(change: reckoning.Change | None) -> str:
    if change is None:
        return _("not moved")
    words = {"old": local_text(change.old_due_at), "new": local_text(change.new_due_at)}
    if change.is_late_now:
        return _("%(old)s → %(new)s, overdue by this") % words
    return _("%(old)s → %(new)s") % words


def rules_now() -> dict[int, Policy]:
    """For every version of every rule the one its open clocks run by now; those that stay are left out."""
    wanted = successors()
    return {
        rule.pk: wanted[rule.key] for rule in Policy.objects.filter(key__in=wanted) if wanted[rule.key].pk != rule.pk
    }


def tell(change: RuleChange, clock_ids: Sequence[int], *, at: datetime) -> None:
    """One notice a person for the whole change, however many batches and clocks: the key sees to that."""
    users = list(_people(clock_ids))
    if users:
        link = f"/rules/changes/{change.pk}/"
        notify(users, kind="rules_moved", key=f"rules:{change.pk}", at=at, params={"link": link, "kind": change.kind})


def _people(clock_ids: Sequence[int]) -> Iterable[User]:
    """Who owes what the clocks stand for: the handler, else the unit's own people. Of class A only persons named."""
    clocks = Clock.objects.filter(pk__in=clock_ids)
    usual = clocks.filter(Q(petition__isnull=True) | Q(petition__is_restricted=False))
    handlers = usual.filter(order__handler__isnull=False).values("order__handler")
    units = usual.values("unit")
    named = clocks.filter(petition__is_restricted=True).values("petition__involvements__user")
    leaders = [
        Role.UNIT_ADMIN,
        Role.DISPATCHER,
        Role.CITY_OFFICER,
        Role.DISTRICT_OFFICER,
        Role.REVIEWER,
    ]
    owed = Q(pk__in=handlers) | Q(unit__in=units, role__in=leaders) | Q(pk__in=named)
    return User.objects.filter(owed, is_active=True).order_by("pk")


def carry_over(*, at: datetime, actor: Actor, reason: str) -> Job | None:
    """Move the open clocks whose rule has been replaced by a release; None when there is none. Safe to call again."""
    stale = list(Clock.objects.filter(state__in=OPEN, policy__in=list(rules_now())).values_list("pk", flat=True))
    if not stale:
        return None
    change = RuleChange(
        kind=RuleChange.Kind.RELEASE,
        key="release",
        reason=reason,
        prepared_at=at,
        decided_at=at,
        is_applied=True,
    )
    change.save()
    job = jobs.start(JOB_KIND, stale, params={"change": change.pk}, actor=actor, at=at)
    RuleChange.objects.filter(pk=change.pk).update(job_id=job.pk)
    return job


def catch_up(*, at: datetime) -> int:
    """Put right what a process started by rules it had read before a change. Beat calls it; returns how many clocks.

    Only for a short while after a change is there anything to look for.
    """
    last = RuleChange.objects.filter(is_applied=True, decided_at__gt=at - 4 * _STALE).order_by("-decided_at").first()
    if last is None or last.decided_at is None:
        return 0
    forget_cached_rules()
    behind = Q(policy__in=list(rules_now())) | Q(calendar_version__lt=calendar_version())
    since = Q(started_at__gte=last.decided_at - _STALE) | Q(resumed_at__gte=last.decided_at - _STALE)
    ids = list(Clock.objects.filter(behind, since, state__in=OPEN).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if ids:
        reckoning.recompute(ids, at=at, actor=Actor.system("rules"), reason=change_title(last), policies=rules_now())
    return len(ids)
