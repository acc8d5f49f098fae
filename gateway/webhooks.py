"""What other systems are told: types of webhooks, the event kinds behind each, and the thin payload.

A payload says that something happened to which petition and where it stands now; whoever wants more reads it with a
key. It holds nothing a person wrote and nobody's name.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gateway.models import ApiClient, WebhookMessage
from petitions.models import Petition

# type → (what the page says, kinds of petitions_event). A kind stands under one type only.
TYPES: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "petition.registered": (_("A petition was registered"), ("register", "split_off")),
    "petition.dispatched": (
        _("A petition went to the unit that handles it"),
        ("dispatch", "change_lead", "assist", "lead_out", "hand_over", "take_over"),
    ),
    "petition.decided": (
        _("A petition was accepted, or not"),
        ("accept", "not_accept", "no_longer_accept", "set_route"),
    ),
    "petition.answered": (_("A petition was answered"), ("answer_at_once", "reply", "deliver_opinion")),
    "petition.rated": (_("The petitioner rated"), ("rate", "rate_badly", "rerate", "settle_rating", "no_rerate")),
    "petition.reworked": (_("A petition is handled again"), ("rework", "reopen", "put_right")),
    "petition.closed": (_("A petition ended"), ("close", "settle", "merge", "take_back")),
    "petition.withdrawn": (_("The petitioner took the matter back"), ("withdraw",)),
    "petition.changed": (_("Urgency or content of a petition changed"), ("set_urgency", "supplement")),
    "work_order.moved": (
        _("A unit took a step with its work order"),
        (
            *("order.sign", "order.contact", "order.feed_back", "order.explain", "order.extend", "order.pause"),
            *("order.resume", "order.ask_return", "order.accept_return", "order.reject_return", "order.recall"),
        ),
    ),
    "deadline.near": (_("A deadline nears or has passed"), ("deadline",)),
}
# Sent by the test button only; its data name no petition.
PING = "ping"
_TYPE_OF = {kind: name for name, (_label, kinds) in TYPES.items() for kind in kinds}

Tell = Callable[[ApiClient, Petition], str | None]
_words: dict[str, Tell] = {}


def register_word(name: str, tell: Tell) -> None:
    """Add `data.<name>` to every payload; `tell` gives the word, or None to leave it out. A second one replaces."""
    _words[name] = tell


def type_of(kind: str) -> str:
    """The type told for an event kind; an unknown kind (the test button's) is itself."""
    return _TYPE_OF.get(kind, kind)


def kinds_of(types: Iterable[str]) -> list[str]:
    """The event kinds of these types, sorted. Raises KeyError for an unknown type."""
    return sorted({kind for name in types for kind in TYPES[name][1]})


def types_of(kinds: Iterable[str]) -> list[str]:
    """The types an endpoint listens to, in the table's order."""
    found = {type_of(kind) for kind in kinds}
    return [name for name in TYPES if name in found]


def payload(message: WebhookMessage, client: ApiClient, petition: Petition | None) -> str:
    """The exact text that is signed and sent."""
    data: dict[str, Any] = {}
    if petition is not None:
        data = {
            "id": petition.pk,
            "number": petition.number,
            "source_ref": petition.source_ref if client.counts(petition) else "",
            "state": petition.state,
            "version": petition.version,
        }
        told = {name: tell(client, petition) for name, tell in _words.items()}
        data.update((name, word) for name, word in told.items() if word is not None)
    said = {"type": type_of(message.kind), "timestamp": message.happened_at.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
