"""The progress table (进度表): on the screen, on A3, as a workbook."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from accounts.workbooks import Stamp
from backlog.progress import PRINT_SIZE, SIZE, ProgressTable
from backlog.progress_sheet import MOST_CASES, workbook
from backlog.worklist import FLAGS, controls
from dispatch.views.reading import permitted, reader
from petitions.paging import capped_counts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What the table is narrowed by; the rest of the list's filters works by address.
_CONTROLS = ("district", "force", "state", "stage")


class ReasonForm(forms.Form):
    """Why it is taken out of the system; stands in the access log and on every page."""

    reason = forms.CharField(label=gettext_lazy("What is it for?"), max_length=100, min_length=4)


@require_GET
@never_cache
def progress_table(request: HttpRequest) -> HttpResponse:
    """Case by case, milestone by milestone. `?print=1` shows up to PRINT_SIZE cases for the printer."""
    user, at = permitted(request, "backlog.view"), timezone.now()
    is_print = bool(request.GET.get("print"))
    table = ProgressTable(user, request.GET, at, size=PRINT_SIZE if is_print else SIZE)
    lines = table.lines
    cases, missed, soon = table.counts()
    context = {
        "table": table,
        "lines": lines,
        "cases": cases,
        "missed": missed,
        "soon": soon,
        "controls": [row for row in controls(table.filters) if row["name"] in _CONTROLS],
        "flags": [(name, label, name in table.filters.values) for name, label in FLAGS if name != "discussed"],
        "here": table.here,
        "is_editor": user.may("backlog.plan") and not is_print,
        "is_print": is_print,
        "may_export": user.may("backlog.export"),
        "now": at,
        "nav": "backlog",
    }
    return render(request, "backlog/table.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def progress_sheet(request: HttpRequest) -> HttpResponseBase:
    """The table as a workbook: days of every milestone, and the bars as coloured cells. Logged with its reason."""
    user, at = reader(request), timezone.now()
    if not user.may("backlog.export"):
        raise PermissionDenied
    table = ProgressTable(user, request.GET, at, permission="backlog.export")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and capped_counts([table.scope], MOST_CASES)[0] > MOST_CASES:
        sentence = _("These are more than %(n)d cases. Narrow the table by district or task force first.")
        form.add_error(None, sentence % {"n": MOST_CASES})
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form, table)
    stamp = Stamp(user, at, _("Progress table of the backlog"), table.words(), form.cleaned_data["reason"])
    with transaction.atomic():
        _log(request, user, stamp)
        file = workbook(table, stamp)
    name = f"progress-{table.today.isoformat()}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _ask(request: HttpRequest, form: ReasonForm, table: ProgressTable) -> HttpResponse:
    context = {
        "form": form,
        "title": _("Export to Excel"),
        "intro": _("Who exported what, when and what for is written to the access log and into the file."),
        "submit": _("Export"),
        "cancel_url": f"{reverse('progress_table')}?{table.query()}",
        "nav": "backlog",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


def _log(request: HttpRequest, user: User, stamp: Stamp) -> None:
    log_access(
        user=user,
        action=AccessLog.Action.EXPORT,
        target="backlog:table",
        at=stamp.at,
        detail=f"{stamp.title} · {stamp.filters}",
        reason=stamp.reason,
        ip=address_of(request),
    )
