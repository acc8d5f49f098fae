"""The closing checklist: what must be true before a petition may be closed, whichever way closing is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import GUARDS, lock, move
from petitions.models import (
    Petition,
)
from petitions.states import Refused


@dataclass(frozen=True)
class ChecklistItem:
    """One point of the checklist. `help`: what to do next, or in words why it is not needed."""

    key: str
    label: str | Promise
    is_done: bool
    help: str | Promise = ""
    # The step that does it, on the petition, or on the work order named.
    step: str = ""
    order_id: int | None = None


# Later rooms add what they know (work checked, callback made); each takes a petition and returns items.
CLOSING_CHECKS: list[Callable[[Petition], list[ChecklistItem]]] = []
# And say why a petition cannot be rated (the person declined, was tried three times …): words, or ''.
RATING_EXCUSES: list[Callable[[Petition], str]] = []


def closing_checklist(petition: Petition) -> list[ChecklistItem]:
    """What must be true before a petition may be closed, in the order it happens."""
    items = [item for check in CLOSING_CHECKS for item in check(petition)]
    replied = petition.replied_at is not None
    reply_help = "" if replied else _("Reply once every feedback is checked and the person called back.")
    return [
        *items,
        ChecklistItem("replied", _("Reply given to the petitioner"), replied, reply_help, "reply"),
        _rated(petition),
    ]


def _rated(petition: Petition) -> ChecklistItem:
    label = _("Rating recorded for office and unit")
    if petition.ratings.filter(round=petition.round).exists():
        return ChecklistItem("rated", label, is_done=True)
    excuse = next((words for tell in RATING_EXCUSES if (words := tell(petition))), "")
    if petition.is_anonymous and not excuse:
        excuse = _("Not needed: anonymous.")
    help_text = excuse or _("Ask the person to rate the office and the unit, and record it.")
    return ChecklistItem("rated", label, bool(excuse), help_text, "rate")


def require_complete(petition: Petition) -> None:
    """Raises Refused naming what the closing checklist still lacks."""
    missing = [item.label for item in closing_checklist(petition) if not item.is_done]
    if missing:
        raise Refused(
            _("Not yet complete: %(items)s.") % {"items": _(", ").join(str(m) for m in missing)}, code="incomplete"
        )


GUARDS.setdefault("close", []).append(require_complete)


def open_parts(petition: Petition) -> list[Petition]:
    """The matters split off from this one that have not ended."""
    return list(Petition.objects.filter(parent=petition, is_open=True).order_by("id"))


def close(
    petition_id: int,
    *,
    remark: str,
    without_parts: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Close a replied petition; raises Refused naming what the closing checklist still lacks.

    `without_parts`: why it is closed before the matters split off from it have ended; refused without while any is
    open.
    """
    with transaction.atomic():
        waiting = open_parts(lock(petition_id))
        reason = without_parts.strip()
        if waiting and len(reason) < 4:
            raise Refused(
                _("Matters split off from it are still open: %(numbers)s. Close them first, or say why not.")
                % {"numbers": _(", ").join(part.short_number for part in waiting)},
                field="without_parts",
                code="open_parts",
            )
        changes = {"close_type": "settled"}
        data = {"without_parts": len(waiting)} if waiting else {}
        text = "\n\n".join(part for part in (remark.strip(), reason if waiting else "") if part)
        return move(petition_id, "close", actor=actor, at=at, data=data, text=text, changes=changes, version=version)
