"""A petition proposed for the backlog, from its own page; and what that page says of the backlog."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from backlog import entry
from backlog.actions import matter
from backlog.actions.nominate import nominate as take
from backlog.forms.cases import NominateForm
from backlog.models import BacklogCase
from dispatch.views.reading import permitted, petition_or_404
from petitions.models import Petition
from petitions.states import Refused


@require_http_methods(["GET", "POST"])
@never_cache
def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose the petition `pk` for the backlog, with reasons. A known matter leads to its file."""
    user, at = permitted(request, "backlog.nominate"), timezone.now()
    petition = petition_or_404(user, pk)
    known = BacklogCase.objects.visible_to(user).filter(links__in=matter.living_links([pk])).first()
    if known is not None and request.method == "GET":
        return go_to(request, "backlog_case", pk=known.pk)
    form = NominateForm(request.POST or None, initial={"title": matter.plain_title(petition)})
    if request.method == "POST" and form.is_valid():
        case = _take(petition, form, user, at)
        if case is not None:
            messages.success(
                request, _("Proposed as %(number)s. The office that decides has been told.") % {"number": case.number}
            )
            forget_badges(user)
            # A unit that has not been made responsible does not read the file yet.
            if BacklogCase.objects.visible_to(user).filter(pk=case.pk).exists():
                return go_to(request, "backlog_case", pk=case.pk)
            return go_to(request, "petition", pk=pk)
    hits = entry.hits_among(Petition.objects.filter(pk=pk), at).get(pk, [])
    context = {
        "form": form,
        "p": petition,
        "hits": entry.sentences(hits),
        "stop": _stop(petition),
        "title": _("Propose for the backlog"),
        "submit": _("Propose"),
        "cancel_url": reverse("petition", args=[pk]),
        "nav": "worklist",
        "now": at,
    }
    return render(request, "backlog/nominate.html", context, status=422 if form.errors else 200)


def _stop(petition: Petition) -> str:
    """Why it cannot be proposed at all; '' when it can."""
    try:
        matter.refuse_unfit(petition)
    except Refused as refusal:
        return str(refusal)
    return ""


def _take(petition: Petition, form: NominateForm, user: User, at: Any) -> BacklogCase | None:
    try:
        return take(petition.pk, **form.arguments(), actor=user, at=at)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
