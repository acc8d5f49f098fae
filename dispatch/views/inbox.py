"""A person's own notices: the inbox, and how they want to hear."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.context import forget_badges
from accounts.responses import go_to
from dispatch.actions import channels
from dispatch.actions.notices import mark_read, mark_unread
from dispatch.forms.notices import PreferencesForm
from dispatch.models import Notice, NoticePreference
from dispatch.notices import KINDS, kind_icon, kind_label, link_of, sentence
from dispatch.views.reading import reader, safe_next
from petitions.models import Petition
from petitions.paging import Order, capped_counts, capped_text, page_of
from petitions.states import Refused

NEWEST = Order("created_at", is_descending=True)
SIZE = 30
MEMBERS = 100


@require_GET
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """The inbox by day: unread ones by themselves first, the others under the second tab; one kind at a time."""
    user = reader(request)
    kind = request.GET.get("kind", "")
    mine = Notice.objects.visible_to(user).shown()
    unread = mine.unread()
    [count] = capped_counts([unread])
    show = request.GET.get("show", "unread" if count else "all")
    rows = unread if show == "unread" else mine
    if kind:
        rows = rows.filter(kind__in=["deadline", "digest"] if kind == "deadline" else [kind])
    rows = rows.select_related("petition", "order__petition").annotate(gathers=Count("members"))
    page = page_of(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    lines = [(n, sentence(n, count=getattr(n, "gathers", None)), kind_icon(n.kind)) for n in page.rows]
    context = {
        "days": [
            (_day_label(day, timezone.localdate()), list(found))
            for day, found in groupby(lines, key=lambda line: timezone.localtime(line[0].created_at).date())
        ],
        "page": page,
        "show": show,
        "kind": kind,
        "kinds": [(name, label) for name, (label, _icon) in KINDS.items()],
        "unread": count,
        "tabs": [
            {
                "url": f"?show=unread&kind={kind}",
                "label": _("Unread"),
                "count": capped_text(count),
                "current": show == "unread",
            },
            {"url": f"?show=all&kind={kind}", "label": _("All"), "count": None, "current": show != "unread"},
        ],
        "now": timezone.now(),
        "here": request.get_full_path(),
    }
    return render(request, "dispatch/notices.html", context)


def _day_label(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return date_format(day, "Y-m-d l")


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark one's own notices read (or, with `unread`, not read): those named by `ids`, or all."""
    user = reader(request)
    ids = [int(value) for value in request.POST.getlist("ids") if value.isdecimal() and len(value) < 18]
    if request.POST.get("unread"):
        mark_unread(user, ids=ids)
    else:
        mark_read(user, at=timezone.now(), ids=ids or None)
    forget_badges(user)
    if not ids:
        messages.success(request, _("All notices are marked read."))
    return go_to(request, safe_next(request, reverse("notices")))


@require_http_methods(["GET", "POST"])
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the page of a notice, which is read by that; a digest opens as its list.

    A case out of sight by now: back to the inbox, saying so.
    """
    user = reader(request)
    notice = get_object_or_404(Notice.objects.visible_to(user).select_related("petition", "order"), pk=pk)
    mark_read(user, at=timezone.now(), ids=[pk])
    forget_badges(user)
    if notice.kind == "digest":
        return go_to(request, reverse("notice_digest", args=[pk]))
    # A page of its own decides by itself who reads it.
    is_elsewhere = notice.petition_id is None or "link" in notice.params
    if is_elsewhere or Petition.objects.visible_to(user).filter(pk=notice.petition_id or 0).exists():
        return go_to(request, link_of(notice))
    messages.info(request, _("This matter is with somebody else now; you cannot see it any more."))
    return go_to(request, "notices")


@require_GET
@never_cache
def notice_digest(request: HttpRequest, pk: int) -> HttpResponse:
    """What a digest gathers, the most overdue first within the page."""
    user = reader(request)
    digest = get_object_or_404(Notice.objects.visible_to(user).filter(kind="digest"), pk=pk)
    members = digest.members.select_related("petition", "order__petition")
    page = page_of(members, Order("created_at"), cursor=request.GET.get("cursor", ""), size=MEMBERS)
    rows = sorted(page.rows, key=lambda n: n.params.get("due_at", "9"))
    context: dict[str, Any] = {
        "digest": digest,
        "text": sentence(digest),
        "rows": [(n, sentence(n), kind_icon(n.kind)) for n in rows],
        "page": page,
        "now": timezone.now(),
    }
    return render(request, "dispatch/digest.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def notice_preferences(request: HttpRequest) -> HttpResponse:
    """Which kinds by which channel, single or gathered, quiet hours."""
    user = reader(request)
    stored = NoticePreference.objects.filter(user=user).first()
    form = PreferencesForm(request.POST or None, stored=stored)
    if request.method == "POST" and form.is_valid():
        try:
            channels.set_preferences(user, form.preferences())
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("Your settings are saved."))
            return go_to(request, "notice_preferences")
    context = {"form": form, "has_mail": bool(user.email), "kind_label": kind_label}
    return render(request, "dispatch/notice_preferences.html", context, status=422 if form.errors else 200)
