"""Names and telephones of visitors go some time after the day (Personal Information Protection Law, art. 19, 47)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from backlog.models import Booking, Reception
from backlog.signals import visitors_forgotten

LIMIT = 500


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
    return len(bookings) + len({*seen, *rest})
