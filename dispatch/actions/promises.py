"""What a promise in the record book does to its clock, and to whom it is told when the case changes hands."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions import clocks
from dispatch.clocks import city_day
from dispatch.conditions import Facts
from dispatch.models import Clock, Policy
from petitions.models import Petition, RecordEntry

KIND = Policy.Subject.PROMISE


def moved(entry: RecordEntry, move: str, *, actor: Actor, at: datetime) -> None:
    """Start, meet or end the clock of a promise. The caller holds the petition's lock."""
    petition = entry.petition
    subject = clocks.Subject(
        KIND,
        entry.pk,
        entry.unit or petition.register_unit,
        petition=petition,
        asker=entry.author,
        facts=Facts.of(petition),
    )
    clocks.subject_moved(subject, move, actor=actor, at=at)
    if move == "promise" and entry.promise_due is not None:
        _until_promised(entry, actor=actor, at=at)


def _until_promised(entry: RecordEntry, *, actor: Actor, at: datetime) -> None:
    assert entry.promise_due is not None
    started = Clock.objects.filter(subject=KIND, subject_id=entry.pk, state=Clock.State.RUNNING)
    clock = started.select_related("policy").select_for_update(of=("self",)).first()
    if clock is None:
        return
    more = (entry.promise_due - city_day(at)).days - clock.policy.length
    if more > 0:
        clocks.turn(clock, "extend", at=at, actor=actor, amount=min(more, clock.policy.extend_max), reason="promise")


def hand_on(petition: Petition, *, since: User | None, to: User) -> None:
    """Open promises are told to whoever has the case now. Part of the hand-over's step."""
    if since is not None and since.pk != to.pk:
        open_states = [Clock.State.RUNNING, Clock.State.PAUSED]
        Clock.objects.filter(petition=petition, subject=KIND, asker=since, state__in=open_states).update(asker=to)
