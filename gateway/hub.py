"""The pages of this room stand side by side under one entry of the rail; each person sees those they may use."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.models import User


@dataclass(frozen=True)
class Tab:
    """One page of the hub: the name of its address, and what it takes to see it."""

    name: str
    label: Promise
    permission: str


TABS = (
    Tab("gateway_triage", _("To be placed"), "gateway.triage"),
    Tab("gateway_channels", _("Channels"), "gateway.channels"),
    Tab("gateway_lines", _("Merged lines"), "gateway.channels"),
    Tab("gateway_bulk", _("Bulk intake"), "gateway.bulk"),
    Tab("gateway_clients", _("Clients and keys"), "gateway.clients"),
    Tab("gateway_webhooks", _("Webhooks"), "gateway.webhooks"),
    Tab("gateway_datasets", _("Data sets"), "gateway.datasets"),
)


def _url_or_none(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def tabs(user: User, current: str) -> list[dict[str, Any]]:
    """The tabs of this person for components/tabs.html; `current` is the name of the page's own tab."""
    found = [(tab, _url_or_none(tab.name)) for tab in TABS if user.may(tab.permission)]
    return [{"url": url, "label": tab.label, "current": tab.name == current} for tab, url in found if url]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first page the person may see. Raises PermissionDenied for who has none."""
    assert isinstance(request.user, User)
    found = tabs(request.user, "")
    if not found:
        raise PermissionDenied
    return redirect(found[0]["url"])
