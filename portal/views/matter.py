"""The pages of one matter: progress and rating."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from petitions import actions
from petitions.actions import Judgement
from petitions.permissions import citizen
from petitions.states import Refused
from portal.access import Matter, leave, matter_page
from portal.actions import end_link
from portal.forms import RateForm
from portal.models import Link
from portal.reading import MatterFile


@require_GET
@matter_page
def matter(request: HttpRequest, matter: Matter, at: datetime) -> HttpResponse:
    """How it stands."""
    return render(request, "portal/matter.html", {"file": MatterFile(matter, at), "now": at})


@require_http_methods(["GET", "POST"])
@matter_page
def rate(request: HttpRequest, matter: Matter, at: datetime) -> HttpResponse:
    """Rate office and unit; at the counter the matter closes with it, so that nobody reads the choice afterwards."""
    file = MatterFile(matter, at)
    if not file.rating.may_rate:
        return render(request, "portal/rate.html", {"file": file, "now": at})
    form = RateForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return render(request, "portal/rate.html", {"file": file, "form": form, "now": at}, status=status)
    pk = matter.petition.pk
    take = actions.rerate if file.rating.is_again else actions.rate
    judgement = Judgement(reasons=form.reasons(), way=matter.way)
    try:
        take(pk, **form.scores(), judgement=judgement, actor=citizen(pk), at=at)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "portal/rate.html", {"file": file, "form": form, "now": at}, status=422)
    if matter.way == Link.Way.COUNTER:
        end_link(matter.petition, way=Link.Way.COUNTER, at=at)
        leave(request)
    return redirect("portal_rated")
