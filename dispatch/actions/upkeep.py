"""What the rules need done without anybody asking: late-comers put right, rights that lapse, the turn of the year."""

from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from dispatch.actions import annual, recompute, review
from dispatch.actions.clocks import turn
from dispatch.models import Clock, Policy
from petitions import actions as petitions
from petitions.models import Petition

# Clocks in one run; the rest have their turn a minute later.
LIMIT = 500


def keep(*, at: datetime) -> None:
    """Everything that is due at `at`. Safe to run twice and side by side."""
    recompute.catch_up(at=at)
    lapse(at=at)
    annual.open_reports(at=at)


def lapse(*, at: datetime) -> int:
    """End the clocks of rights whose time has passed: without judgement, for nobody was late. Returns how many."""
    rights = list(Policy.objects.filter(is_right=True).values_list("pk", flat=True))
    rows = Clock.objects.filter(policy__in=rights, state=Clock.State.RUNNING, due_at__lt=at)
    over = list(rows.order_by("pk").values_list("pk", "petition")[:LIMIT])
    return sum(_lapse(pk, petition, at) for pk, petition in over)


@transaction.atomic
def _lapse(pk: int, petition_id: int | None, at: datetime) -> bool:
    # Petition first, as in every step a person takes.
    if petition_id is not None:
        petition = Petition.objects.select_for_update(of=("self",)).get(pk=petition_id)
    clock = Clock.objects.select_for_update(of=("self",)).select_related("policy").get(pk=pk)
    if clock.state != Clock.State.RUNNING or clock.due_at >= at:
        return False
    turn(clock, "cancel", at=at, actor=Actor.system("calendar"), reason="lapsed")
    if petition_id is not None:
        # How its rating stands has changed, for lists that ask what has.
        petitions.touch(petition, at)
    if clock.petition_id is not None and clock.policy.key in review.STAGES:
        # The right to ask is gone: the case says so, dated by its clock and not by the hour of this run.
        petitions.lapse(clock.petition_id, review.STAGES[clock.policy.key], at=at)
    return True
