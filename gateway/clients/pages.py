"""Clients and keys: who is connected, what each may do, its keys, and what it was refused lately."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to
from dispatch.clocks import city_day
from dispatch.views.reading import permitted
from gateway import actions, hub
from gateway.actions.clients import LIVE_KEYS
from gateway.clients.forms import ClientForm, KeyForm, RightsForm
from gateway.models import ApiClient, ApiKey, ApiRefusal
from gateway.problems import PROBLEMS
from gateway.scopes import ApiScope
from petitions.paging import Order, page_of
from petitions.states import Refused

PERMISSION = "gateway.clients"
NEWEST_FIRST = Order("created_at", is_descending=True)
# Days of refusals in the list of clients, and on the page of one.
WEEK, MONTH = 7, 30
KEYS, REFUSALS, VERSIONS = 20, 50, 8


def _since(at: datetime, days: int) -> date:
    return city_day(at) - timedelta(days=days - 1)


def _clients(at: datetime) -> QuerySet[ApiClient]:
    """Clients with their keys and refusals counted, in one statement."""
    keys = ApiKey.objects.filter(client=OuterRef("pk")).order_by().values("client")
    refusals = ApiRefusal.objects.filter(client=OuterRef("pk"), day__gte=_since(at, WEEK)).order_by().values("client")
    return ApiClient.objects.select_related("unit").annotate(
        live=Coalesce(Subquery(keys.filter(actions.live_keys(at)).annotate(n=Count("pk")).values("n")), 0),
        used_at=Subquery(keys.annotate(last=Max("last_used_at")).values("last")),
        refused=Coalesce(Subquery(refusals.annotate(n=Sum("count")).values("n")), 0),
    )


def _render(request: HttpRequest, name: str, user: User, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {**context, "tabs": hub.tabs(user, "gateway_clients"), "nav": "gateway"}
    return render(request, f"gateway/{name}.html", whole, status=status)


@require_GET
@never_cache
def clients(request: HttpRequest) -> HttpResponse:
    """Every client, the newest first."""
    user, at = permitted(request, PERMISSION), timezone.now()
    page = page_of(_clients(at), NEWEST_FIRST, cursor=request.GET.get("cursor", ""))
    return _render(request, "clients", user, {"page": page, "now": at})


@require_http_methods(["GET", "POST"])
@never_cache
def client_new(request: HttpRequest) -> HttpResponse:
    """Make a client; its page then offers the first key."""
    user = permitted(request, PERMISSION)
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_client(**form.cleaned_data, actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("“%(name)s” is made. Give it a key now.") % {"name": made.name})
            return go_to(request, "gateway_client", pk=made.pk)
    context = {
        "form": form,
        "title": _("A new client"),
        "submit": _("Make the client"),
        "cancel_url": reverse("gateway_clients"),
    }
    return _render(request, "client_form", user, context, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def client_change(request: HttpRequest, pk: int) -> HttpResponse:
    """What a client may do, from where, how often."""
    user = permitted(request, PERMISSION)
    client = get_object_or_404(ApiClient, pk=pk)
    form = RightsForm.of(client, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_client(client.pk, **form.cleaned_data, actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("Saved. It holds within 30 seconds."))
            return go_to(request, "gateway_client", pk=pk)
    context = {
        "form": form,
        "title": _("Change what “%(name)s” may do") % {"name": client.name},
        "submit": _("Save"),
        "cancel_url": reverse("gateway_client", args=[pk]),
    }
    return _render(request, "client_form", user, context, 422 if form.errors else 200)


@require_GET
@never_cache
def client(request: HttpRequest, pk: int) -> HttpResponse:
    """One client: its rights, its keys, what it was refused."""
    user = permitted(request, PERMISSION)
    return _client_page(request, user, get_object_or_404(_clients(timezone.now()), pk=pk))


def _client_page(request: HttpRequest, user: User, client: ApiClient, **more: Any) -> HttpResponse:
    """`more`: issued (an IssuedKey, in the one answer that shows it), form, status."""
    at = timezone.now()
    keys = list(client.keys.select_related("issued_by", "revoked_by").order_by("-pk")[:KEYS])
    rows = client.refusals.filter(day__gte=_since(at, MONTH)).order_by("-last_at", "-pk")[:REFUSALS]
    live = sum(_is_live(key, at) for key in keys)
    labels = dict(ApiScope.choices)
    context = {
        "client": client,
        "scopes": [(code, labels.get(code, code)) for code in client.scopes],
        "keys": [(key, _is_live(key, at)) for key in keys],
        "may_issue": client.is_active and live < LIVE_KEYS,
        "form": more.get("form") or KeyForm(initial={"newest": keys[0].pk if keys else 0}),
        "issued": more.get("issued"),
        "refusals": [(row, *PROBLEMS.get(row.code, ("", row.code))) for row in rows],
        "versions": list(client.history.select_related("history_user").order_by("-history_id")[:VERSIONS]),
        "now": at,
    }
    return _render(request, "client", user, context, more.get("status", 200))


def _is_live(key: ApiKey, at: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > at)


@require_POST
@never_cache
def key_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """A further key. The answer shows it; nothing and nobody can show it again."""
    user, at = permitted(request, PERMISSION), timezone.now()
    client = get_object_or_404(_clients(at), pk=pk)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _client_page(request, user, client, form=form, status=422)
    try:
        issued = actions.issue_key(
            client, at=at, expires_at=form.expires_at(at), actor=user, newest=form.cleaned_data["newest"]
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return go_to(request, "gateway_client", pk=pk)
    return _client_page(request, user, client, issued=issued)


@require_http_methods(["GET", "POST"])
@never_cache
def key_revoke(request: HttpRequest, pk: int, key_pk: int) -> HttpResponse:
    """Close a key after a question that says when it was last used."""
    user, at = permitted(request, PERMISSION), timezone.now()
    row = get_object_or_404(ApiKey.objects.select_related("client"), pk=key_pk, client=pk)
    if request.method == "POST":
        actions.revoke_key(row, at=at, actor=user)
        messages.success(request, _("The key %(key)s is revoked; it is shut out within 30 seconds.") % {"key": row})
        return go_to(request, "gateway_client", pk=pk)
    used = timezone.localtime(row.last_used_at) if row.last_used_at else None
    words = {"name": row.client.name, "at": f"{used:%Y-%m-%d %H:%M}" if used else ""}
    context = {
        "title": _("Revoke the key %(key)s?") % {"key": row},
        "text": (
            _("“%(name)s” used it last at %(at)s. Its requests with this key are refused from now on, for good.")
            if used
            else _("“%(name)s” has never used it. Requests with this key are refused from now on, for good.")
        )
        % words,
        "submit": _("Revoke the key"),
        "submit_tone": "danger",
        "cancel_url": reverse("gateway_client", args=[pk]),
        "nav": "gateway",
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def client_turn(request: HttpRequest, pk: int, turn: str) -> HttpResponse:
    """Close a client with all its keys after a question, or open it again."""
    user = permitted(request, PERMISSION)
    client = get_object_or_404(ApiClient, pk=pk)
    if turn not in {"close", "open"}:
        raise Http404
    opens = turn == "open"
    if request.method == "POST":
        actions.set_active(client.pk, opens, actor=user, at=timezone.now())
        said = _("“%(name)s” is open again.") if opens else _("“%(name)s” is closed; it is shut out within 30 seconds.")
        messages.success(request, said % {"name": client.name})
        return go_to(request, "gateway_client", pk=pk)
    asked = _("Open “%(name)s” again?") if opens else _("Close “%(name)s”?")
    context = {
        "title": asked % {"name": client.name},
        "text": (
            _("Its keys that have not ended are let in again.")
            if opens
            else _(
                "All its requests are refused and its webhooks stop. What it registered stays. It can be opened again."
            )
        ),
        "submit": _("Let it in again") if opens else _("Close the client"),
        "submit_tone": "brand" if opens else "danger",
        "cancel_url": reverse("gateway_client", args=[pk]),
        "nav": "gateway",
    }
    return render(request, "components/confirm.html", context)
