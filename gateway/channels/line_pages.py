"""Pages of the merged lines: the list, one line, the step that confirms proposals, the one that retires a line."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.responses import go_to
from dispatch.catalogue import search_units
from dispatch.views.reading import permitted, safe_next
from gateway import hub
from gateway.actions import lines as actions
from gateway.channels.forms import LineForm
from gateway.models import LegacyLine
from petitions.paging import Order, page_of
from petitions.states import Refused

BY_NUMBER = Order("number", is_text=True)
SIZE = 50
VERSIONS = 8
SHOWN = {
    "": (gettext_lazy("In use"), Q(is_active=True)),
    "proposed": (gettext_lazy("Proposed, not confirmed"), Q(is_active=True, is_proposal=True)),
    "retired": (gettext_lazy("Retired"), Q(is_active=False)),
}


def _render(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {**context, "tabs": hub.tabs(request.user, "gateway_lines"), "nav": "gateway"}  # type: ignore[arg-type]
    return render(request, f"gateway/{name}.html", whole, status=status)


@require_GET
@never_cache
def lines(request: HttpRequest) -> HttpResponse:
    """The lines by number: search, only the proposals, or the retired ones."""
    permitted(request, "gateway.channels")
    text = request.GET.get("q", "").strip()[:40].replace("\x00", "")
    show = request.GET.get("show", "")
    rows = LegacyLine.objects.filter(SHOWN.get(show, SHOWN[""])[1]).select_related("unit")
    if text:
        words = Q(name__icontains=text) | Q(department__icontains=text) | Q(unit__name__icontains=text)
        rows = rows.filter(Q(number__startswith=text) | words)
    context = {
        "page": page_of(rows, BY_NUMBER, cursor=request.GET.get("cursor", ""), size=SIZE),
        "q": text,
        "show": show if show in SHOWN else "",
        "shown": [(key, label) for key, (label, _rows) in SHOWN.items()],
        "proposed": LegacyLine.objects.filter(SHOWN["proposed"][1]).count(),
        "here": request.get_full_path(),
    }
    return _render(request, "lines", context)


@require_GET
def line_units(request: HttpRequest) -> HttpResponse:
    """Names of units for the field's list."""
    permitted(request, "gateway.channels")
    words = request.GET.get("unit", "").strip()[:40]
    return render(request, "backlog/reception_units.html", {"units": search_units(words) if len(words) >= 2 else []})


@require_http_methods(["GET", "POST"])
@never_cache
def line(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One line to be changed, or a new one."""
    user, at = permitted(request, "gateway.channels"), timezone.now()
    row = get_object_or_404(LegacyLine.objects.select_related("unit"), pk=pk) if pk is not None else None
    form = LineForm(request.POST or None, line=row)
    back = safe_next(request, reverse("gateway_lines"))
    if request.method == "POST" and form.is_valid():
        try:
            if row is None:
                saved = actions.add_line(form.cleaned_data["number"], form.line_data(), actor=user, at=at)
            else:
                saved = actions.change_line(row.pk, form.line_data(), actor=user, at=at)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("“%(line)s” is saved and holds for the next message.") % {"line": saved})
            return go_to(request, back)
    context = {
        "form": form,
        "line": row,
        "back": back,
        "versions": row.history.select_related("history_user", "unit")[:VERSIONS] if row else [],
        "now": at,
    }
    return _render(request, "line", context, 422 if form.errors else 200)


@require_POST
def lines_confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the proposals that are ticked, or the one whose button was pressed."""
    user = permitted(request, "gateway.channels")
    chosen = [int(value) for value in request.POST.getlist("line") if value.isdecimal() and len(value) < 18]
    try:
        count = actions.confirm_lines(chosen, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        words = ngettext("%(count)d line is confirmed.", "%(count)d lines are confirmed.", count)
        if count:
            messages.success(request, words % {"count": count})
        else:
            messages.warning(request, _("Tick the lines you have compared with the office's list."))
    return go_to(request, safe_next(request, reverse("gateway_lines")))


@require_POST
def line_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a line, or take it into use again."""
    user = permitted(request, "gateway.channels")
    row = get_object_or_404(LegacyLine, pk=pk)
    is_active = request.POST.get("use") == "1"
    try:
        row = actions.use_line(row.pk, is_active=is_active, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        words = _("“%(line)s” is in use again.") if is_active else _("“%(line)s” is retired. Find it under “Retired”.")
        messages.success(request, words % {"line": row})
    return go_to(request, safe_next(request, reverse("gateway_lines")))
