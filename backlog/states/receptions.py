"""Leaders receive and visit (接访 / 下访 / 约访 / 带案下访, domain-facts §3.6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states import Move


class ReceptionKind(models.TextChoices):
    HALL = "hall", _("Reception in the hall")
    DOWN = "down", _("Visit to town or village")
    APPOINTED = "appointed", _("Reception by appointment")
    WITH_CASE = "with_case", _("Visit with a case")


class DayState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("reception day", "Not published")
    PUBLISHED = "published", pgettext_lazy("reception day", "Published")
    HELD = "held", _("Held")
    CALLED_OFF = "called_off", _("Called off")


DAY_TONES = {
    DayState.PLANNED: "grey",
    DayState.PUBLISHED: "blue",
    DayState.HELD: "green",
    DayState.CALLED_OFF: "grey",
}


class BookingState(models.TextChoices):
    BOOKED = "booked", _("Booked")
    CAME = "came", _("Came")
    MISSED = "missed", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")


BOOKING_TONES = {
    BookingState.BOOKED: "blue",
    BookingState.CAME: "green",
    BookingState.MISSED: "amber",
    BookingState.CANCELLED: "grey",
}


class ReceptionResult(models.TextChoices):
    ON_SPOT = "on_spot", _("Settled on the spot")
    HANDED = "handed", _("Given to a unit")
    EXPLAINED = "explained", _("Explained")
    LED_OUT = "led_out", _("Shown another route")


RESULT_TONES = {
    ReceptionResult.ON_SPOT: "green",
    ReceptionResult.HANDED: "blue",
    ReceptionResult.EXPLAINED: "teal",
    ReceptionResult.LED_OUT: "grey",
}

_PLANNED, _PUBLISHED = DayState.PLANNED, DayState.PUBLISHED
_RUN = "backlog.run_reception"
_DAYS = (
    Move("prepare", _("Change the day"), _("changed the day"), frozenset({_PLANNED, _PUBLISHED}), None, _RUN),
    Move("publish", _("Publish"), _("published the day"), frozenset({_PLANNED}), DayState.PUBLISHED, _RUN),
    Move(
        "receive",
        _("Record a reception"),
        _("recorded a reception"),
        frozenset({_PLANNED, _PUBLISHED, DayState.HELD}),
        None,
        _RUN,
    ),
    Move("hold", _("Mark as held"), _("held the reception"), frozenset({_PLANNED, _PUBLISHED}), DayState.HELD, _RUN),
    Move(
        "call_off",
        _("Call off"),
        _("called the day off"),
        frozenset({_PLANNED, _PUBLISHED}),
        DayState.CALLED_OFF,
        _RUN,
    ),
)
DAY_MOVES = {row.name: row for row in _DAYS}
_BOOKED = frozenset({BookingState.BOOKED})
_BOOKINGS = (
    # Late is come as well.
    Move(
        "come",
        _("Has come"),
        _("came"),
        frozenset({BookingState.BOOKED, BookingState.MISSED}),
        BookingState.CAME,
        _RUN,
    ),
    Move("miss", _("Did not come"), _("did not come"), _BOOKED, BookingState.MISSED, _RUN),
    # By the citizen with the booking code, or by the office for them.
    Move("cancel", _("Cancel the booking"), _("cancelled the booking"), _BOOKED, BookingState.CANCELLED, _RUN),
)
BOOKING_MOVES = {row.name: row for row in _BOOKINGS}
