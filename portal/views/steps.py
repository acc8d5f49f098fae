"""One view for every step a petitioner takes; `portal.steps` says what each looks like."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from petitions import organs
from petitions.actions import reviews
from petitions.models import Petition, Stage
from petitions.states import Refused
from portal import actions, limits
from portal.access import DRAFT_KEY, SESSION_KEY, Matter, matter_page
from portal.reading import MatterFile
from portal.steps import STEPS, CitizenStep

ONCE_KEY = f"{SESSION_KEY}_once"
# Forms open at a time; an older one has to be opened anew.
MOST_OPEN = 20
# Steps one matter may send in a day; more is a machine or a mishap.
MOST_A_DAY = 30


@require_http_methods(["GET", "POST"])
@matter_page
def step(request: HttpRequest, matter: Matter, at: datetime, key: str) -> HttpResponse:
    """The form of a step, or what it sends. What is not possible now is said kindly on the matter's page."""
    found = STEPS.get(key)
    if found is None:
        raise Http404
    file = MatterFile(matter, at)
    if not found.is_offered(matter.petition, at) and not _may_be_excused(found, matter.petition):
        messages.info(request, _("This is not possible any more, or not yet. You see below how your matter stands."))
        return redirect("portal_matter")
    if request.method == "GET":
        row = request.session.get(_draft_key(found))
        form = found.form(initial=actions.unsent(row, matter.petition, key))
        return _show(request, file, found, form)
    form = found.form(request.POST, request.FILES)
    if "keep" in request.POST and found.keeps_draft:
        row = request.session.get(_draft_key(found))
        request.session[_draft_key(found)] = actions.keep_unsent(row, matter.petition, key, form.drafted, at=at)
        messages.success(request, _("Kept until you close your matter on this screen."))
        return redirect("portal_step", key=key)
    return _send(request, file, found, form)


def _send(request: HttpRequest, file: MatterFile, step: CitizenStep, form: Any) -> HttpResponse:
    pk = file.petition.pk
    if not form.is_valid():
        return _show(request, file, step, form, status=422)
    if not _take_once(request):
        messages.info(request, _("This has been sent already."))
        return redirect("portal_matter")
    try:
        if not limits.take(f"step:{pk}", most=MOST_A_DAY, seconds=24 * 3600):
            raise Refused(_("Too much has been sent today. Please go on tomorrow, or call the office."))
        step.run(pk, form.cleaned_data, file.at)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _show(request, file, step, form, status=422)
    row = request.session.pop(_draft_key(step), None)
    if row is not None:
        actions.drop_unsent([row])
    messages.success(request, str(step.done))
    return redirect("portal_matter")


def _draft_key(step: CitizenStep) -> str:
    return f"{DRAFT_KEY}{step.key}"


def _take_once(request: HttpRequest) -> bool:
    """Whether this form is sent for the first time; a second click finds its token gone."""
    tokens = list(request.session.get(ONCE_KEY, []))
    token = request.POST.get("once", "")
    if token not in tokens:
        return False
    request.session[ONCE_KEY] = [other for other in tokens if other != token]
    return True


def _show(request: HttpRequest, file: MatterFile, step: CitizenStep, form: Any, *, status: int = 200) -> HttpResponse:
    token = uuid4().hex
    request.session[ONCE_KEY] = [*request.session.get(ONCE_KEY, []), token][-MOST_OPEN:]
    context = {"file": file, "step": step, "form": form, "once": token, "now": file.at}
    if step.key == "review":
        context |= _review_facts(file.petition, form, file.at)
    return render(request, "portal/step.html", context, status=status)


def _may_be_excused(step: CitizenStep, petition: Petition) -> bool:
    """A late request for review can be sent with its excuse (force majeure)."""
    return step.key == "review" and not petition.is_restricted and bool(reviews.right_of(petition).stage)


def _review_facts(petition: Petition, form: Any, at: datetime) -> dict[str, Any]:
    """Which organ decides, until when one may ask; the excuse is asked of late ones only."""
    right = reviews.right_of(petition)
    is_late = right.until is not None and at > right.until
    if not is_late:
        form.fields.pop("excuse", None)
    try:
        first = next(iter(organs.reviewers_above(petition, right.stage)), None)
        organ = organs.organ_for(petition, right.stage, first).name
    except Refused:
        organ = ""
    return {"right": right, "is_late": is_late, "organ": organ, "is_second": right.stage == Stage.REREVIEW}
