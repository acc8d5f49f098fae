"""Jobs: my list, one job with its progress and rows, stopping it, trying again what was refused, taking it away."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from accounts.responses import go_to, is_htmx
from dispatch import jobs as kinds
from dispatch.actions import jobs
from dispatch.job_sheet import csv_of, xlsx_of
from dispatch.models import Job, JobItem
from dispatch.views.batch import draft_page
from dispatch.views.reading import reader
from petitions import watermark
from petitions.paging import Order, page_of
from petitions.states import Refused

SIZE = 50
NEWEST = Order("created_at", is_descending=True)
RESULTS = JobItem.Result


def job_or_404(user: User, pk: int) -> Job:
    """The job if this person may see it."""
    return get_object_or_404(Job.objects.visible_to(user).select_related("created_by"), pk=pk)


@require_GET
@never_cache
def job_list(request: HttpRequest) -> HttpResponse:
    """My jobs, newest first; the city office may look at everybody's."""
    user = reader(request)
    sees_all = user.may("dispatch.all_jobs")
    show = "all" if sees_all and request.GET.get("show") == "all" else "mine"
    rows = Job.objects.visible_to(user).select_related("created_by")
    if show == "mine":
        rows = rows.filter(created_by=user)
    page = page_of(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE)
    here = reverse("jobs")
    tabs = [
        {"url": here, "label": _("Started by me"), "current": show == "mine"},
        {"url": f"{here}?show=all", "label": _("Everybody's"), "current": show == "all"},
    ]
    context = {
        "rows": [(job, kinds.title_of(job), kinds.icon_of(job)) for job in page.rows],
        "page": page,
        "tabs": tabs if sees_all else [],
        "show": show,
        "now": timezone.now(),
    }
    return render(request, "dispatch/jobs.html", context)


@require_GET
@never_cache
def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One job. While it runs the page asks for itself every two seconds; without script one reloads."""
    user = reader(request)
    job = job_or_404(user, pk)
    if job.state == Job.State.DRAFT:
        return draft_page(request, user, job)
    response = render(request, _template(request), job_context(request, user, job))
    patch_vary_headers(response, ["HX-Request"])
    return response


def _template(request: HttpRequest) -> str:
    return "dispatch/job.html#live" if is_htmx(request) else "dispatch/job.html"


def job_context(request: HttpRequest, user: User, job: Job) -> dict[str, Any]:
    """What the page of a job shows."""
    at = timezone.now()
    show = request.GET.get("show", "")
    show = show if show in RESULTS.values else ""
    after = request.GET.get("after", "")
    rows = job.items.filter(position__gt=int(after) if after.isdecimal() and len(after) < 10 else 0)
    rows = (rows.filter(result=show) if show else rows).order_by("position")
    items = list(rows[: SIZE + 1])
    here = reverse("job", args=[job.pk])
    lines = kinds.rows_of(job, items[:SIZE], user)
    is_own = job.created_by_id == user.pk and not job.is_live
    can = kinds.undoable(job, items[:SIZE], at) if is_own else set()
    for line in lines:
        line["can_undo"] = line["item"].pk in can
    return {
        "job": job,
        "title": kinds.title_of(job),
        "icon_name": kinds.icon_of(job),
        "lines": lines,
        "may_undo": bool(can),
        "next_after": items[SIZE - 1].position if len(items) > SIZE else None,
        "is_first": not after,
        "show": show,
        "here": here,
        "tabs": _tabs(job, here, show),
        "left": job.total - job.handled,
        "may_retry": is_own and job.total > job.done,
        # The address holds what its owner searched for.
        "back": job.params.get("back", "") if is_own else "",
        "is_late": job.state == Job.State.WAITING and (at - job.created_at).total_seconds() > 30,
        "followers": [(f, kinds.title_of(f)) for f in job.followers.order_by("pk")],
        "nav": "jobs",
        "now": at,
    }


def _tabs(job: Job, here: str, show: str) -> list[dict[str, Any]]:
    counts = {value: job.items.filter(result=value).count() for value in RESULTS.values}
    wanted = [("", _("All"), job.total), *((r.value, r.label, counts[r.value]) for r in RESULTS)]
    return [
        {"url": f"{here}?show={value}" if value else here, "label": label, "count": count, "current": value == show}
        for value, label, count in wanted
        if count or value == show or not value
    ]


def _again(job: Job) -> list[JobItem]:
    """Rows that may be tried once more: refused, or not reached before the job was stopped."""
    return list(job.items.filter(result__in=[RESULTS.REFUSED, RESULTS.WAITING]).order_by("position"))


@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it; what is done stays done."""
    user = reader(request)
    job = job_or_404(user, pk)
    try:
        jobs.cancel(job.pk, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Stopped. Rows that were done already stay done."))
    return go_to(request, "job", pk=job.pk)


@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again what was refused, as a job of its own; the checks are made anew."""
    user = reader(request)
    job = job_or_404(user, pk)
    if job.created_by_id != user.pk:
        raise PermissionDenied
    again = _again(job)
    if job.is_live or not again:
        messages.info(request, _("There is nothing to try again."))
        return go_to(request, "job", pk=job.pk)
    rows = {item.target_id: item.params for item in again}
    follower = jobs.start(job.kind, list(rows), params=job.params, rows=rows, actor=user, at=timezone.now(), parent=job)
    return go_to(request, "job", pk=follower.pk)


@require_GET
@never_cache
def job_result(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The rows and their results as a table file. Logged: numbers and matters leave the system with it."""
    user = reader(request)
    job = job_or_404(user, pk)
    makers = {"xlsx": xlsx_of, "csv": csv_of}
    if form not in makers:
        raise Http404
    log_access(
        user=user,
        action=AccessLog.Action.EXPORT,
        # An export of one case's file belongs to the log of that case, and to its readers only.
        target=f"petition:{job.params['petition']}" if "petition" in job.params else f"job:{job.pk}",
        reason=kinds.title_of(job)[:200],
        ip=address_of(request),
        at=timezone.now(),
    )
    show = request.GET.get("show", "")
    rows = job.items.filter(result=show) if show in RESULTS.values else job.items.all()
    lines = kinds.rows_of(job, list(rows.order_by("position")), user)
    mark = watermark.lines(user, timezone.now(), reason=kinds.title_of(job))
    body, content_type = makers[form](job, lines, mark)
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="job-{job.pk}.{form}"'
    return response
