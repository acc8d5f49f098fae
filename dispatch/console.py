"""The console without its page: tabs as data, rows by deadline, and what waits for whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.durations import Remaining
from accounts.models import User
from dispatch.case_file import deadline_of
from dispatch.ledger import to_decide
from dispatch.models import Feedback, WorkOrder
from dispatch.querysets import WorkOrderQuerySet
from dispatch.states import OrderState
from petitions.filters import Due, bounds, due_q
from petitions.models import Petition
from petitions.paging import Order, capped_counts
from petitions.states import State

BY_DEADLINE = Order("next_due_at")
NEWEST = Order("dispatched_at", is_descending=True)


@dataclass(frozen=True)
class Tab:
    """A tab of the console: a condition on the orders a person may see."""

    key: str
    label: Promise
    condition: Callable[[User, datetime], Q]
    tone: str = ""
    order: Order = BY_DEADLINE


def _in(*states: str) -> Callable[[User, datetime], Q]:
    # The literal is_open lets the partial indexes answer.
    return lambda user, at: Q(is_open=True, state__in=states)


def _sent_back(user: User, at: datetime) -> Q:
    """In hand again although it was fed back once: the office found something missing."""
    again = Q(state=OrderState.IN_HAND) & Q(Exists(Feedback.objects.filter(order=OuterRef("pk"))))
    late = Q(state__in=[OrderState.WAITING, OrderState.IN_HAND], next_due_at__lt=at)
    return Q(is_open=True) & (again | late)


_TO_SIGN = Tab("to_sign", _("To sign for"), _in(OrderState.WAITING), tone="amber")
_IN_HAND = Tab("in_hand", _("In hand"), _in(OrderState.IN_HAND))
_DONE = Tab("done", _("Done"), lambda user, at: Q(is_open=False), order=NEWEST)

UNIT_TABS = (
    _TO_SIGN,
    _IN_HAND,
    Tab(
        "mine",
        _("Mine"),
        lambda user, at: Q(is_open=True, handler=user, state__in=[OrderState.WAITING, OrderState.IN_HAND]),
    ),
    Tab("late", _("Sent back or overdue"), _sent_back, tone="red"),
    Tab("decide", _("To decide"), lambda user, at: to_decide(user), tone="amber"),
    Tab("paused", _("Paused"), _in(OrderState.PAUSED)),
    Tab("checking", _("With the office"), _in(OrderState.FED_BACK, OrderState.CHECKED, OrderState.CALLED_BACK)),
    _DONE,
)
OFFICE_TABS = (
    Tab("to_check", _("To check"), _in(OrderState.FED_BACK), tone="amber"),
    Tab("to_call", _("To call back"), _in(OrderState.CHECKED)),
    Tab("to_sign", _("Not signed for"), _in(OrderState.WAITING)),
    _IN_HAND,
    Tab("decide", _("Pauses and more time"), lambda user, at: to_decide(user), tone="amber"),
    Tab("paused", _("Paused"), _in(OrderState.PAUSED)),
    Tab("late", _("Overdue"), lambda user, at: due_q(Due.OVER, at), tone="red"),
    _DONE,
)


def is_unit_person(user: User) -> bool:
    """Somebody who handles orders; everybody else sees the console as a list of work orders."""
    return user.may("dispatch.sign")


def tabs_for(user: User) -> tuple[Tab, ...]:
    return UNIT_TABS if is_unit_person(user) else OFFICE_TABS


def rows_of(user: User, tab: Tab, at: datetime) -> WorkOrderQuerySet:
    """The orders of a tab, with what a row shows."""
    rows = WorkOrder.objects.visible_to(user).filter(tab.condition(user, at))
    return rows.select_related("unit", "handler", "petition__area", "petition__content_class").defer(
        "instruction", "petition__content", "petition__demand", "petition__reply_text", "petition__respondent"
    )


def counts_for(user: User, at: datetime) -> dict[str, int]:
    """Every tab's count, capped, in one statement. Done work is not counted: it only grows."""
    tabs = [tab for tab in tabs_for(user) if tab is not _DONE]
    visible = WorkOrder.objects.visible_to(user)
    counts = capped_counts([visible.filter(tab.condition(user, at)) for tab in tabs])
    return dict(zip((tab.key for tab in tabs), counts, strict=True))


@dataclass
class Group:
    """Rows under one deadline heading; without a heading where the order is not by deadline."""

    key: str
    lines: list[tuple[WorkOrder, Remaining | None]] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(Due(self.key).label) if self.key else ""


def groups_of(rows: Iterable[WorkOrder], at: datetime, *, by_deadline: bool) -> list[Group]:
    groups: list[Group] = []
    limits = bounds(at)
    for order in rows:
        key = ""
        if by_deadline:
            fits = (k for k, (_since, until) in limits.items() if until is None or order.next_due_at < until)
            key = next(fits, Due.NONE)
        if not groups or groups[-1].key != key:
            groups.append(Group(key))
        groups[-1].lines.append((order, deadline_of(order, at)))
    return groups


# ---- what waits for a person: the badges of the rail ----


def waiting_orders(user: User) -> int:
    """Orders that wait for this person's step: to sign or in hand for a unit, to check or call back for an office."""
    if is_unit_person(user):
        scope, states = "dispatch.sign", [OrderState.WAITING, OrderState.IN_HAND]
    elif user.may("dispatch.check"):
        scope, states = "dispatch.check", [OrderState.FED_BACK, OrderState.CHECKED]
    else:
        return 0
    rows = WorkOrder.objects.within(user, scope).filter(is_open=True, state__in=states)
    return capped_counts([rows])[0]


def waiting_petitions(user: User) -> int:
    """Petitions to dispatch, within this person's reach."""
    rows = Petition.objects.within(user, "dispatch.dispatch").filter(is_open=True, state=State.REGISTERED)
    return capped_counts([rows])[0]
