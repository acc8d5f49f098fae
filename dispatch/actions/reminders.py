"""Reminders (催办): one click of the office, a note of progress from the unit."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.durations import local_text
from accounts.models import User
from accounts.roles import Role
from dispatch.actions import orders
from dispatch.actions.notices import notify
from dispatch.models import Clock, Reminder, WorkOrder
from petitions.states import Refused


def reminded_until(order: WorkOrder) -> datetime | None:
    """Until when the unit has to answer the last reminder; None when it was never reminded."""
    rows = Clock.objects.filter(subject="order", subject_id=order.pk, policy__key__startswith="O_remind")
    return rows.order_by("-id").values_list("due_at", flat=True).first()


@transaction.atomic
def remind(
    order_id: int, *, text: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """Remind the unit of a work order, with a word of the office if it has one.

    Handler and leader are told, the order counts it, and a clock runs until the unit's note of progress. While that
    clock's term lasts (the rule O_remind: one working day, one hour for urgent classes) the order is not reminded
    again. Raises Refused with a sentence for the officer.
    """
    who = Actor.of(actor)
    order = orders.lock(order_id)
    until = reminded_until(order)
    if until is not None and at < until:
        raise Refused(
            _("%(unit)s was reminded already and has until %(due)s to answer. Remind it again after that.")
            % {"unit": order.unit, "due": local_text(until, at)},
            code="reminded_already",
        )
    count = order.reminder_count + 1
    order, event = orders.move(
        order_id,
        "remind",
        actor=who,
        at=at,
        data={"count": count},
        text=text.strip()[:300],
        changes={"reminder_count": count},
        version=version,
    )
    Reminder.objects.create(order=order, text=text.strip()[:300], at=at, by=who.user)
    people = orders.staff(order.unit, Role.UNIT_ADMIN) or orders.staff(order.unit)
    if order.handler is not None and order.handler.is_active:
        people = [*people, order.handler]
    elif order.handler is None:
        people = orders.staff(order.unit)
    params = {"count": count}
    notify(people, kind="reminded", petition=order.petition, order=order, key=f"event:{event.pk}", at=at, params=params)
    return order


@transaction.atomic
def answer_reminder(
    order_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The unit's note of progress; it answers all reminders that are open. Raises Refused when there is none."""
    who = Actor.of(actor)
    if len(text.strip()) < 4:
        raise Refused(_("Please say how far the matter is."), field="text")
    order = orders.lock(order_id)
    waiting = order.reminders.select_related("by").filter(answered_at=None)
    asked = list(waiting)
    if not asked:
        raise Refused(_("No reminder waits for an answer here."))
    order, event = orders.move(order_id, "answer_reminder", actor=who, at=at, text=text.strip(), version=version)
    waiting.update(answer=text.strip(), answered_at=at, answered_by=who.user)
    notify(
        [row.by for row in asked if row.by is not None and row.by.is_active],
        kind="reminder_answered",
        petition=order.petition,
        order=order,
        key=f"event:{event.pk}",
        at=at,
    )
    return order
