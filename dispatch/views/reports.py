"""The yearly reports of the petition offices: which are owed, which are filed, and filing one's own."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.durations import remaining
from accounts.responses import go_to
from dispatch.actions import annual
from dispatch.forms.rules import AnnualReportForm
from dispatch.models import AnnualReport, Clock, Policy
from dispatch.views.reading import reader
from petitions.states import Refused

SIZE = 60


@require_GET
@never_cache
def annual_reports(request: HttpRequest) -> HttpResponse:
    """The reports this person may read, newest year first."""
    user = reader(request)
    if not user.may("dispatch.reports"):
        raise PermissionDenied
    at = timezone.now()
    reports = list(AnnualReport.objects.visible_to(user).select_related("unit", "filed_by")[:SIZE])
    clocks = {
        clock.subject_id: clock
        for clock in Clock.objects.filter(
            subject=Policy.Subject.OFFICE, subject_id__in=[report.pk for report in reports]
        )
    }
    own = set(AnnualReport.objects.within(user, "dispatch.file_report").values_list("pk", flat=True))
    rows = [(report, clocks.get(report.pk), report.pk in own and report.filed_at is None) for report in reports]
    context = {
        "rows": [
            (r, remaining(c.due_at, at, start=c.started_at) if c and not r.filed_at else None, c, may)
            for r, c, may in rows
        ],
        "nav": "rules",
        "now": at,
    }
    return render(request, "dispatch/annual_reports.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def annual_report(request: HttpRequest, pk: int) -> HttpResponse:
    """File the report of one's own office. Another office's is not there."""
    user = reader(request)
    report = get_object_or_404(AnnualReport.objects.within(user, "dispatch.file_report"), pk=pk)
    form = AnnualReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            annual.file_report(pk, **form.cleaned_data, actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The annual report is filed."))
            return go_to(request, "annual_reports")
    words = {"unit": report.unit, "year": report.year}
    context = {
        "form": form,
        "title": _("Annual report %(year)d of %(unit)s") % words,
        "submit": _("File the report"),
        "cancel_url": reverse("annual_reports"),
        "nav": "rules",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)
