"""The sandbox of the demo: one client whose key everybody may read, as everybody may read its passwords.

It is made, shown and let in only where settings.DEMO is on (accounts/demo.py has the people).
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from gateway.models import ApiKey
from gateway.scopes import ApiScope
from petitions.models import Channel

# Not one that could be drawn for a real key: those are longer and have no "o" (gateway/actions/clients.py).
SANDBOX_PREFIX = "sandbox"
# Public on purpose, and says so.
SANDBOX_SECRET = "open-to-everybody"  # noqa: S105
SANDBOX_KEY = f"yq_{SANDBOX_PREFIX}_{SANDBOX_SECRET}"


@dataclass(frozen=True)
class Sandbox:
    """The client the key belongs to: plain data, so that a database is given it once (`load_once`)."""

    name: str = "开发者沙箱"
    unit_code: str = "NB-12345"
    channel: str = Channel.HOTLINE.value
    # Names and numbers stay masked: this one writes no reason and has no face.
    scopes: tuple[str, ...] = tuple(scope for scope in ApiScope.values if scope != ApiScope.IDENTITIES_READ)


def shown_key(live: Q) -> str:
    """The key to show on a page: only in the demo, and only while it opens the door (`live`: actions.live_keys)."""
    if not settings.DEMO:
        return ""
    rows = ApiKey.objects.filter(live, prefix=SANDBOX_PREFIX, client__is_active=True)
    return SANDBOX_KEY if rows.exists() else ""


def is_shut(prefix: str) -> bool:
    """Whether this is the sandbox outside the demo: an office may have taken the demo's database into service."""
    return prefix == SANDBOX_PREFIX and not settings.DEMO
