"""Steps on a reception day and on a booking: form, action, words. What is legal the move tables say."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import User
from backlog.actions import bookings, receptions
from backlog.forms.receptions import CallOffForm, ConfirmForm
from backlog.models import Booking
from dispatch.steps.supervision import RowStep


def _taking(name: str) -> Any:
    def run(booking_id: int, *, actor: User | Actor, at: datetime) -> Booking:
        return bookings.move(booking_id, name, actor=actor, at=at)

    return run


_TEMPLATE = "backlog/reception_step.html"
DAY_STEPS = {
    row.name: row
    for row in (
        RowStep(
            "publish",
            _("Publish the reception day"),
            "megaphone",
            ConfirmForm,
            receptions.publish,
            _("Publish"),
            _("Published. Citizens may book from now on."),
            moves=("publish",),
            template=_TEMPLATE,
        ),
        RowStep(
            "hold",
            _("Mark the day as held"),
            "check",
            ConfirmForm,
            receptions.hold,
            _("Mark as held"),
            _("The day is marked as held."),
            moves=("hold",),
            template=_TEMPLATE,
        ),
        RowStep(
            "call_off",
            _("Call the day off"),
            "calendar-x",
            CallOffForm,
            receptions.call_off,
            _("Call the day off"),
            _("Called off. Those who booked are told."),
            moves=("call_off",),
            tone="danger",
            is_rare=True,
            template=_TEMPLATE,
        ),
    )
}
BOOKING_STEPS = {
    row.name: row
    for row in (
        RowStep(
            "come",
            _("Has come"),
            "user-check",
            ConfirmForm,
            _taking("come"),
            _("Has come"),
            _("Noted as come."),
            moves=("come",),
            template=_TEMPLATE,
        ),
        RowStep(
            "miss",
            _("Did not come"),
            "user-x",
            ConfirmForm,
            _taking("miss"),
            _("Did not come"),
            _("Noted as not come. Whoever comes late can still be received."),
            moves=("miss",),
            template=_TEMPLATE,
        ),
        RowStep(
            "cancel",
            _("Cancel the booking"),
            "circle-x",
            ConfirmForm,
            _taking("cancel"),
            _("Cancel the booking"),
            _("Cancelled. The place is free again, and the person is told."),
            moves=("cancel",),
            tone="danger",
            is_rare=True,
            template=_TEMPLATE,
        ),
    )
}
