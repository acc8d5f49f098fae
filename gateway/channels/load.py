"""Loader of the merged lines and of the mappings to start from; existing rows are left as they are."""

from datetime import datetime

from accounts.actions import load_once
from accounts.models import Unit
from gateway.channels.seed_lines import LINES
from gateway.channels.seed_mappings import MAPPINGS
from gateway.models import ChannelMapping, LegacyLine


def load_lines(*, at: datetime) -> int | None:
    """The merged lines, each marked as a proposal. Returns the number created, or None if there was nothing to do."""
    return load_once("lines", LINES, _lines, at=at)


def _lines() -> int:
    units = dict(Unit.objects.values_list("code", "id"))
    known = set(LegacyLine.objects.values_list("number", flat=True))
    rows = [
        LegacyLine(number=number, name=name, department=department, unit_id=units.get(unit))
        for number, name, department, unit in LINES
        if number not in known
    ]
    return len(LegacyLine.objects.bulk_create(rows))


def load_mappings(*, at: datetime) -> int | None:
    """A mapping per channel. Returns the number created, or None if there was nothing to do."""
    return load_once("channel mappings", sorted(MAPPINGS.items()), lambda: _mappings(at), at=at)


def _mappings(at: datetime) -> int:
    known = set(ChannelMapping.objects.filter(client=None).values_list("channel", flat=True))
    rows = [
        ChannelMapping(channel=channel, document=document, sample=sample, changed_at=at)
        for channel, (document, sample) in MAPPINGS.items()
        if channel not in known
    ]
    return len(ChannelMapping.objects.bulk_create(rows))
