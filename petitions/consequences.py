"""What follows from purpose and legal route, shown before the matter is registered (domain-facts §1.6).

Which clocks run is told by the room that keeps them, from its rules; nothing here is a copy of a period.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from petitions.models import Purpose
from petitions.routes import CLASS_ARTICLES, ROUTES, LegalClass, LegalRoute, Route, RouteProposal, class_of, propose


@dataclass(frozen=True)
class Choice:
    """What has been chosen of a matter so far."""

    purpose: str
    route: str
    urgency: str
    register_unit: Unit
    is_anonymous: bool = False


@dataclass(frozen=True)
class ClockLine:
    """One period that would run: its rule, when it would be due (UTC), the article, and what starts it."""

    name: str
    due: datetime
    article: str
    starts: Promise | str


@dataclass(frozen=True)
class Consequences:
    """All the panel says."""

    legal_class: LegalClass
    article: str
    route: LegalRoute | None
    proposal: RouteProposal | None
    clocks: Sequence[ClockLine]
    organ: Promise | str
    told: Promise | str
    readers: Promise | str
    is_led_out: bool


# Filled by the room that keeps the clocks.
CLOCKS: list[Callable[[Choice, datetime], list[ClockLine]]] = []

_ORGANS: dict[str, Promise] = {
    LegalClass.SUGGESTION: _("The organ whose work it concerns; it says whether it adopts it, with reasons."),
    LegalClass.ACCUSATION: _("The organ of discipline and supervision, or the body with power over the person."),
    LegalClass.NONE: _("The office answers an enquiry at once, or passes it to the unit in charge."),
}
_TOLD: dict[str, Promise] = {
    LegalClass.SUGGESTION: _("Received; then whether it is adopted, in part or not, with reasons."),
    LegalClass.ACCUSATION: _(
        "A person who gave a name is told of acceptance and of the result; nothing is told to others."
    ),
    LegalClass.NONE: _("The answer, with the person's agreement that it settles the matter."),
}
_PETITION_TOLD = _(
    "Receipt, route and procedure within 15 days; acceptance or refusal; then a written opinion that may be reviewed"
    " and re-reviewed."
)
_UNDECIDED = _("Not chosen yet: receipt, route and procedure are told once it is.")
READERS_OPEN = _(
    "The registering office, the office of the district, the city office and hub, and the units it is given to;"
    " identity stays masked."
)
READERS_CLASS_A = _(
    "Persons named in advance only. Never the unit complained of nor those above and below it; you not either unless"
    " you are named."
)


def consequences(choice: Choice, at: datetime, *, text: str = "", content_class: str = "") -> Consequences:
    """What registering this now would mean; the route the words speak for stands beside it as a proposal."""
    legal_class = class_of(choice.purpose)
    route = ROUTES.get(choice.route)
    if route is None and legal_class == LegalClass.ACCUSATION:
        route = ROUTES[Route.DISCIPLINE]
    proposal = propose(choice.purpose, text, content_class) if legal_class == LegalClass.APPEAL else None
    is_led_out = route is not None and route.is_led_out and legal_class == LegalClass.APPEAL
    told: Promise | str = _TOLD.get(legal_class, _UNDECIDED)
    if legal_class == LegalClass.APPEAL:
        told = _UNDECIDED if route is None else (route.told if is_led_out else _PETITION_TOLD)
    organ = route.organ if route is not None else _ORGANS.get(legal_class, _UNDECIDED)
    return Consequences(
        legal_class=legal_class,
        article=route.article if route is not None else CLASS_ARTICLES[legal_class],
        route=route,
        proposal=proposal,
        clocks=[line for tell in CLOCKS for line in tell(choice, at)],
        organ=organ,
        told=told,
        readers=READERS_CLASS_A if choice.purpose == Purpose.ACCUSE else READERS_OPEN,
        is_led_out=is_led_out,
    )
