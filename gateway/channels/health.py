"""How each channel does: computed from what came, kept nowhere."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from accounts.models import User
from gateway.models import ChannelMapping, InboundItem
from petitions.models import Channel
from petitions.paging import capped_counts

ADAPTED = ("minhuwowei", "hotline", "minsheng", "helpline", "town", "qr", "online")


def health(at: datetime) -> list[dict[str, Any]]:
    """One row per channel that has a mapping or has sent something, in two statements."""
    hour, day = at - timedelta(hours=1), at - timedelta(days=1)
    counted = (
        InboundItem.objects.order_by()
        .values("channel")
        .annotate(
            last=Max("received_at"),
            hour=Count("pk", filter=Q(received_at__gt=hour)),
            day=Count("pk", filter=Q(received_at__gt=day)),
            taken=Count("pk", filter=Q(state=InboundItem.State.TAKEN)),
            waiting=Count("pk", filter=Q(state=InboundItem.State.WAITING)),
            refused=Count("pk", filter=Q(state=InboundItem.State.REFUSED)),
        )
    )
    found = {row["channel"]: row for row in counted}
    mapped = set(ChannelMapping.objects.filter(client=None).values_list("channel", flat=True))
    nothing = {"last": None, "hour": 0, "day": 0, "taken": 0, "waiting": 0, "refused": 0}
    return [
        {**nothing, **found.get(code, {}), "channel": code, "label": label, "is_mapped": code in mapped}
        for code, label in Channel.choices
        if code in found or code in mapped or code in ADAPTED
    ]


def waiting(user: User) -> int:
    """Messages this person could place now: the badge of the rail."""
    return capped_counts([InboundItem.objects.visible_to(user).waiting()])[0]
