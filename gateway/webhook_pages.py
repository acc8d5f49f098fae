"""Pages of the webhooks: who is told where, how each telling went, and the steps with an endpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.addresses import address_of
from accounts.models import User
from accounts.responses import go_to, is_htmx
from dispatch.views.reading import permitted
from gateway import hub
from gateway.actions import webhooks as actions
from gateway.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from gateway.webhook_forms import EndpointForm, VersionForm
from gateway.webhooks import PING, TYPES, kinds_of, type_of, types_of
from petitions.models import Petition
from petitions.paging import Order, page_of
from petitions.search import by_number
from petitions.states import Refused

PERMISSION = "gateway.webhooks"
OLDEST_FIRST = Order("created_at")
NEWEST_FIRST = Order("happened_at", is_descending=True)
TONES = {"waiting": "amber", "delivered": "green", "failed": "red"}
# What is due within this time is worth a look every few seconds.
SOON = timedelta(minutes=1)
PAST = 6
TEST_LABEL = gettext_lazy("Test message")


def _render(request: HttpRequest, user: User, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {**context, "tabs": hub.tabs(user, "gateway_webhooks"), "nav": "gateway", "now": timezone.now()}
    response = render(request, f"gateway/{name}", whole, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _endpoint(user: User, pk: int) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint.objects.visible_to(user).select_related("client__unit__area"), pk=pk)


# ---- who is told where ----


def _waiting(endpoints: list[WebhookEndpoint]) -> dict[int, dict[str, Any]]:
    """What waits for each endpoint, and how much of it has failed before: one statement for all."""
    rows = WebhookMessage.objects.filter(endpoint__in=endpoints, outcome="waiting").order_by().values("endpoint")
    counted = rows.annotate(waiting=Count("pk"), failing=Count("pk", Q(attempts__gt=0)))
    return {row["endpoint"]: dict(row) for row in counted}


def standing(endpoint: WebhookEndpoint, failing: int) -> tuple[str | Promise, str]:
    """How an endpoint does: words and tone."""
    if not endpoint.client.is_active:
        return gettext_lazy("Client closed"), "grey"
    if not endpoint.is_active:
        return gettext_lazy("Switched off"), "red" if endpoint.disabled_reason else "grey"
    if failing:
        return gettext_lazy("Does not get through"), "red"
    if endpoint.last_success_at is None:
        return gettext_lazy("Not tried yet"), "blue"
    return gettext_lazy("Gets through"), "green"


def _line(endpoint: WebhookEndpoint, counts: dict[str, int]) -> dict[str, Any]:
    words, tone = standing(endpoint, counts.get("failing", 0))
    return {
        "row": endpoint,
        "types": [TYPES[name][0] for name in types_of(endpoint.kinds)],
        "is_all": len(types_of(endpoint.kinds)) == len(TYPES),
        "words": words,
        "tone": tone,
        "waiting": counts.get("waiting", 0),
        "failing": counts.get("failing", 0),
    }


@require_GET
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """Every endpoint: whose, where, what it is told, how it does."""
    user = permitted(request, PERMISSION)
    rows = WebhookEndpoint.objects.visible_to(user).select_related("client__unit")
    page = page_of(rows, OLDEST_FIRST, cursor=request.GET.get("cursor", ""))
    counts = _waiting(page.rows)
    lines = [_line(row, counts.get(row.pk, {})) for row in page.rows]
    return _render(request, user, "webhooks.html", {"lines": lines, "page": page})


@require_http_methods(["GET", "POST"])
@never_cache
def webhook_new(request: HttpRequest) -> HttpResponse:
    """A further endpoint of a client."""
    user = permitted(request, PERMISSION)
    form = EndpointForm(request.POST or None, is_new=True)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = actions.create_endpoint(
                given["client"], url=given["url"], types=given["types"], actor=user, at=timezone.now()
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(
                request, _("The endpoint is made. Show its secret, hand it to the other side and send a test.")
            )
            return go_to(request, "gateway_webhook", pk=row.pk)
    return _form(request, user, form, _("New endpoint"), _("Make the endpoint"), reverse("gateway_webhooks"))


@require_http_methods(["GET", "POST"])
@never_cache
def webhook_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address, or other news."""
    user = permitted(request, PERMISSION)
    row = _endpoint(user, pk)
    initial = {"url": row.url, "types": types_of(row.kinds), "version": row.version}
    form = EndpointForm(request.POST or None, initial=initial, is_new=False)
    if request.method == "POST" and form.is_valid():
        given, at = form.cleaned_data, timezone.now()
        try:
            actions.change_endpoint(
                row,
                url=given["url"],
                types=given["types"],
                is_active=row.is_active,
                actor=user,
                at=at,
                version=given["version"],
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("The endpoint is changed."))
            return go_to(request, "gateway_webhook", pk=pk)
    return _form(request, user, form, _("Change the endpoint"), _("Save"), reverse("gateway_webhook", args=[pk]))


