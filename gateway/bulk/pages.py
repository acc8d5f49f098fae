"""Bulk intake for people: choose a table, watch it being taken in, take away what was refused."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from accounts.responses import go_to, is_htmx
from dispatch.views.reading import permitted
from gateway import hub
from gateway.actions.bulk import line_kinds, start_for_person
from gateway.bulk import resources
from gateway.bulk.reading import read_table, receive
from gateway.bulk.results import rows_after
from gateway.models import BulkIntake
from petitions.models import Channel, Petition
from petitions.sheets import SYNONYMS
from petitions.states import Refused

NEWEST = 30
SHOWN = 100
TONES = {"taken": "green", "known": "grey", "refused": "red"}


class BulkForm(forms.Form):
    """Which table, and by which channel its petitions came."""

    channel = forms.ChoiceField(label=_("Channel they came by"), choices=Channel.choices, initial=Channel.ONLINE)
    file = forms.FileField(
        label=_("Table of petitions"),
        help_text=_(
            "An .xlsx or .csv file with headings, at most 50,000 lines. Content and date are required columns."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


@require_http_methods(["GET", "POST"])
@never_cache
def bulk(request: HttpRequest) -> HttpResponse:
    """The form, and the latest tables with how far each is."""
    user = permitted(request, "gateway.bulk")
    form = BulkForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            intake = _begin(user, form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, "gateway_bulk_intake", pk=intake.pk)
    rows = BulkIntake.objects.visible_to(user).select_related("job__created_by", "client").order_by("-pk")[:NEWEST]
    context = {"form": form, "rows": rows, "tabs": hub.tabs(user, "gateway_bulk"), "nav": "gateway"}
    context["now"] = timezone.now()
    return render(request, "gateway/bulk.html", context, status=422 if form.errors else 200)


def _begin(user: User, given: dict[str, Any]) -> BulkIntake:
    upload = given["file"]
    with NamedTemporaryFile(prefix="yq-bulk-") as file:
        receive(upload, file)
        sheet = read_table(Path(file.name))
    return start_for_person(user, sheet, channel=given["channel"], name=upload.name, at=timezone.now())


def _intake_or_404(request: HttpRequest, pk: int) -> tuple[User, BulkIntake]:
    user = permitted(request, "gateway.bulk")
    rows = BulkIntake.objects.visible_to(user).select_related("job__created_by", "client", "unit")
    return user, get_object_or_404(rows, pk=pk)


@require_GET
@never_cache
def bulk_intake(request: HttpRequest, pk: int) -> HttpResponse:
    """One table: progress, and its lines by outcome. While it runs the page asks for itself every two seconds."""
    user, intake = _intake_or_404(request, pk)
    words = line_kinds()
    show = request.GET.get("show", "refused" if intake.refused else "")
    show = show if show in words else ""
    after = request.GET.get("after", "")
    line = int(after) if after.isdecimal() and len(after) < 10 else 0
    found = rows_after(intake, line, SHOWN + 1, show)
    ids = [row[2] for row in found[:SHOWN] if row[2]]
    seen = {row.pk: row for row in Petition.objects.visible_to(user).filter(pk__in=ids).only("year", "serial")}
    context = {
        "intake": intake,
        "job": intake.job,
        "lines": [
            {
                "number": number,
                "result": words[outcome],
                "tone": TONES[outcome],
                "petition": seen.get(petition),
                "field": SYNONYMS.get(field, (field,))[0],
                "message": message,
            }
            for number, outcome, petition, field, _code, message in found[:SHOWN]
        ],
        "next_after": found[SHOWN - 1][0] if len(found) > SHOWN else None,
        "outcomes": _outcomes(request.path, intake, show),
        "show": show,
        "may_stop": intake.job.is_live and intake.job.created_by_id == user.pk,
        "tabs": hub.tabs(user, "gateway_bulk"),
        "nav": "gateway",
        "now": timezone.now(),
    }
    template = "gateway/bulk_intake.html#live" if is_htmx(request) else "gateway/bulk_intake.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _outcomes(here: str, intake: BulkIntake, show: str) -> list[dict[str, Any]]:
    rows = [("all", _("All"), intake.handled)]
    rows += [(name, words, getattr(intake, name)) for name, words in line_kinds().items()]
    return [
        {"url": f"{here}?show={name}", "label": label, "count": count, "current": name == (show or "all")}
        for name, label, count in rows
    ]


@require_GET
@never_cache
def bulk_errors(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The refused lines as a file. Logged: names and numbers of people may stand in it."""
    user, intake = _intake_or_404(request, pk)
    if form not in {"csv", "xlsx"}:
        raise Http404
    log_access(
        user=user,
        action=AccessLog.Action.EXPORT,
        target=f"job:{intake.job_id}",
        reason=str(intake)[:200],
        ip=address_of(request),
        at=timezone.now(),
    )
    return resources.errors_file(intake, form)
