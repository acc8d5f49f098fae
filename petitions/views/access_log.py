"""The access log for inspectors: who lifted which mask, opened which file, took what out of the house."""

import io
from typing import Any

import xlsxwriter
from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
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
from petitions import accesses, watermark
from petitions.paging import Order, page_of

NEWEST = Order("at", is_descending=True)
SIZE = 50
MOST = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReasonForm(forms.Form):
    """Why the log is taken out of the system; logged itself."""

    reason = forms.CharField(label=gettext_lazy("What is it for?"), max_length=100, min_length=4)


def _inspector(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.may("petitions.access_log"):
        raise PermissionDenied
    return user


@require_GET
@never_cache
def access_log(request: HttpRequest) -> HttpResponse:
    """The log, newest first. Numbers and reasons, no case text and no identity."""
    user = _inspector(request)
    rows, given = accesses.filtered(user, request.GET)
    joined = rows.select_related("user", "unit")
    page = page_of(joined, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    numbers = accesses.numbers_of(page.rows)
    context: dict[str, Any] = {
        "lines": [
            {"row": row, "number": numbers.get(row.subject or 0, ""), "words": accesses.words_of(row)}
            for row in page.rows
        ],
        "page": page,
        "given": given,
        "actions": AccessLog.Action.choices,
        "unusual": accesses.UNUSUAL.items(),
        "query": request.GET.urlencode(),
        "now": timezone.now(),
    }
    return render(request, "petitions/access_log.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def access_log_export(request: HttpRequest) -> HttpResponse:
    """The filtered log as a workbook, marked with who took it; taking it is an entry itself."""
    user, at = _inspector(request), timezone.now()
    form = ReasonForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {
            "form": form,
            "title": _("Export the access log"),
            "intro": _("Who exported what, when and what for is written to the access log and into the file."),
            "submit": _("Export"),
            "cancel_url": f"{reverse('access_log')}?{request.GET.urlencode()}",
            "nav": "access_log",
        }
        return render(request, "components/form_page.html", context, status=422 if form.errors else 200)
    rows, given = accesses.filtered(user, request.GET)
    reason = form.cleaned_data["reason"]
    with transaction.atomic():
        lines = accesses.sheet(rows, MOST)
        log_access(
            user=user,
            action=AccessLog.Action.EXPORT,
            target="access_log",
            detail=" · ".join(f"{name}={value}" for name, value in given.items()),
            reason=reason,
            ip=address_of(request),
            at=at,
        )
    response = HttpResponse(_workbook(lines, watermark.lines(user, at, reason=reason)), content_type=XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="access-log.xlsx"'
    return response


def _workbook(lines: list[list[Any]], head: list[str]) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for number, words in enumerate(head):
            sheet.write_string(number, 0, words)
        sheet.set_footer("&L&8" + head[0].replace("&", "&&")[:200] + "&R&8&P / &N")
        titles = [_("Time"), _("Who"), _("Unit"), _("What"), _("Petition"), _("Reason"), _("Address")]
        sheet.write_row(len(head), 0, titles, bold)
        for number, line in enumerate(lines, start=len(head) + 1):
            sheet.write_row(number, 0, line)
        for column, width in enumerate((20, 12, 24, 18, 14, 50, 16)):
            sheet.set_column(column, column, width)
    return out.getvalue()
