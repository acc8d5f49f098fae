"""What a person may do on a case now, and the one thing they should do next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.roles import Scope
from dispatch.ledger import DECISIONS, undecided
from dispatch.models import Reminder, WorkOrder
from dispatch.states import ORDER_MOVES, OrderState
from dispatch.steps import ORDER_STEPS, PETITION_STEPS, Step, permission_of
from dispatch.twice import is_raised_to_supervision, may_rework
from petitions.models import Petition, Purpose, Sensitivity
from petitions.states import MOVES, State


@dataclass(frozen=True)
class Option:
    """A step somebody may take now, on the petition or on one order."""

    step: Step
    url: str
    order: WorkOrder | None = None


class Reach:
    """Whether permissions reach a row: one query for each scope the role has, none for the scope it was found in."""

    def __init__(self, user: User, found_by: str, rows: Callable[[str], Any]) -> None:
        self.user, self.rows = user, rows
        self.known: dict[Scope | None, bool] = {None: False, user.scope_for(found_by): True}

    def __call__(self, permission: str) -> bool:
        scope = self.user.scope_for(permission)
        if scope not in self.known:
            self.known[scope] = self.rows(permission).exists()
        return self.known[scope]


def reach_of_petition(user: User, petition: Petition) -> Reach:
    """For a petition that was read through `visible_to(user)`."""
    return Reach(
        user, "petitions.view", lambda permission: Petition.objects.within(user, permission).filter(pk=petition.pk)
    )


def reach_of_order(user: User, order: WorkOrder) -> Reach:
    """For an order that was read through `visible_to(user)`."""
    return Reach(
        user, "dispatch.view", lambda permission: WorkOrder.objects.within(user, permission).filter(pk=order.pk)
    )


def options(user: User, petition: Petition, orders: Sequence[WorkOrder], *, is_rated: bool) -> list[Option]:
    """Every step this person may take now, petition first, in the order of the tables."""
    steps = [*_petition_options(user, petition, orders), *_order_options(user, petition, orders)]
    # A round is rated once.
    return [option for option in steps if not (is_rated and option.step.name == "rate")]


def _petition_options(user: User, petition: Petition, orders: Sequence[WorkOrder]) -> Iterable[Option]:
    reach = reach_of_petition(user, petition)
    for name, step in PETITION_STEPS.items():
        is_legal = not step.moves or any(petition.state in MOVES[move].sources for move in step.moves)
        if is_legal and _makes_sense(name, petition, orders) and reach(permission_of(step, MOVES)):
            yield Option(step, reverse("petition_act", args=[petition.pk, name]))


# The table allows these steps; without what stands here they would only be refused, or mean nothing.
_SENSE: dict[str, Callable[[Petition, Sequence[WorkOrder]], bool]] = {
    "dispatch": lambda p, orders: not any(order.is_open and order.is_lead for order in orders),
    "take_back": lambda p, orders: is_untouched(orders),
    "reply": lambda p, orders: is_ready_for_reply(orders),
    "rework": lambda p, orders: may_rework(p),
    "raise_twice": lambda p, orders: p.rework_count > 0 and not may_rework(p) and not is_raised_to_supervision(p),
    "not_a_repeat": lambda p, orders: p.repeat_of_id is not None,
    "name_person": lambda p, orders: p.is_restricted or p.sensitivity != Sensitivity.NORMAL or p.is_open,
    "notify_receipt": lambda p, orders: not p.is_anonymous and p.notified_at is None,
    "accept": lambda p, orders: p.accepted_at is None and p.purpose in {Purpose.SETTLE, Purpose.APPEAL},
    "deliver_opinion": lambda p, orders: not p.is_anonymous and p.delivered_at is None,
    "ask_review": lambda p, orders: p.lead_unit_id is not None and p.review_level < 2,
    "hold_hearing": lambda p, orders: p.hearing_since is None,
    "end_hearing": lambda p, orders: p.hearing_since is not None,
}


def _makes_sense(name: str, petition: Petition, orders: Sequence[WorkOrder]) -> bool:
    return name not in _SENSE or _SENSE[name](petition, orders)


def is_untouched(orders: Sequence[WorkOrder]) -> bool:
    """Dispatched, and no unit has begun."""
    made = [order for order in orders if order.state != OrderState.CANCELLED]
    return bool(made) and all(order.state == OrderState.WAITING for order in made)


def is_ready_for_reply(orders: Sequence[WorkOrder]) -> bool:
    """Work was done and every feedback is checked; before that a reply is refused."""
    done = {OrderState.CHECKED, OrderState.CALLED_BACK, OrderState.DONE}
    work = [order for order in orders if order.state != OrderState.CANCELLED]
    return bool(work) and all(order.state in done for order in work)


def _order_options(user: User, petition: Petition, orders: Sequence[WorkOrder]) -> Iterable[Option]:
    live = [order for order in orders if order.is_open]
    if not live or not user.may("dispatch.view"):
        return
    rows = WorkOrder.objects.filter(petition=petition, is_open=True)
    reached: dict[Scope | None, set[int]] = {None: set()}
    reminded = _reminded(user, live)
    waiting = undecided(user, live)
    for order in live:
        for name, step in ORDER_STEPS.items():
            if name == "answer_reminder" and order.pk not in reminded:
                continue
            permission = permission_of(step, ORDER_MOVES)
            scope = user.scope_for(permission)
            if scope not in reached:
                reached[scope] = set(rows.within(user, permission).values_list("pk", flat=True))
            if name in DECISIONS and name not in waiting.get(order.pk, ()):
                continue
            if order.pk in reached[scope] and any(order.state in ORDER_MOVES[move].sources for move in step.moves):
                yield Option(step, reverse("order_act", args=[order.pk, name]), order)


def _reminded(user: User, orders: Sequence[WorkOrder]) -> set[int]:
    """Which of the orders wait for a note of progress; asked for only where somebody was reminded."""
    counted = [order.pk for order in orders if order.reminder_count]
    if not counted or not user.may("dispatch.answer_reminder"):
        return set()
    open_ones = Reminder.objects.filter(order__in=counted, answered_at=None)
    return set(open_ones.values_list("order_id", flat=True))


# What comes first, for whoever may do it: step and when it is the next thing. The first row that holds wins.
_NEXT: tuple[tuple[str, Callable[[Petition, Option], bool]], ...] = (
    ("decide_pause", lambda p, o: True),
    ("decide_extension", lambda p, o: True),
    ("decide_legal_extension", lambda p, o: True),
    ("sign", lambda p, o: True),
    ("answer_reminder", lambda p, o: True),
    ("contact", lambda p, o: o.order is not None and o.order.first_contact_at is None and not p.is_anonymous),
    ("feed_back", lambda p, o: True),
    ("check", lambda p, o: True),
    (
        "call_back",
        lambda p, o: (
            o.order is not None and o.order.is_lead and o.order.state == OrderState.CHECKED and not p.is_anonymous
        ),
    ),
    ("dispatch", lambda p, o: p.state == State.REGISTERED or p.state == State.HANDLING),
)


def next_step(
    petition: Petition, orders: Sequence[WorkOrder], may: Sequence[Option], *, is_rated: bool
) -> Option | None:
    """The one primary action of the page, or None when the next step is somebody else's."""
    for name, holds in _NEXT:
        for option in may:
            if option.step.name == name and holds(petition, option):
                return option
    by_name = {option.step.name: option for option in may if option.order is None}
    if petition.state == State.HANDLING:
        return by_name.get("reply")
    if petition.state in {State.IN_REVIEW, State.IN_REREVIEW}:
        return by_name.get("end_hearing" if petition.hearing_since else "decide_review")
    if petition.state == State.REPLIED:
        return by_name.get("close" if is_rated or petition.is_anonymous else "rate")
    return None