def _form(request: HttpRequest, user: User, form: EndpointForm, title: str, submit: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "cancel_url": back}
    return _render(request, user, "webhook_form.html", context, 422 if form.errors else 200)


# ---- steps with an endpoint ----


@dataclass(frozen=True)
class EndpointStep:
    """A step that asks nothing but “really?”. `act` takes endpoint, actor, at and version."""

    title: Promise
    text: Promise
    submit: Promise
    done: Promise
    act: Callable[..., Any]
    tone: str = "brand"


def _switch(row: WebhookEndpoint, *, is_active: bool, **who: Any) -> None:
    actions.change_endpoint(row, url=row.url, types=types_of(row.kinds), is_active=is_active, **who)


STEPS = {
    "test": EndpointStep(
        gettext_lazy("Send a test message?"),
        gettext_lazy("A message of the type ping goes out at once; it names no petition."),
        gettext_lazy("Send a test"),
        gettext_lazy("The test message is on its way. Its line below shows how it went."),
        lambda row, *, actor, at, version: actions.test_endpoint(row, at=at),
    ),
    "on": EndpointStep(
        gettext_lazy("Switch the endpoint on?"),
        gettext_lazy("What waits goes out at once. What was given up stays so until it is sent again by hand."),
        gettext_lazy("Switch on"),
        gettext_lazy("The endpoint is switched on."),
        lambda row, **who: _switch(row, is_active=True, **who),
    ),
    "off": EndpointStep(
        gettext_lazy("Switch the endpoint off?"),
        gettext_lazy(
            "The other system hears nothing more: what waits stays here, and what happens meanwhile is not kept for it."
        ),
        gettext_lazy("Switch off"),
        gettext_lazy("The endpoint is switched off."),
        lambda row, **who: _switch(row, is_active=False, **who),
        "danger",
    ),
    "rotate": EndpointStep(
        gettext_lazy("Make a new secret?"),
        gettext_lazy(
            "For a day both secrets sign, so that the other side can change over; after that only the new one."
        ),
        gettext_lazy("Make a new secret"),
        gettext_lazy("There is a new secret. Show it and hand it to the other side within a day."),
        actions.rotate,
        "danger",
    ),
    "resend": EndpointStep(
        gettext_lazy("Send everything again that was given up?"),
        gettext_lazy("Each message goes out under its old webhook-id, so that the other side knows what it has had."),
        gettext_lazy("Send all again"),
        gettext_lazy("Everything that was given up is on its way again."),
        lambda row, *, actor, at, version: actions.resend_failed(row, at=at),
    ),
    "remove": EndpointStep(
        gettext_lazy("Remove the endpoint?"),
        gettext_lazy(
            "It goes with its secret and all its deliveries; this cannot be undone. "
            "Who made and changed it stays on record."
        ),
        pgettext_lazy("webhook", "Remove"),
        gettext_lazy("The endpoint is removed."),
        actions.remove_endpoint,
        "danger",
    ),
}


