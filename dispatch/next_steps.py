"""What a person may do on a case now, and the one thing they should do next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.roles import Scope
from dispatch.actions.consultations import DISPUTABLE
from dispatch.ledger import DECISIONS, undecided
from dispatch.models import BadRating, Consultation, Reminder, WorkOrder
from dispatch.remedies import NEXT_IN_REVIEW, REMEDIES_SENSE, raises_what_ended
from dispatch.states import OPEN_CONSULTATION_STATES, ORDER_MOVES, TAKEN_BACK, ConsultationState, OrderState
from dispatch.steps import ORDER_STEPS, PETITION_STEPS, Step, permission_of
from dispatch.steps.consultations import CONSULTATION_STEPS
from dispatch.twice import is_raised_to_supervision, may_rework
from petitions.actions import open_hand_over
from petitions.actions.handovers import HELD
from petitions.models import HandOver, Petition, Purpose, Sensitivity
from petitions.routes import Route
from petitions.states import MOVES, State


@dataclass(frozen=True)
class Option:
    """A step somebody may take now, on the petition or on one order."""

    step: Step
    url: str
    order: WorkOrder | None = None


# Permissions whose reach is not told by their scope alone.
NARROWER = frozenset({"dispatch.check_below"})


class Reach:
    """Whether permissions reach a row: one query for each scope the role has, none for the scope it was found in."""

    def __init__(self, user: User, found_by: str, rows: Callable[[str], Any]) -> None:
        self.user, self.rows = user, rows
        self.known: dict[Scope | None, bool] = {None: False, user.scope_for(found_by): True}

    def __call__(self, permission: str) -> bool:
        scope = self.user.scope_for(permission)
        if scope is not None and permission in NARROWER:
            return bool(self.rows(permission).exists())
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
    consulting = _consulting(user, petition)
    handing = _handing_over(user, petition)
    for name, step in PETITION_STEPS.items():
        if (name in _CONSULTING and name not in consulting) or (name in _HANDING and name not in handing):
            continue
        is_legal = not step.moves or any(petition.state in MOVES[move].sources for move in step.moves)
        if is_legal and _makes_sense(name, petition, orders) and reach(permission_of(step, MOVES)):
            yield Option(step, reverse("petition_act", args=[petition.pk, name]))


def bad_of(petition: Petition) -> BadRating | None:
    """The open bad rating, asked for once for each petition read."""
    if "_bad" not in petition.__dict__:
        petition.__dict__["_bad"] = BadRating.objects.filter(petition=petition, ended_at=None).last()
    found: BadRating | None = petition.__dict__["_bad"]
    return found


# The table allows these steps; without what stands here they would only be refused, or mean nothing.
_SENSE: dict[str, Callable[[Petition, Sequence[WorkOrder]], bool]] = {
    "dispatch": lambda p, orders: (
        p.conference_since is None and not any(order.is_open and order.is_lead for order in orders)
    ),
    "take_back": lambda p, orders: is_untouched(orders),
    "reply": lambda p, orders: is_ready_for_reply(orders),
    "answer_at_once": lambda p, orders: not any(order.is_open for order in orders),
    "lead_out": lambda p, orders: not any(order.is_open for order in orders),
    "assist": lambda p, orders: any(order.is_open and order.is_lead for order in orders),
    "change_lead": lambda p, orders: any(o.is_open and not o.is_lead and o.parent_id is None for o in orders),
    "rework": lambda p, orders: may_rework(p),
    "raise_twice": lambda p, orders: p.rework_count > 0 and not may_rework(p) and not is_raised_to_supervision(p),
    "verify": lambda p, orders: p.state == State.REPLIED,
    "bad_called": lambda p, orders: (bad := bad_of(p)) is not None and not bad.called_at and not bad.put_right_at,
    "put_right": lambda p, orders: (bad := bad_of(p)) is not None and not bad.put_right_at and not bad.is_reworked,
    "rerate": lambda p, orders: (bad := bad_of(p)) is not None and bad.put_right_at is not None,
    "not_a_repeat": lambda p, orders: p.repeat_of_id is not None,
    "set_route": lambda p, orders: p.accepted_at is None,
    "withdraw_signer": lambda p, orders: p.is_open and p.headcount > 1,
    "set_signer_role": lambda p, orders: p.is_open and p.headcount > 1,
    "add_signers": lambda p, orders: p.is_open and not p.is_anonymous,
    "hand_over": lambda p, orders: not p.is_restricted and not any(o.is_open for o in orders),
    "lay_before": lambda p, orders: (
        not p.is_restricted and p.conference_since is None and not any(o.is_open for o in orders)
    ),
    "name_lead": lambda p, orders: p.conference_since is not None,
    "send_up": lambda p, orders: p.is_restricted,
    "name_new_facts": lambda p, orders: p.repeat_of_id is not None and p.new_facts_at is None,
    "name_person": lambda p, orders: p.is_restricted or p.sensitivity != Sensitivity.NORMAL or p.is_open,
    # They stand beside the recusal they decide on (dispatch/confidence.py).
    "decide_recusal": lambda p, orders: False,
    "lift_recusal": lambda p, orders: False,
    # It stands on the archive card and in the list of holds (dispatch/keeping.py).
    "release_hold": lambda p, orders: False,
    "notify_receipt": lambda p, orders: not p.is_anonymous and p.notified_at is None,
    "accept": lambda p, orders: (
        p.accepted_at is None
        and (
            p.purpose == Purpose.ACCUSE
            or (p.purpose in {Purpose.SETTLE, Purpose.APPEAL} and p.route in {"", Route.PETITION})
        )
    ),
    "deliver_opinion": lambda p, orders: not p.is_anonymous and p.delivered_at is None,
    "reopen": lambda p, orders: not p.is_terminated and p.review_level < 2,
    **REMEDIES_SENSE,
}


def _makes_sense(name: str, petition: Petition, orders: Sequence[WorkOrder]) -> bool:
    if petition.hand_over_state and name in HELD:
        return False
    return name not in _SENSE or _SENSE[name](petition, orders)


_HANDING = frozenset({"hand_over", "take_over", "refuse_over", "drop_over", "rule_over"})


def _handing_over(user: User, petition: Petition) -> set[str]:
    """Which steps of a hand-over mean something now: asking for one, answering, taking back or ruling."""
    if petition.state not in MOVES["hand_over"].sources or not user.may("petitions.hand_over"):
        return set()
    if petition.hand_over_state != HandOver.State.ASKED:
        return {"rule_over"} if petition.hand_over_state else {"hand_over"}
    row = open_hand_over(petition)
    if row is None:
        return set()
    answers = {"take_over", "refuse_over"} if user.unit_id == row.to_office_id else set()
    return answers | ({"drop_over"} if user.unit_id == row.from_office_id else set())


_CONSULTING = {step.name for step in CONSULTATION_STEPS}


def _consulting(user: User, petition: Petition) -> set[str]:
    """Which steps of a consultation mean something now: calling one, or those of the one that is open."""
    is_concerned = any(user.may(permission_of(step, MOVES)) for step in CONSULTATION_STEPS)
    if petition.is_restricted or petition.state not in DISPUTABLE or not is_concerned:
        return set()
    rows = Consultation.objects.filter(petition=petition, state__in=OPEN_CONSULTATION_STATES)
    found = rows.prefetch_related("opinions").first()
    if found is None:
        return {"consult"}
    names = {"rule_consultation", "drop_consultation"}
    if found.state == ConsultationState.ASKED:
        names.add("hold_consultation")
    if any(opinion.unit_id == user.unit_id and opinion.answered_at is None for opinion in found.opinions.all()):
        names.add("opine")
    return names


def is_untouched(orders: Sequence[WorkOrder]) -> bool:
    """Dispatched, and no unit has begun."""
    made = [order for order in orders if order.state not in TAKEN_BACK]
    return bool(made) and all(order.state == OrderState.WAITING for order in made)


def is_ready_for_reply(orders: Sequence[WorkOrder]) -> bool:
    """Work was done in this round and every feedback is checked; before that a reply is refused."""
    done = {OrderState.CHECKED, OrderState.CALLED_BACK}
    work = [order for order in orders if order.is_open and order.parent_id is None]
    return bool(work) and all(order.state in done for order in work)


_NOT_BELOW = frozenset({"check", "call_back", "recall", "ask_return", "decide_return", "allow_return"})


def _makes_sense_for(name: str, order: WorkOrder) -> bool:
    """Steps of an office on an order it gave; a sub-order is its unit's business."""
    if order.parent_id is not None and name in _NOT_BELOW:
        return False
    if name == "assign" and order.state not in {OrderState.WAITING, OrderState.IN_HAND}:
        return order.handler is not None and not (order.handler.is_active and order.handler.unit_id == order.unit_id)
    if name == "report_closing":
        return order.mode == WorkOrder.Mode.ASSIGN and order.reported_at is None
    if name == "check_below":
        return order.parent_id is not None
    if name == "allow_return":
        return not order.is_final and not order.may_return_late
    return not (name == "ask_return" and order.is_final)


