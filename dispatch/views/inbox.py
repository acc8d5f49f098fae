"""A person's own notices."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.context import forget_badges
from accounts.responses import go_to
from dispatch.actions.notices import mark_read
from dispatch.models import Notice
from dispatch.notices import sentence
from dispatch.views.reading import reader
from petitions.models import Petition
from petitions.paging import Order, capped_counts, capped_text, page_of

ICONS = {
    "dispatched": "inbox",
    "assigned": "user-check",
    "fed_back": "clipboard-check",
    "sent_back": "corner-down-left",
    "recalled": "corner-up-left",
    "cancelled": "circle-x",
    "rework": "rotate-ccw",
    "deadline": "alarm-clock",
    "return_asked": "undo-2",
    "return_accepted": "gavel",
    "return_rejected": "gavel",
    "return_allowed": "calendar-plus",
    "lead_changed": "arrow-left-right",
    "consult": "messages-square",
    "opined": "message-square-text",
    "ruled": "gavel",
    "consultation_dropped": "circle-x",
}
NEWEST = Order("created_at", is_descending=True)
SIZE = 30


@require_GET
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """The inbox: unread ones by themselves first, the others under the second tab."""
    user = reader(request)
    mine = Notice.objects.visible_to(user)
    unread = mine.unread()
    [count] = capped_counts([unread])
    show = request.GET.get("show", "unread" if count else "all")
    rows = (unread if show == "unread" else mine).select_related("petition", "order__petition")
    page = page_of(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    context = {
        "rows": [(notice, sentence(notice), ICONS.get(notice.kind, "bell")) for notice in page.rows],
        "page": page,
        "show": show,
        "unread": count,
        "tabs": [
            {"url": "?show=unread", "label": _("Unread"), "count": capped_text(count), "current": show == "unread"},
            {"url": "?show=all", "label": _("All"), "count": None, "current": show != "unread"},
        ],
        "now": timezone.now(),
    }
    return render(request, "dispatch/notices.html", context)


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark one's own notices read: those named by `ids`, or all."""
    user = reader(request)
    ids = [int(value) for value in request.POST.getlist("ids") if value.isdecimal() and len(value) < 18]
    mark_read(user, at=timezone.now(), ids=ids or None)
    forget_badges(user)
    if not ids:
        messages.success(request, _("All notices are marked read."))
    return go_to(request, "notices")


@require_http_methods(["GET", "POST"])
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the case of a notice, which is read by that. A case out of sight by now: back to the inbox, saying so."""
    user = reader(request)
    notice = get_object_or_404(Notice.objects.visible_to(user), pk=pk)
    mark_read(user, at=timezone.now(), ids=[pk])
    forget_badges(user)
    if notice.petition_id and Petition.objects.visible_to(user).filter(pk=notice.petition_id).exists():
        return go_to(request, reverse("petition", args=[notice.petition_id]))
    messages.info(request, _("This matter is with somebody else now; you cannot see it any more."))
    return go_to(request, "notices")
