"""Pages of the channels: the triage queue, how each channel does, and the editor of a mapping."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from dispatch.views.reading import permitted
from gateway import hub
from gateway.actions import channels as actions
from gateway.channels import editor, mapping, reading
from gateway.channels.forms import MEANINGS, PlaceForm, RefuseForm, SampleForm, StatusForm
from gateway.channels.health import health
from gateway.channels.wording import label_of
from gateway.models import ApiClient, ChannelMapping, InboundItem
from petitions.models import Channel, Petition
from petitions.paging import Order, page_of
from petitions.states import Refused

OLDEST_FIRST = Order("received_at")


@require_GET
@never_cache
def triage(request: HttpRequest) -> HttpResponse:
    """Messages nobody has placed, oldest first."""
    user = permitted(request, "gateway.triage")
    rows = InboundItem.objects.visible_to(user).waiting().select_related("client").defer("body")
    page = page_of(rows, OLDEST_FIRST, cursor=request.GET.get("cursor", ""))
    lines = [{"item": row, "fields": [label_of(name) for name in row.fields]} for row in page.rows]
    context = {"lines": lines, "page": page, "now": timezone.now()}
    return _render(request, "triage", user, "gateway_triage", context)


def _render(
    request: HttpRequest, name: str, user: User, tab: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    whole = {**context, "tabs": hub.tabs(user, tab), "nav": "gateway"}
    return render(request, f"gateway/{name}.html", whole, status=status)


def _item(user: User, pk: int) -> InboundItem:
    rows = InboundItem.objects.visible_to(user).select_related("client", "petition", "decided_by")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
@never_cache
def triage_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One message beside the questions it leaves open."""
    user = permitted(request, "gateway.triage")
    item = _item(user, pk)
    message = json.loads(item.body or "{}")
    found = reading.read(reading.document_for(item), message)
    is_status = item.kind == InboundItem.Kind.STATUS
    data = request.POST if request.method == "POST" else None
    form: Any = StatusForm(data) if is_status else PlaceForm(data, item=item, found=found)
    if data is not None and form.is_valid() and _placed(request, form, item, user):
        forget_badges(user)
        return go_to(request, "gateway_triage")
    seen = Petition.objects.visible_to(user).filter(pk=item.petition_id).first() if item.petition_id else None
    context = {
        "item": item,
        "form": form,
        "raw": json.dumps(message, ensure_ascii=False, indent=2),
        "results": [] if is_status else _told(item, found),
        "waits": item.state == InboundItem.State.WAITING,
        "petition": seen,
        "refuse_form": RefuseForm(),
    }
    return _render(request, "triage_item", user, "gateway_triage", context, 422 if form.errors else 200)


def _told(item: InboundItem, found: mapping.Reading) -> list[tuple[Any, mapping.FieldResult]]:
    """Every field with what was read for it; of a message in our own words those alone that say something."""
    rows = [row for row in found.results if row.outcome != "empty" or not item.is_own_shape]
    return [(label_of(row.to), row) for row in rows]


def _placed(request: HttpRequest, form: Any, item: InboundItem, user: User) -> bool:
    at, remember = timezone.now(), form.cleaned_data.get("remember", False)
    try:
        if isinstance(form, StatusForm):
            actions.place_status(item.pk, form.cleaned_data["meaning"], remember=remember, actor=user, at=at)
            messages.success(request, _("The status is understood and carried out."))
        else:
            placed = actions.place(item.pk, form.chosen(), remember=remember, actor=user, at=at)
            messages.success(request, _("Registered as %(number)s.") % {"number": placed.petition})
    except Refused as refusal:
        key = form.key_of(refusal.field) if isinstance(form, PlaceForm) and refusal.field else None
        form.add_error(key, str(refusal))
        return False
    return True