@require_http_methods(["GET", "POST"])
@never_cache
def webhook_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step: asked first, then done on the version that was seen."""
    user = permitted(request, PERMISSION)
    row, found = _endpoint(user, pk), STEPS.get(step)
    if found is None:
        raise Http404
    back = reverse("gateway_webhook", args=[pk])
    form = VersionForm(request.POST if request.method == "POST" else None, initial={"version": row.version})
    if request.method == "GET" or not form.is_valid():
        context = {
            "title": found.title,
            "text": f"{row.client} · {row.url} – {found.text}",
            "submit": found.submit,
            "submit_tone": found.tone,
            "cancel_url": back,
            "form": form,
        }
        return render(
            request, "components/confirm.html", {**context, "nav": "gateway"}, status=422 if form.errors else 200
        )
    try:
        found.act(row, actor=user, at=timezone.now(), version=form.cleaned_data["version"])
    except Refused as refusal:
        messages.error(request, str(refusal))
        return go_to(request, back)
    messages.success(request, str(found.done))
    return go_to(request, reverse("gateway_webhooks") if step == "remove" else back)


@require_http_methods(["GET", "POST"])
@never_cache
def webhook_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """The secret, in this answer and nowhere else, and on the record."""
    user = permitted(request, PERMISSION)
    row, secret = _endpoint(user, pk), ""
    if request.method == "POST":
        secret = actions.reveal_secret(row, actor=user, at=timezone.now(), ip=address_of(request))
    context = {
        "title": _("Secret of the endpoint"),
        "text": _("Whoever has it can make messages that look like ours. That you looked goes on record."),
        "submit": _("Show the secret"),
        "secret": secret,
        "endpoint": row,
        "cancel_url": reverse("gateway_webhook", args=[pk]),
    }
    return _render(request, user, "webhook_secret.html", context)


# ---- one endpoint, and what was sent to it ----


def _asked(user: User, rows: QuerySet[WebhookMessage], given: dict[str, str]) -> QuerySet[WebhookMessage]:
    """The messages of these filters: outcome, type, and a webhook-id or the number of a petition one may read."""
    if given["outcome"] in WebhookMessage.Outcome.values:
        rows = rows.filter(outcome=given["outcome"])
    if given["type"] in TYPES or given["type"] == PING:
        rows = rows.filter(kind__in=[PING] if given["type"] == PING else kinds_of([given["type"]]))
    if given["q"].startswith("msg_"):
        return rows.filter(msg_id=given["q"])
    if given["q"]:
        wanted = by_number(given["q"])
        found = Petition.objects.visible_to(user).filter(wanted) if wanted is not None else Petition.objects.none()
        rows = rows.filter(petition_key__in=list(found.values_list("pk", flat=True)[:20]))
    return rows


def label_of(kind: str) -> str | Promise:
    """What an event kind is called on the pages."""
    name = type_of(kind)
    return TYPES[name][0] if name in TYPES else TEST_LABEL


def _deliveries(user: User, found: list[WebhookMessage], at: datetime) -> list[dict[str, Any]]:
    keys = {row.petition_key for row in found if row.petition_key}
    seen = Petition.objects.visible_to(user).only("year", "serial").in_bulk(keys)
    return [
        {
            "row": row,
            "label": label_of(row.kind),
            "petition": seen.get(row.petition_key or 0),
            "tone": TONES[row.outcome],
            "is_due": row.deliver_after <= at,
        }
        for row in found
    ]


@require_GET
@never_cache
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint with its deliveries, the newest first. While something is about to go out the list asks again."""
    user, at = permitted(request, PERMISSION), timezone.now()
    row = _endpoint(user, pk)
    given = {name: request.GET.get(name, "").strip() for name in ("outcome", "type", "q")}
    last = WebhookAttempt.objects.filter(message=OuterRef("pk")).order_by("-id")
    rows = (
        row.messages.visible_to(user)
        .defer("body")
        .annotate(last_status=Subquery(last.values("status")[:1]), last_error=Subquery(last.values("error")[:1]))
    )
    page = page_of(_asked(user, rows, given), NEWEST_FIRST, cursor=request.GET.get("cursor", ""))
    counts = _waiting([row]).get(row.pk, {})
    soon = [m for m in page.rows if m.outcome == "waiting" and m.deliver_after <= at + SOON]
    context = {
        "line": _line(row, counts),
        "row": row,
        "page": page,
        "lines": _deliveries(user, page.rows, at),
        "given": given,
        "is_filtered": any(given.values()),
        "outcomes": _outcomes(request.path, given),
        "types": [*((name, label) for name, (label, _kinds) in TYPES.items()), (PING, TEST_LABEL)],
        "asks_again": bool(soon) and row.is_active and row.client.is_active,
        "is_deaf": not row.client.actor.may("petitions.view"),
        "has_old_secret": row.previous_until is not None and row.previous_until > at,
        "may_test": row.is_active and row.client.is_active,
        "past": row.history.select_related("history_user").order_by("-history_id")[:PAST],
    }
    return _render(request, user, "webhook.html#live" if is_htmx(request) else "webhook.html", context)


def _outcomes(here: str, given: dict[str, str]) -> list[dict[str, Any]]:
    choices: list[tuple[str, str | Promise]] = [("", _("All")), *WebhookMessage.Outcome.choices]
    current = given["outcome"] if given["outcome"] in WebhookMessage.Outcome.values else ""
    return [
        {"url": f"{here}?outcome={name}" if name else here, "label": label, "current": name == current}
        for name, label in choices
    ]


def _message(user: User, pk: int) -> WebhookMessage:
    rows = WebhookMessage.objects.visible_to(user).select_related("endpoint__client")
    return get_object_or_404(rows, pk=pk)


@require_GET
@never_cache
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: the text that is signed, and every attempt."""
    user, at = permitted(request, PERMISSION), timezone.now()
    row = _message(user, pk)
    keys = [row.petition_key] if row.petition_key else []
    petition = Petition.objects.visible_to(user).only("year", "serial").in_bulk(keys).get(row.petition_key or 0)
    is_restricted = Petition.objects.filter(pk__in=keys, is_restricted=True).exists()
    context = {
        "row": row,
        "label": label_of(row.kind),
        "type": type_of(row.kind),
        "tone": TONES[row.outcome],
        "petition": petition,
        # An accusation, or what has become one since: its number reaches named persons only (domain-facts §1.17).
        "is_hidden": is_restricted and petition is None,
        "log": row.log.order_by("-id"),
        "may_resend": row.endpoint.is_active and (row.outcome != "waiting" or row.attempts > 0),
        "is_due": row.deliver_after <= at,
        "asks_again": row.outcome == "waiting" and row.deliver_after <= at + SOON and row.endpoint.is_active,
    }
    return _render(request, user, "delivery.html#live" if is_htmx(request) else "delivery.html", context)


@require_POST
@never_cache
def delivery_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Once more, from the first attempt on."""
    user = permitted(request, PERMISSION)
    row = _message(user, pk)
    try:
        actions.resend(row, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The message goes out once more, under the same webhook-id."))
    return go_to(request, "gateway_delivery", pk=pk)
