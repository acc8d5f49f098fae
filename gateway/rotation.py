"""This room's part of the rotation of keys (`petitions.rotation`): the digests of other systems' messages."""

from gateway.actions.channels import digest_of
from gateway.models import InboundItem
from petitions.rotation import batches, register_step


def rotate_digests() -> int:
    """Compute every digest anew. An emptied message keeps its old one: sent again, it counts as a new message."""
    total = 0
    for batch in batches(InboundItem.objects.exclude(body="").only("body", "digest")):
        for item in batch:
            item.digest = digest_of(item.body)
        InboundItem.objects.bulk_update(batch, ["digest"])
        total += len(batch)
    return total


def register_rotation() -> None:
    """Called when the room starts."""
    register_step("messages of other systems", rotate_digests)
