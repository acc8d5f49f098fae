"""Who came: shown for a reason that is logged, and emptied some time after the day (PIPL, art. 19, 47)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions import log_access
from accounts.models import AccessLog, User
from backlog.models import Booking, Reception, ReceptionDay, Task, TaskEvent
from backlog.signals import visitors_forgotten
from petitions.states import Refused

LIMIT = 500
MIN_REASON = 4


@transaction.atomic
def reveal_visitors(
    day_id: int, *, reason: str, actor: User, at: datetime, ip: str | None = None
) -> tuple[list[Booking], list[Reception]]:
    """Bookings and receptions of the day with names and telephones: no record in the access log, no reveal.

    Raises Refused without a reason, or where the permission does not reach the day.
    """
    if len(reason.strip()) < MIN_REASON:
        raise Refused(_("Say why you need the names."), field="reason")
    if not ReceptionDay.objects.within(actor, "backlog.view_visitors").filter(pk=day_id).exists():
        raise Refused(_("Your role may not see who came."), code="forbidden")
    target = f"reception:{day_id}"
    log_access(user=actor, action=AccessLog.Action.REVEAL, target=target, reason=reason, at=at, ip=ip)
    bookings = Booking.objects.all().holding().visible_to(actor).filter(day=day_id)
    received = Reception.objects.visible_to(actor).filter(day=day_id)
    return list(bookings.order_by("booked_at", "pk")), list(received.order_by("seq"))


@transaction.atomic
def forget_visitors(*, at: datetime, limit: int = LIMIT) -> int:
    """Empty what tells who came to days long over; counts of batches, persons and results stay. Safe to repeat.

    Returns how many bookings and receptions were emptied. Words a petition or case keeps for its own archive stay with
    it and are emptied with its anonymisation.
    """
    before = at - timedelta(days=settings.RECEPTION_KEEP_DAYS)
    over = Q(day__ends_at__lt=before)
    named = Booking.objects.filter(over).exclude(name="", phone="", phone_index="", matter="")
    bookings = list(
        named.select_for_update(skip_locked=True, of=("self",)).order_by("pk").values_list("pk", flat=True)[:limit]
    )
    Booking.objects.filter(pk__in=bookings).update(name="", phone="", phone_index="", matter="")
    if bookings:
        visitors_forgotten.send(Booking, bookings=bookings, at=at)
    visitors = Reception.objects.filter(over).exclude(visitor="")
    seen = list(visitors.order_by("pk").values_list("pk", flat=True)[:limit])
    Reception.objects.filter(pk__in=seen).update(visitor="")
    # What hangs on no file has no archive of its own either.
    loose = Reception.objects.filter(over, petition=None, case=None).exclude(matter="", opinion="")
    rest = list(loose.order_by("pk").values_list("pk", flat=True)[:limit])
    Reception.objects.filter(pk__in=rest).update(matter="", opinion="")
    # The task repeats the official's opinion, its answer what was found.
    Task.objects.filter(reception__in=rest).update(text="", result="")
    TaskEvent.objects.filter(task__reception__in=rest).update(text="")
    return len(bookings) + len({*seen, *rest})


def reveal_one(row: Reception, *, actor: User, at: datetime, ip: str | None = None) -> tuple[str, str]:
    """Name and telephone of one batch, to register what was said; logged as every look. Raises Refused."""
    if not ReceptionDay.objects.within(actor, "backlog.view_visitors").filter(pk=row.day_id).exists():
        raise Refused(_("Your role may not see who came."), code="forbidden")
    reason = _("Registered from batch %(n)s") % {"n": row.seq}
    target = f"reception:{row.day_id}"
    log_access(user=actor, action=AccessLog.Action.REVEAL, target=target, reason=reason, at=at, ip=ip)
    phone = row.booking.phone if row.booking is not None else ""
    return row.visitor, phone
