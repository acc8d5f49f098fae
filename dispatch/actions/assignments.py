"""The closing report (办结报告) a unit owes for what was assigned to it (Regulation on Petition Work, art. 22)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions import orders
from dispatch.actions.notices import notify
from dispatch.assignments import MIN_REPORT
from dispatch.models import WorkOrder
from petitions.models import Event
from petitions.states import Refused


@transaction.atomic
def report_closing(
    order_id: int, *, report: str, actor: User | Actor, at: datetime, version: int | None = None
) -> tuple[WorkOrder, Event]:
    """File the closing report; stops the clock of the assignment's term. Its papers are attached to the event.

    Raises Refused for a transfer, which owes none, a second report, and a report that says too little.
    """
    text = report.strip()
    if len(text) < MIN_REPORT:
        raise Refused(
            _("A closing report says what was found, done and told the petitioner, in at least %(n)d characters.")
            % {"n": MIN_REPORT},
            field="report",
        )
    order = orders.lock(order_id)
    if order.mode != WorkOrder.Mode.ASSIGN:
        raise Refused(_("A transferred matter owes no closing report."), code="transfer")
    if order.reported_at is not None:
        raise Refused(_("The closing report is filed already."), code="reported")
    changes = {"report": text, "reported_at": at}
    order, event = orders.move(
        order_id, "report_closing", actor=actor, at=at, text=text, changes=changes, version=version
    )
    if order.dispatched_by:
        key = f"event:{event.pk}"
        notify([order.dispatched_by], kind="closing_reported", petition=order.petition, order=order, key=key, at=at)
    return order, event
