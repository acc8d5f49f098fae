"""Where later rooms may show something on pages of this one, without this room knowing them.

A room registers a maker from its `ready()`; the page draws what the makers return with the template they name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from dispatch.models import WorkOrder
from petitions.models import Petition


@dataclass(frozen=True)
class Panel:
    """A card: the template that draws it, with `panel` in its context, and what it shows."""

    template: str
    data: dict[str, Any] = field(default_factory=dict)
    # A template for the chip beside the case's number; empty for none.
    header: str = ""


CaseMaker = Callable[[User, Petition, list[WorkOrder], datetime], Panel | None]
DeskMaker = Callable[[User, datetime], Panel | None]
_CASE: list[CaseMaker] = []
_DESK: list[DeskMaker] = []


def register_case_panel(maker: CaseMaker) -> CaseMaker:
    """Have the side of the case page show what `maker(user, petition, orders, at)` returns, None for nothing.

    The petition came from `visible_to(user)`; the orders are all of its, newest first.
    """
    _CASE.append(maker)
    return maker


def register_desk_card(maker: DeskMaker) -> DeskMaker:
    """Have the desk show what `maker(user, at)` returns, None for nothing."""
    _DESK.append(maker)
    return maker


def case_panels(user: User, petition: Petition, orders: list[WorkOrder], at: datetime) -> list[Panel]:
    """What later rooms say of a case."""
    made = (maker(user, petition, orders, at) for maker in _CASE)
    return [panel for panel in made if panel is not None]


def desk_cards(user: User, at: datetime) -> list[Panel]:
    """What later rooms put on a person's desk."""
    made = (maker(user, at) for maker in _DESK)
    return [panel for panel in made if panel is not None]
