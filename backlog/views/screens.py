"""Screens nobody signs in to, and the targets of the tiles."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Actor
from accounts.models import User
from accounts.responses import go_to
from accounts.roles import Scope
from backlog.actions import boards
from backlog.forms.wall import ScreenForm, TargetsForm
from backlog.models import WallScreen
from backlog.querysets import district_of
from backlog.views.wall import seen_lately
from dispatch.views.reading import permitted
from petitions.states import Refused

SIZE = 100


def _screens(user: User) -> QuerySet[WallScreen]:
    """Those of the person's reach: a district's office sees its own."""
    rows = WallScreen.objects.select_related("area", "created_by", "revoked_by").order_by("revoked_at", "-id")
    if user.scope_for("backlog.wall_screens") == Scope.CITY:
        return rows
    return rows.filter(area=district_of(Actor.of(user)))


@require_http_methods(["GET", "POST"])
@never_cache
def wall_screens(request: HttpRequest) -> HttpResponse:
    """The list, and a new screen: its secret address is shown in the answer and nowhere again."""
    user, at = permitted(request, "backlog.wall_screens"), timezone.now()
    form, made, address = ScreenForm(request.POST or None, user=user), None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, token = boards.create_screen(
                form.cleaned_data["name"],
                form.cleaned_data["area"],
                rotate=form.cleaned_data["rotate"],
                actor=user,
                at=at,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            address = request.build_absolute_uri(reverse("wall_screen", args=[token]))
            form = ScreenForm(user=user)
    context = {
        "form": form,
        "made": made,
        "address": address,
        "screens": [(screen, seen_lately(screen, at)) for screen in _screens(user)[:SIZE]],
        "now": at,
        "nav": "wall",
    }
    return render(request, "backlog/wall_screens.html", context, status=422 if form.errors else 200)


@require_POST
def screen_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a screen off at once."""
    user = permitted(request, "backlog.wall_screens")
    screen = get_object_or_404(_screens(user), pk=pk)
    try:
        boards.revoke_screen(screen.pk, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(name)s” is switched off.") % {"name": screen.name})
    return go_to(request, "wall_screens")


@require_http_methods(["GET", "POST"])
@never_cache
def targets(request: HttpRequest) -> HttpResponse:
    """The targets of the tiles, city-wide."""
    user = permitted(request, "backlog.targets")
    form = TargetsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = boards.set_targets(form.values(), actor=user)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            words = ngettext("%(n)d target changed.", "%(n)d targets changed.", changed) % {"n": changed}
            messages.success(request, words)
            return go_to(request, "targets")
    context = {
        "form": form,
        "title": _("Targets of the wall"),
        "intro": _("A figure that misses its target turns amber on the wall, overdue turns red. Empty: no target."),
        "submit": _("Save the targets"),
        "cancel_url": reverse("wall"),
        "nav": "wall",
    }
    return render(request, "backlog/targets.html", context, status=422 if form.errors else 200)
