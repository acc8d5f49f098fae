"""A message read with the mapping of its channel and the words our own tables know."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q
from django.utils import timezone, translation

from gateway import reference
from gateway.channels import mapping
from gateway.models import ChannelMapping, InboundItem, LegacyLine
from gateway.serializers import PLACES
from petitions.models import Petitioner, Purpose, Urgency

CHOICES = {
    "purpose": Purpose,
    "urgency": Urgency,
    "petitioner.party_type": Petitioner.PartyType,
    "petitioner.id_type": Petitioner.IdType,
}
# Words that make a message one for few eyes before anybody has placed it (domain-facts §1.17).
ACCUSING = ("举报", "控告", "揭发", "检举")

Known = Mapping[str, Mapping[str, str]]


def mapping_of(channel: str, client_id: int | None) -> ChannelMapping | None:
    """The mapping a client's messages are read with: its own, else the channel's, else None."""
    rows = ChannelMapping.objects.filter(Q(client=client_id) | Q(client=None), channel=channel)
    return rows.order_by(F("client").asc(nulls_last=True)).first()


def document_of(channel: str, client_id: int | None) -> dict[str, Any]:
    """The document of that mapping; an empty one, which maps nothing, when the office has made none yet."""
    found = mapping_of(channel, client_id)
    return found.document if found else {}


def document_for(item: InboundItem) -> dict[str, Any]:
    """What a kept message is read with."""
    return mapping.OWN_SHAPE if item.is_own_shape else document_of(item.channel, item.client_id)


def known_words() -> dict[str, dict[str, str]]:
    """Per value field the words that need no mapping: our codes, and names that stand for exactly one code."""
    areas = [(row.name, row.code) for row in reference.areas().by_id.values() if row.kind in PLACES]
    classes = [row for row in reference.classes().by_id.values() if row.is_active]
    labels = [(row.name, row.code) for row in classes] + [
        (row.hotline_label, row.code) for row in classes if row.hotline_label and row.hotline_label != row.name
    ]
    lines = LegacyLine.objects.values_list("name", "number")
    with translation.override("zh-hans"):
        choices = {to: [(str(label), str(code)) for code, label in kind.choices] for to, kind in CHOICES.items()}
    pairs = {"area": areas, "category": labels, "line": list(lines), **choices}
    return {to: _unambiguous(found) for to, found in pairs.items()}


def _unambiguous(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Codes by themselves and by name; a name of two codes (as streets of two districts have it) says nothing."""
    codes: dict[str, set[str]] = {}
    for name, code in pairs:
        codes.setdefault(name, set()).add(code)
    return {name: found.pop() for name, found in codes.items() if len(found) == 1} | {code: code for _n, code in pairs}


def read(document: Mapping[str, Any], message: Any) -> mapping.Reading:
    """Read a message as the channel would, without registering anything."""
    return mapping.read(document, message, known_words(), zone=timezone.get_default_timezone())


def is_accusing(found: mapping.Reading) -> bool:
    """Whether a message is, or may be, an accusation: by its purpose, and by its words as long as nobody has looked."""
    if found.values.get("purpose") == Purpose.ACCUSE:
        return True
    said = " ".join(found.raw(to) for to in ("purpose", "category", "summary", "content", "demand"))
    return any(word in said for word in ACCUSING)
