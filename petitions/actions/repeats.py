"""Repeat petitions (重复信访, domain-facts §1.11): which earlier matter one repeats, and the how-manieth time it is.

A matter's tellings form a tree through `repeat_of`; its members are numbered in the order they were registered. The row
of the first telling is the lock under which a chain is read and numbered.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions.moves import lock, move, require
from petitions.models import Petition, RepeatSuggestion
from petitions.signals import petition_recurred
from petitions.states import Refused

_ROOT_SQL = """
WITH RECURSIVE up AS (
    SELECT id, repeat_of_id FROM petitions_petition WHERE id = %s
    UNION SELECT p.id, p.repeat_of_id FROM petitions_petition p JOIN up ON p.id = up.repeat_of_id
)
SELECT id FROM up WHERE repeat_of_id IS NULL
"""
_CHAIN_SQL = """
WITH RECURSIVE down AS (
    SELECT id, registered_at FROM petitions_petition WHERE id = %s
    UNION SELECT p.id, p.registered_at FROM petitions_petition p JOIN down ON p.repeat_of_id = down.id
)
SELECT d.id FROM down d JOIN petitions_petition p ON p.id = d.id
WHERE NOT p.is_restricted OR p.id = %s ORDER BY d.registered_at, d.id
"""


def root_of(petition_id: int) -> int:
    """The first telling of the matter this petition belongs to: itself, when it repeats nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOT_SQL, [petition_id])
        return cursor.fetchone()[0]


def chain_of(petition_id: int) -> list[int]:
    """All tellings of a petition's matter, the earliest first, itself among them; accusations count for themselves."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN_SQL, [root_of(petition_id), petition_id])
        return [row[0] for row in cursor.fetchall()]


def numbers_for(earlier: Sequence[int]) -> list[int]:
    """The recurrence of fresh petitions that repeat these, in order. Locks the first telling of each matter."""
    roots = {pk: root_of(pk) for pk in sorted(set(earlier))}
    list(Petition.objects.select_for_update(of=("self",)).filter(pk__in=roots.values()).order_by("pk").only("pk"))
    counts = {root: len(chain_of(root)) for root in set(roots.values())}
    found = []
    for pk in earlier:
        counts[roots[pk]] += 1
        found.append(counts[roots[pk]])
    return found


def _number(petition_id: int) -> None:
    """Number the matter this petition belongs to afresh."""
    for number, pk in enumerate(chain_of(petition_id), start=1):
        Petition.objects.filter(pk=pk).exclude(recurrence=number).update(recurrence=number)


def _lock_both(first: int, *others: int) -> Petition:
    """Lock several petitions in the order of their ids, as every writer of more than one does; returns the first."""
    rows = Petition.objects.select_for_update(of=("self",)).filter(pk__in={first, *others}).order_by("pk")
    return {row.pk: row for row in rows}[first]


@transaction.atomic
def mark_repeat(
    petition_id: int, *, of: Petition, reason: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Say that a petition repeats an earlier one; it is numbered, and later rooms raise it.

    Raises Refused for itself, for a later petition, and where it is marked so already.
    """
    who = Actor.of(actor)
    petition = _lock_both(petition_id, root_of(of.pk))
    require(petition, "petitions.amend", who)
    _check_version(petition, version)
    if of.is_restricted and not petition.is_restricted:
        # The number of an accusation must not stand on a case others read (domain-facts §1.17).
        raise Refused(
            _("There is no such petition, or more than one. Give year and number, as in 26-000123."), field="of"
        )
    if of.pk == petition_id or (of.registered_at, of.pk) > (petition.registered_at, petition.pk):
        raise Refused(_("Choose a petition that was registered earlier."), field="of")
    if petition.repeat_of_id == of.pk:
        raise Refused(_("It is marked as a repeat of this petition already."), field="of")
    before = petition.repeat_of_id
    petition.repeat_of, petition.updated_at = of, at
    petition.version += 1
    petition.save(update_fields=["repeat_of", "updated_at", "version"])
    if before:
        _number(before)
    _number(petition_id)
    petition.refresh_from_db(fields=["recurrence"])
    decide(petition_id, {of.pk: RepeatSuggestion.Decision.REPEAT}, actor=who, at=at)
    data = {"into": of.pk, "number": of.number, "recurrence": petition.recurrence}
    events.record(petition_id, "mark_repeat", actor=who, at=at, data=data, text=reason.strip())
    petition_recurred.send(Petition, petition=petition, actor=who, at=at)
    return petition


@transaction.atomic
def not_a_repeat(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Say that a petition is a matter of its own: a mark is taken back, open suspicions are answered."""
    if len(reason.strip()) < 4:
        raise Refused(_("Please say in a few words why it is a new matter."), field="reason")
    who = Actor.of(actor)
    earlier = Petition.objects.values_list("repeat_of_id", flat=True).get(pk=petition_id)
    petition = _lock_both(petition_id, *([root_of(earlier)] if earlier else []))
    require(petition, "petitions.amend", who)
    _check_version(petition, version)
    before = petition.repeat_of
    petition.repeat_of, petition.is_priority, petition.updated_at = None, False, at
    petition.version += 1
    petition.save(update_fields=["repeat_of", "is_priority", "updated_at", "version"])
    if before:
        _number(before.pk)
    _number(petition_id)
    petition.refresh_from_db(fields=["recurrence"])
    decide(petition_id, {}, rest=RepeatSuggestion.Decision.NEW, actor=who, at=at)
    data = {"number": before.number} if before else {}
    events.record(petition_id, "not_repeat", actor=who, at=at, data=data, text=reason.strip())
    return petition


def name_new_facts(
    petition_id: int, *, facts: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Record what is new in a matter raised again, so that it may be taken up (Regulation, arts. 19, 36).

    Raises Refused where it repeats nothing, and without at least ten characters of facts.
    """
    if len(facts.strip()) < 10:
        raise Refused(_("Please write which facts are new, in at least ten characters."), field="facts")
    with transaction.atomic():
        petition = lock(petition_id)
        if petition.repeat_of_id is None:
            raise Refused(_("This petition repeats none; nothing has to be new in it."), code="no_repeat")
        changes = {"new_facts_at": at}
        return move(
            petition_id, "name_new_facts", actor=actor, at=at, text=facts.strip(), changes=changes, version=version
        )


def _check_version(petition: Petition, version: int | None) -> None:
    if version is not None and version != petition.version:
        raise Refused(
            _("Somebody else has changed this petition meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )


def decide(
    petition_id: int,
    decisions: dict[int, str],
    *,
    rest: str = RepeatSuggestion.Decision.MOOT,
    actor: Actor,
    at: datetime,
) -> None:
    """Answer the open suspicions of a petition: those about these earlier ones so, all the rest `rest`."""
    open_rows = RepeatSuggestion.objects.filter(petition=petition_id, decision="")
    for earlier, decision in decisions.items():
        open_rows.filter(earlier=earlier).update(decision=decision, decided_at=at, decided_by=actor.user)
    open_rows.update(decision=rest, decided_at=at, decided_by=actor.user)


def prioritise(petition: Petition) -> None:
    """Mark a locked petition as one leaders read; it stays marked to its end."""
    if not petition.is_priority:
        petition.is_priority = True
        Petition.objects.filter(pk=petition.pk).update(is_priority=True)