@require_http_methods(["POST"])
def triage_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """A message that is no petition; it stays with its reason, and the source reads it."""
    user = permitted(request, "gateway.triage")
    item = _item(user, pk)
    try:
        actions.refuse(item.pk, reason=request.POST.get("reason", ""), actor=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("gateway_triage_item", pk=item.pk)
    forget_badges(user)
    messages.success(request, _("The message is refused; the source reads the reason."))
    return go_to(request, "gateway_triage")


@require_GET
@never_cache
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel: when it was last heard of, how much came, what became of it."""
    user, at = permitted(request, "gateway.channels"), timezone.now()
    return _render(request, "channels", user, "gateway_channels", {"rows": health(at), "now": at})


@require_http_methods(["GET", "POST"])
@never_cache
def channel(request: HttpRequest, channel: str) -> HttpResponse:
    """The mapping of a channel, or with `client` one system's own: change it, or paste a message and see its fate."""
    user, at = permitted(request, "gateway.channels"), timezone.now()
    if channel not in Channel.values:
        raise Http404
    clients = list(ApiClient.objects.filter(channel=channel).order_by("name"))
    client = _client_of(request, clients)
    row, row_of_channel = _mappings(channel, client)
    # What a system is given of its own begins with what held for it before.
    document, fault = (row if row.pk else row_of_channel).document, ""
    sample = SampleForm(
        initial={"sample": json.dumps(row.sample or row_of_channel.sample, ensure_ascii=False, indent=2)}
    )
    tried: dict[str, Any] = {"results": None, "problems": []}
    if request.method == "POST":
        if client is not None and "drop" in request.POST:
            actions.drop_mapping(channel, client, actor=user, at=at)
            messages.success(
                request, _("%(client)s is read with the mapping of the channel again.") % {"client": client}
            )
            return redirect("gateway_channel", channel=channel)
        document = editor.document_from(request.POST)
        if "try" in request.POST:
            sample = SampleForm(request.POST)
            tried = _tried(document, sample)
        else:
            try:
                actions.save_mapping(channel, document, client=client, actor=user, at=at)
            except Refused as refusal:
                fault = str(refusal)
            else:
                messages.success(request, _("The mapping is saved and holds for the next message."))
                return redirect(request.get_full_path())
    context = {
        **tried,
        "row": row,
        "client": client,
        "clients": clients,
        "own": set(ChannelMapping.objects.filter(channel=channel).values_list("client", flat=True)),
        "rows": editor.rows_of(document),
        "sample_form": sample,
        "fault": fault,
        "moves": MEANINGS,
        "versions": list(row.history.select_related("history_user")[:8]) if row.pk else [],
        "now": at,
    }
    return _render(request, "channel", user, "gateway_channels", context, 422 if fault or sample.errors else 200)


def _client_of(request: HttpRequest, clients: list[ApiClient]) -> ApiClient | None:
    """The system whose own mapping is asked for; None for the channel's. Raises Http404 for one of another channel."""
    wanted = request.GET.get("client", "")
    if not wanted:
        return None
    found = next((client for client in clients if str(client.pk) == wanted), None)
    if found is None:
        raise Http404
    return found


def _mappings(channel: str, client: ApiClient | None) -> tuple[ChannelMapping, ChannelMapping]:
    """The mapping asked for and the channel's; what there is none of is a blank one that is not saved."""
    rows = {row.client_id: row for row in ChannelMapping.objects.filter(channel=channel).select_related("client")}
    whole = rows.get(None) or ChannelMapping(channel=channel)
    return (rows.get(client.pk) or ChannelMapping(channel=channel, client=client) if client else whole), whole


def _tried(document: dict[str, Any], sample: SampleForm) -> dict[str, Any]:
    """What would become of the pasted message: each field's fate, and the fields a person would be asked about."""
    if not sample.is_valid():
        return {"results": None, "problems": []}
    found = reading.read(document, sample.cleaned_data["sample"])
    return {
        "results": [(label_of(line.to), line) for line in found.results],
        "problems": [label_of(line["field"]) for line in actions.judge(found)[1]],
    }
