"""What the worklist offers for many chosen rows. Later rooms add what they can do; this room only draws the bar."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.models import User


@dataclass(frozen=True)
class BulkAction:
    """A button of the bar: where the chosen rows are sent. The first one offered answers to the key A."""

    label: str | Promise
    icon: str
    url: str


# Each tells what a person may do with many petitions, in the order of the bar.
BULK_ACTIONS: list[Callable[[User], list[BulkAction]]] = []
# One selection holds at most so many rows; whoever takes them in cuts there.
BULK_CAP = 2000


def bulk_actions(user: User) -> list[BulkAction]:
    """The buttons of this person's bar; none for who may only read."""
    return [action for tell in BULK_ACTIONS for action in tell(user)]
