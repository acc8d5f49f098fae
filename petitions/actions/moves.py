"""The one place where a petition changes its state, and what every writer of a case shares."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.models import (
    Petition,
)
from petitions.signals import petition_moved
from petitions.states import MOVES, OPEN_STATES, Move, Refused, State, check_move

# What must hold besides the table before a move, whichever way it is asked for: page, API, batch or a script.
# Each takes the locked petition and raises Refused.
GUARDS: dict[str, list[Callable[[Petition], None]]] = {}


def lock(petition_id: int) -> Petition:
    """The petition, its row locked until the transaction ends. Every writer of a case takes this lock first."""
    return Petition.objects.select_for_update(of=("self",)).get(pk=petition_id)


def require(petition: Petition, permission: str, actor: Actor) -> None:
    """Refuse when the permission does not reach this petition for this actor."""
    if not Petition.objects.within(actor, permission).filter(pk=petition.pk).exists():
        raise Refused(_("Your role may not do this for this petition."), code="forbidden")


def allow(petition: Petition, name: str, actor: Actor, *, version: int | None = None, permission: str = "") -> Move:
    """The row of a move that may be taken now with a locked petition. Raises Refused otherwise; see `move`."""
    if version is not None and version != petition.version:
        raise Refused(
            _("Somebody else has changed this petition meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    step = check_move(MOVES, name, petition.state, petition.get_state_display())
    require(petition, permission or step.permission, actor)
    for guard in GUARDS.get(name, ()):
        guard(petition)
    return step


def takes(petition: Petition, name: str) -> bool:
    """Whether the locked petition as it stands would take this move, whoever asks: the table and what must hold."""
    try:
        allow(petition, name, Actor.system())
    except Refused:
        return False
    return True


@transaction.atomic
def move(
    petition_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
    permission: str = "",
) -> Petition:
    """Take one step of the move table: the only place that assigns `Petition.state`.

    `permission` stands in for the row's where the step follows from another decision (a return accepted, a ruling).
    Locks the row, checks version, table and permission, writes state, `changes` and event, and sends `petition_moved`.
    Raises Refused with a sentence for the officer. `version` is what the person saw; None skips that check.
    """
    actor = Actor.of(actor)
    petition = lock(petition_id)
    step = allow(petition, name, actor, version=version, permission=permission)
    before = petition.state
    petition.state = step.target or before
    petition.is_open = petition.state in OPEN_STATES
    if petition.state == State.CLOSED and before != State.CLOSED:
        petition.closed_at = at
    for attribute, value in (changes or {}).items():
        setattr(petition, attribute, value)
    petition.version += 1
    petition.updated_at = at
    petition.save()
    facts = {"before": before, "after": petition.state, **(data or {})}
    events.record(petition.pk, name, actor=actor, at=at, data=facts, text=text)
    petition_moved.send(Petition, petition=petition, move=name, before=before, actor=actor, at=at)
    return petition


def touch(petition: Petition, at: datetime) -> None:
    """Mark a locked petition as changed without a move."""
    Petition.objects.filter(pk=petition.pk).update(updated_at=at)


def mark_supervised(petition: Petition, level: str) -> None:
    """Show in lists that a locked petition is under supervision at this level; "" when it is no more."""
    Petition.objects.filter(pk=petition.pk).update(supervision_level=level)
    petition.supervision_level = level


def set_deadlines(rows: Sequence[tuple[int, datetime, datetime | None, str]]) -> None:
    """Copy nearest deadlines onto petitions: (petition, due, started, rule). The clocks own the truth."""
    if not rows:
        return
    ids, dues, starts, keys = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE petitions_petition p SET next_due_at = v.due, next_due_from = v.start, next_due_key = v.key
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[]) AS v(id, due, start, key)
            WHERE p.id = v.id
            """,
            [list(ids), list(dues), list(starts), list(keys)],
        )
