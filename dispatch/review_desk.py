"""Reviews and hearings that wait for somebody: the tabs of their pages, and the cards of the desk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.durations import Remaining, remaining
from accounts.models import User
from accounts.roles import Role
from dispatch.models import Clock
from dispatch.panels import Panel, register_desk_card
from petitions.models import Hearing, HearingMember, ReviewInvestigator, ReviewRequest
from petitions.paging import Order
from petitions.states.reviews import HearingState, ReviewState

NEWEST = Order("asked_at", is_descending=True)
BY_DATE = Order("held_at")
REVIEW_RULES = ("D07_review", "D09_rereview", "V01_admit")
HEARING_RULES = ("H01_hearing_decide", "H02_hearing_hold")
FEW = 5


@dataclass(frozen=True)
class Tab:
    """One tab of a list."""

    key: str
    label: Promise
    rows: Callable[[User], QuerySet[Any]]
    order: Order = NEWEST


def _reviews(user: User) -> Any:
    return ReviewRequest.objects.visible_to(user)


def _hearings(user: User) -> Any:
    return Hearing.objects.visible_to(user)


REVIEW_TABS = (
    Tab("mine", _("Mine to decide"), lambda user: _reviews(user).open().of(user), Order("asked_at")),
    Tab("open", pgettext_lazy("review", "Running"), lambda user: _reviews(user).open(), Order("asked_at")),
    Tab("deliver", _("To be delivered"), lambda user: _reviews(user).filter(state=ReviewState.DECIDED)),
    Tab(
        "ended",
        _("Finished"),
        lambda user: _reviews(user).filter(state__in=[ReviewState.DELIVERED, ReviewState.REFUSED, ReviewState.DROPPED]),
    ),
)
HEARING_TABS = (
    Tab("asked", _("To decide"), lambda user: _hearings(user).filter(state=HearingState.ASKED), Order("asked_at")),
    Tab(
        "set",
        _("Dates"),
        lambda user: _hearings(user).filter(state__in=[HearingState.SET, HearingState.SITTING]),
        BY_DATE,
    ),
    Tab("mine", _("I sit"), lambda user: _hearings(user).open().of(user)),
    Tab(
        "ended",
        _("Finished"),
        lambda user: _hearings(user).exclude(state__in=[HearingState.ASKED, HearingState.SET, HearingState.SITTING]),
    ),
)


def review_rows(tab: Tab, user: User) -> Any:
    """Rows of a tab with what a line shows."""
    team = Prefetch("investigators", ReviewInvestigator.objects.select_related("user"))
    joined = tab.rows(user).select_related("petition", "target_unit", "petition__lead_unit")
    return joined.prefetch_related(team)


def hearing_rows(tab: Tab, user: User) -> Any:
    """Rows of a tab with what a line shows."""
    chairs = Prefetch(
        "members", HearingMember.objects.filter(part=HearingMember.Part.CHAIR).select_related("user"), to_attr="chairs"
    )
    return tab.rows(user).select_related("petition", "petition__lead_unit").prefetch_related(chairs)


def with_left(rows: Sequence[Any], rules: Sequence[str], at: datetime) -> list[tuple[Any, Remaining | None]]:
    """Each row with the chip of its nearest deadline; one statement for the page."""
    pks = [row.petition_id for row in rows if row.is_open]
    clocks = Clock.objects.filter(petition__in=pks, order=None, policy__key__in=rules, state__in=["running", "paused"])
    nearest: dict[int, Clock] = {}
    for clock in clocks.order_by("-state", "due_at"):
        kept = nearest.get(clock.petition_id or 0)
        if kept is None or (clock.state == "running" and clock.due_at < kept.due_at):
            nearest[clock.petition_id or 0] = clock
    return [(row, _chip(nearest.get(row.petition_id), at)) for row in rows]


def _chip(clock: Clock | None, at: datetime) -> Remaining | None:
    if clock is None:
        return None
    return remaining(clock.due_at, at, start=clock.started_at, is_paused=clock.state == "paused")


@register_desk_card
def reviews_card(user: User, at: datetime) -> Panel | None:
    """Reviews this person investigates, the oldest first."""
    if user.role != Role.REVIEWER:
        return None
    rows = list(review_rows(REVIEW_TABS[0], user).order_by("asked_at", "id")[:FEW])
    return Panel("dispatch/desk_reviews.html", {"rows": with_left(rows, REVIEW_RULES, at)}) if rows else None


@register_desk_card
def hearings_card(user: User, at: datetime) -> Panel | None:
    """Hearings this person sits in, the next first."""
    if not user.may("petitions.view_hearings"):
        return None
    rows: Any = _hearings(user).of(user).filter(state__in=[HearingState.SET, HearingState.SITTING])
    found = list(rows.select_related("petition").order_by("held_at", "id")[:FEW])
    return Panel("dispatch/desk_hearings.html", {"rows": found}) if found else None