def _order_options(user: User, petition: Petition, orders: Sequence[WorkOrder]) -> Iterable[Option]:
    live = [order for order in orders if order.is_open]
    if not live or not user.may("dispatch.view"):
        return
    rows = WorkOrder.objects.filter(petition=petition, is_open=True)
    reached: dict[str | None, set[int]] = {None: set()}
    reminded = _reminded(user, live)
    waiting = undecided(user, live)
    for order in live:
        for name, step in ORDER_STEPS.items():
            if not _makes_sense_for(name, order) or (name == "answer_reminder" and order.pk not in reminded):
                continue
            permission = permission_of(step, ORDER_MOVES)
            scope = permission if permission in NARROWER else user.scope_for(permission)
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
    ("opine", lambda p, o: True),
    ("decide_pause", lambda p, o: True),
    ("decide_extension", lambda p, o: True),
    ("decide_legal_extension", lambda p, o: True),
    ("sign", lambda p, o: True),
    ("answer_reminder", lambda p, o: True),
    ("contact", lambda p, o: o.order is not None and o.order.first_contact_at is None and not p.is_anonymous),
    ("feed_back", lambda p, o: True),
    ("report_closing", lambda p, o: True),
    ("decide_return", lambda p, o: True),
    ("check_below", lambda p, o: True),
    ("check", lambda p, o: True),
    (
        "call_back",
        lambda p, o: (
            o.order is not None and o.order.is_lead and o.order.state == OrderState.CHECKED and not p.is_anonymous
        ),
    ),
    ("name_lead", lambda p, o: True),
    ("take_over", lambda p, o: True),
    ("rule_over", lambda p, o: True),
    ("dispatch", lambda p, o: p.state == State.REGISTERED or p.state == State.HANDLING),
)


def next_step(
    petition: Petition, orders: Sequence[WorkOrder], may: Sequence[Option], *, is_rated: bool
) -> Option | None:
    """The one primary action of the page, or None when the next step is somebody else's."""
    by_name = {option.step.name: option for option in may if option.order is None}
    if raises_what_ended(petition) and "no_longer_accept" in by_name:
        return by_name["no_longer_accept"]
    for name, holds in _NEXT:
        for option in may:
            if option.step.name == name and holds(petition, option):
                return option
    if petition.state == State.HANDLING:
        return by_name.get("reply")
    if petition.state in {State.IN_REVIEW, State.IN_REREVIEW}:
        return next((by_name[name] for name in NEXT_IN_REVIEW if name in by_name), None)
    if petition.state == State.CLOSED and petition.review_level:
        return by_name.get("deliver_review")
    if petition.state == State.REPLIED and bad_of(petition) is not None:
        # Closing waits for it; whoever may take its next step takes that one.
        found = (by_name.get(name) for name in ("bad_called", "put_right", "rerate"))
        return next((option for option in found if option is not None), None)
    if petition.state == State.REPLIED:
        return by_name.get("close" if is_rated or petition.is_anonymous else "rate")
    return None
