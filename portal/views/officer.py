"""The officer's page for a citizen's own access: send a link, hand over the tablet, give a new code."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.responses import go_to
from dispatch.views.reading import permitted, petition_or_404
from petitions.models import Petition
from petitions.states import Refused
from petitions.views.registration import may_slip
from portal import actions, sms
from portal.actions.messages import address_of
from portal.forms import NewCodeForm
from portal.models import Link

TEMPLATE = "portal/citizen_access.html"


@require_http_methods(["GET", "POST"])
@never_cache
def citizen_access(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, and its three steps."""
    user = permitted(request, "portal.send_link")
    petition = petition_or_404(user, pk)
    if not Petition.objects.within(user, "portal.send_link").filter(pk=pk).exists():
        raise Http404
    at = timezone.now()
    if request.method == "GET":
        return _show(request, user, petition, at)
    form = NewCodeForm(request.POST if "renew" in request.POST else None)
    try:
        if "renew" in request.POST:
            return _renew(request, user, petition, form, at)
        goal = request.POST.get("show") or request.POST.get("send") or ""
        if goal not in Link.Goal.values:
            raise Http404
        if "show" in request.POST:
            link, token = actions.issue(pk, goal, way=Link.Way.COUNTER, actor=user, at=at)
            return _show(request, user, petition, at, shown=link, address=address_of(token))
        actions.send_link(pk, goal, actor=user, at=at)
        messages.success(request, _("The link is on its way to the petitioner's telephone."))
        return go_to(request, "citizen_access", pk=pk)
    except Refused as refusal:
        return _show(request, user, petition, at, error=str(refusal), form=form, status=422)


def _renew(request: HttpRequest, user: User, petition: Petition, form: NewCodeForm, at: datetime) -> HttpResponse:
    if not form.is_valid():
        return _show(request, user, petition, at, form=form, status=422)
    renewed = actions.renew_code(petition.pk, reason=form.cleaned_data["reason"], actor=user, at=at)
    messages.success(request, _("The new code is %(code)s; the old one is dead.") % {"code": renewed.query_code})
    return go_to(request, "petition_slip", pk=petition.pk)


def _show(
    request: HttpRequest, user: User, petition: Petition, at: datetime, *, status: int = 200, **more: Any
) -> HttpResponse:
    person = petition.petitioners.order_by("-is_main", "pk").first()
    context = {
        "p": petition,
        "nav": "worklist",
        "now": at,
        "goals": Link.Goal.choices,
        "counter_goals": [(goal, label) for goal, label in Link.Goal.choices if goal in actions.AT_COUNTER],
        "may_slip": may_slip(user, petition),
        "phone": "" if petition.is_anonymous or person is None else person.phone_masked,
        "has_gateway": sms.is_set_up(),
        "may_renew": Petition.objects.within(user, "portal.new_code").filter(pk=petition.pk).exists(),
        "links": petition.links.select_related("by").prefetch_related("messages").order_by("-created_at", "-pk")[:20],
        "form": NewCodeForm(),
        **more,
    }
    return render(request, TEMPLATE, context, status=status)
