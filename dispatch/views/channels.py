"""Units' channels and quiet hours: kept by the unit's leader and by the city petition office."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Unit, User
from accounts.responses import go_to
from accounts.roles import Scope
from dispatch.actions import channels
from dispatch.channels import masked
from dispatch.forms.notices import ChannelForm, QuietForm
from dispatch.models import NotificationChannel, QuietHours
from dispatch.notices import kind_label
from dispatch.policies import RUNG_LABELS
from dispatch.views.reading import permitted
from petitions.states import Refused

MOST = 300


def _keeper(request: HttpRequest) -> User:
    """Who may keep channels at all."""
    return permitted(request, "dispatch.channels")


def _unit(user: User, code: str) -> Unit:
    """The unit a new channel is for: one in reach, by its code; the own one when none is named."""
    units = Unit.objects.all()
    if user.scope_for("dispatch.channels") != Scope.CITY:
        units = units.below(user.unit) if user.unit else units.none()
    return get_object_or_404(units, code=code) if code else get_object_or_404(units, pk=user.unit_id)


@require_GET
@never_cache
def channel_list(request: HttpRequest) -> HttpResponse:
    """The channels in reach with what they take and how they last did; the quiet hours below."""
    user = _keeper(request)
    rows = NotificationChannel.objects.visible_to(user).select_related("unit").order_by("unit__code", "name")
    text = request.GET.get("q", "").strip()[:40]
    if text:
        rows = rows.filter(unit__name__icontains=text)
    lines = [
        {
            "channel": row,
            "address": masked(row.url),
            "kinds": [kind_label(kind) for kind in row.kinds],
            "rungs": [RUNG_LABELS.get(rung, rung) for rung in row.rungs],
        }
        for row in rows[:MOST]
    ]
    quiet = {row.unit_id: row for row in QuietHours.objects.filter(unit=user.unit_id)}
    context = {
        "lines": lines,
        "q": text,
        "is_city": user.scope_for("dispatch.channels") == Scope.CITY,
        "sets_office": user.may("dispatch.quiet_hours"),
        "office": _quiet_form("office", QuietHours.objects.filter(unit=None).first(), is_office=True),
        "own": _quiet_form("own", quiet.get(user.unit_id)),
        "own_is_set": user.unit_id in quiet,
        "now": timezone.now(),
    }
    return render(request, "dispatch/channels.html", context)


def _quiet_form(prefix: str, row: QuietHours | None, *, is_office: bool = False) -> QuietForm:
    initial: dict[str, object] = {"starts": row.starts, "ends": row.ends} if row else {}
    if row is None and is_office:
        initial = dict(zip(("starts", "ends"), settings.QUIET_HOURS, strict=True))
    return QuietForm(prefix=prefix, initial=initial)


@require_http_methods(["GET", "POST"])
@never_cache
def channel_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a channel; the address is asked for, never shown."""
    user = _keeper(request)
    channel = get_object_or_404(NotificationChannel.objects.visible_to(user), pk=pk) if pk else None
    unit = channel.unit if channel else _unit(user, request.GET.get("unit", ""))
    form = ChannelForm(request.POST or None, channel=channel)
    if request.method == "POST" and form.is_valid():
        try:
            saved = channels.save_channel(user, unit, form.channel_data(), at=timezone.now(), channel=channel)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("“%(name)s” is saved. Send a test to see that it arrives.") % {"name": saved})
            return go_to(request, "channels")
    context = {
        "form": form,
        "channel": channel,
        "unit": unit,
        "title": _("Change the channel") if channel else _("New channel"),
        "address": masked(channel.url) if channel else "",
        "submit": _("Save"),
        "cancel_url": reverse("channels"),
    }
    return render(request, "dispatch/channel_form.html", context, status=422 if form.errors else 200)


@require_POST
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    """A marked test at once; the answer of the channel is shown as it came."""
    user = _keeper(request)
    channel = get_object_or_404(NotificationChannel.objects.visible_to(user).select_related("unit"), pk=pk)
    try:
        channels.test_channel(user, channel, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The test over “%(name)s” has arrived.") % {"name": channel})
    return go_to(request, "channels")


@require_POST
def channel_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a channel away; the page asks before."""
    user = _keeper(request)
    channel = get_object_or_404(NotificationChannel.objects.visible_to(user).select_related("unit"), pk=pk)
    channels.remove_channel(user, channel)
    messages.success(request, _("“%(name)s” is removed.") % {"name": channel})
    return go_to(request, "channels")


@require_POST
def quiet_hours(request: HttpRequest) -> HttpResponse:
    """Set the office's or one's own unit's quiet hours, or follow the office again."""
    user = _keeper(request)
    is_office = request.POST.get("whose") == "office"
    form = QuietForm(request.POST, prefix="office" if is_office else "own")
    if not form.is_valid() or (user.unit is None and not is_office):
        messages.error(request, _("These are no times. Write them as 21:00 and 07:30."))
        return go_to(request, "channels")
    try:
        if request.POST.get("follow") and user.unit is not None:
            channels.follow_office(user, user.unit)
        else:
            data = form.cleaned_data
            channels.set_quiet_hours(user, None if is_office else user.unit, data["starts"], data["ends"])
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The quiet hours are saved. They hold for deliveries from now on."))
    return go_to(request, "channels")
