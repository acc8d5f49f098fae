"""The delivery log: what left the house, what waits, what failed and why; and sending it again."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.responses import go_to
from dispatch.actions.outbox import MAX_ATTEMPTS, resend
from dispatch.models import Notice
from dispatch.notices import KINDS, kind_label, sentence
from dispatch.views.reading import reader, safe_next
from petitions.paging import Order, page_of

NEWEST = Order("created_at", is_descending=True)
SIZE = 50

_UNSENT = Q(delivered_at__isnull=True)
_FAILED = _UNSENT & ~Q(last_error="")
STATES: dict[str, tuple[str | Promise, Q, str]] = {
    "sent": (gettext_lazy("Sent"), Q(delivered_at__isnull=False), "green"),
    "waiting": (gettext_lazy("Waiting"), _UNSENT & Q(last_error=""), "blue"),
    "retrying": (
        gettext_lazy("Failed, is tried again"),
        _FAILED & Q(attempts__lt=MAX_ATTEMPTS),
        "amber",
    ),
    "given_up": (gettext_lazy("Given up"), _UNSENT & Q(attempts__gte=MAX_ATTEMPTS), "red"),
}
CHANNELS = [choice for choice in Notice.Channel.choices if choice[0] != Notice.Channel.INAPP]


def state_of(notice: Notice) -> str:
    """The key of STATES this notice is in."""
    if notice.delivered_at is not None:
        return "sent"
    if notice.attempts >= MAX_ATTEMPTS:
        return "given_up"
    return "retrying" if notice.last_error else "waiting"


def _filtered(request: HttpRequest, user: User) -> tuple[QuerySet[Notice], dict[str, str]]:
    """The rows the filters of the address ask for, and the filters that were understood."""
    given = {name: request.GET.get(name, "").strip()[:60] for name in ("channel", "state", "kind", "q", "from", "to")}
    rows = Notice.objects.logged_for(user).shown()
    if given["channel"] in dict(CHANNELS):
        rows = rows.filter(channel=given["channel"])
    if given["state"] in STATES:
        rows = rows.filter(STATES[given["state"]][1])
    if given["kind"]:
        rows = rows.filter(kind=given["kind"])
    if given["q"]:
        text = given["q"]
        rows = rows.filter(
            Q(recipient__name__icontains=text)
            | Q(recipient__unit__name__icontains=text)
            | Q(target__name__icontains=text)
            | Q(target__unit__name__icontains=text)
        )
    since, until = _day(given["from"]), _day(given["to"])
    if since:
        rows = rows.filter(created_at__gte=since)
    if until:
        rows = rows.filter(created_at__lt=until + timedelta(days=1))
    return rows, {name: value for name, value in given.items() if value}


def _day(text: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))
    except ValueError:
        return None


@require_GET
@never_cache
def log(request: HttpRequest) -> HttpResponse:
    """The log by newest first. No case text: the sentence of a notice carries numbers and names of rules only."""
    user = reader(request)
    rows, given = _filtered(request, user)
    joined = rows.select_related("recipient__unit", "target__unit", "petition", "order__petition")
    page = page_of(joined.annotate(gathers=Count("members")), NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    lines = [
        {
            "notice": n,
            "text": sentence(n, count=getattr(n, "gathers", None)),
            "state": STATES[state_of(n)][0],
            "tone": STATES[state_of(n)][2],
            "kind": kind_label(n.kind),
            "can_resend": n.delivered_at is None and bool(n.last_error),
        }
        for n in page.rows
    ]
    failed = any(line["can_resend"] for line in lines)
    context: dict[str, Any] = {
        "lines": lines,
        "page": page,
        "given": given,
        "channels": CHANNELS,
        "states": [(key, label) for key, (label, _q, _tone) in STATES.items()],
        "kinds": [(key, kind_label(key)) for key in (*KINDS, "digest", "drill")],
        "failed": failed,
        "may_keep_channels": user.may("dispatch.channels"),
        "now": timezone.now(),
        "here": request.get_full_path(),
    }
    return render(request, "dispatch/deliveries.html", context)


@require_POST
def resend_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one failed delivery again now."""
    user = reader(request)
    get_object_or_404(Notice.objects.logged_for(user), pk=pk)
    if resend(user, at=timezone.now(), pk=pk):
        messages.success(request, _("It is tried again within half a minute."))
    else:
        messages.info(request, _("This one has arrived already."))
    return go_to(request, safe_next(request, reverse("deliveries")))


@require_POST
def resend_many(request: HttpRequest) -> HttpResponse:
    """Try everything that failed on a channel again."""
    user = reader(request)
    channel = request.POST.get("channel", "")
    count = resend(user, at=timezone.now(), channel=channel if channel in dict(CHANNELS) else "")
    text = ngettext("%(count)s delivery is tried again.", "%(count)s deliveries are tried again.", count)
    messages.success(request, text % {"count": count})
    return go_to(request, safe_next(request, reverse("deliveries")))
