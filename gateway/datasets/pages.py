"""Data sets for people: ask for one, see how it was made, take it away, and who took it."""

from itertools import islice
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.addresses import address_of
from accounts.models import User
from accounts.responses import go_to, is_htmx
from dispatch.calendar import CITY_TIME
from dispatch.views.reading import permitted
from gateway import hub
from gateway.actions import datasets as actions
from gateway.datasets import files, periods, writers
from gateway.models import DatasetRun
from petitions.paging import Order, page_of
from petitions.states import Refused

NEWEST = Order("created_at", is_descending=True)
LATEST_DOWNLOADS = Order("at", is_descending=True)
# What the form offers, the latest first.
OFFERED: dict[periods.Kind, tuple[Promise, int]] = {
    "month": (gettext_lazy("Months"), 24),
    "quarter": (gettext_lazy("Quarters"), 8),
    "year": (gettext_lazy("Years"), 3),
}


class DatasetForm(forms.Form):
    """Of which period. The reach is the whole city: files of two reaches could be subtracted from each other."""

    period = forms.ChoiceField(
        label=gettext_lazy("Month, quarter or year"),
        help_text=gettext_lazy("Whole months, quarters and years that have ended. No two of them may overlap."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.now().astimezone(CITY_TIME).date()
        found: list[tuple[str | Promise, list[tuple[str, str]]]] = []
        for kind, (words, number) in OFFERED.items():
            texts = [str(period) for period in islice(periods.ended(kind, today), number)]
            found.append((words, [(text, text) for text in texts]))
        self.fields["period"].choices = found  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@never_cache
def datasets(request: HttpRequest) -> HttpResponse:
    """The form, and the data sets there are, the latest first."""
    user = permitted(request, "gateway.datasets")
    form = DatasetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = actions.ask_for_person(user, form.cleaned_data["period"], at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, "gateway_dataset", pk=run.pk)
    rows = DatasetRun.objects.visible_to(user).select_related("job", "unit").annotate(taken=Count("downloads"))
    page = page_of(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=30)
    context = {"form": form, "page": page, "k": settings.DATASET_K}
    return _render(request, "datasets.html", user, context, 422 if form.errors else 200)


def _render(request: HttpRequest, name: str, user: User, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {**context, "tabs": hub.tabs(user, "gateway_datasets"), "nav": "gateway", "now": timezone.now()}
    return render(request, f"gateway/{name}", whole, status=status)


@require_GET
@never_cache
def dataset(request: HttpRequest, pk: int) -> HttpResponse:
    """One data set: progress, figures, files, downloads. While it is made the page asks for itself again."""
    user = permitted(request, "gateway.datasets")
    runs = DatasetRun.objects.visible_to(user).select_related("job", "unit")
    run = get_object_or_404(runs, pk=pk)
    context = {
        "run": run,
        "job": run.job,
        "figures": _figures(run),
        "forms": writers.FORMS if run.is_made and runs.of_reach_of(user).filter(pk=pk).exists() else (),
        "page": page_of(run.downloads.all(), LATEST_DOWNLOADS, cursor=request.GET.get("cursor", ""), size=50),
        "keep_days": settings.DATASET_KEEP_DAYS,
    }
    name = "dataset.html#live" if is_htmx(request) else "dataset.html"
    response = _render(request, name, user, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _figures(run: DatasetRun) -> list[dict[str, Any]]:
    """What may be told of the petitions, each with the words that explain it."""
    told = run.published
    few = _("fewer than %(k)s") % {"k": run.k}
    words = (
        ("total", _("Petitions"), _("registered in the period, without accusations")),
        ("exact", _("Told by town, class and month"), _("as asked for")),
        ("generalised", _("Told more coarsely"), _("put together along fixed steps until a row holds enough")),
        ("suppressed", _("Not told"), _("too few even for the coarsest row")),
        ("rows", _("Rows"), _("none of fewer than %(k)s petitions") % {"k": run.k}),
    )
    return [
        {"label": label, "hint": hint, "value": few if told[name] is None else told[name]}
        for name, label, hint in words
    ]


@require_GET
@never_cache
def dataset_file(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The rows as a file; who took it is written down before it goes out."""
    user = permitted(request, "gateway.datasets")
    runs = DatasetRun.objects.of_reach_of(user).select_related("unit")
    run = get_object_or_404(runs, pk=pk)
    if form not in writers.FORMS:
        raise Http404
    at = timezone.now()
    try:
        actions.log_download(run, form, by=user, ip=address_of(request), at=at)
    except Refused as refusal:
        raise Http404(str(refusal)) from None
    return files.answer(run, form, who=user, at=at)
