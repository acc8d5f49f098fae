"""The closing checklist: what must be true before a petition may be closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import lock, move
from petitions.models import (
    Petition,
)
from petitions.states import Refused, State


@dataclass(frozen=True)
class ChecklistItem:
    key: str
    label: str | Promise
    is_done: bool


# Later rooms add what they know (work checked, callback made); each takes a petition and returns items.
CLOSING_CHECKS: list[Any] = []


def closing_checklist(petition: Petition) -> list[ChecklistItem]:
    """What must be true before a petition may be closed, in the order it happens."""
    items = [item for check in CLOSING_CHECKS for item in check(petition)]
    rated = petition.is_anonymous or petition.ratings.filter(round=petition.round).exists()
    return [
        *items,
        ChecklistItem("replied", _("Reply given to the petitioner"), petition.replied_at is not None),
        ChecklistItem("rated", _("Rating recorded for office and unit"), rated),
    ]


def close(petition_id: int, *, remark: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Close a replied petition; raises Refused naming what the closing checklist still lacks."""
    with transaction.atomic():
        petition = lock(petition_id)
        missing = [item.label for item in closing_checklist(petition) if not item.is_done]
        if missing and petition.state == State.REPLIED:
            raise Refused(
                _("Not yet complete: %(items)s.") % {"items": _(", ").join(str(m) for m in missing)}, code="incomplete"
            )
        changes = {"close_type": "settled"}
        return move(petition_id, "close", actor=actor, at=at, text=remark, changes=changes, version=version)
