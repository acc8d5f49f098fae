"""A step on many rows: the rows chosen in a list become a draft; its page is the preview; sending it starts the job."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from dispatch import console
from dispatch import jobs as kinds
from dispatch.actions import jobs
from dispatch.batch import BATCHES, CAP, UNDO, Batch, batch_of
from dispatch.batch.base import Outlook, chosen_ids
from dispatch.forms.batch import BatchForm
from dispatch.models import Job, JobItem
from dispatch.views.act import due_rows
from dispatch.views.reading import reader, safe_next
from petitions import worklist as wl
from petitions.models import Urgency
from petitions.states import Refused
from petitions.views.worklist import Desk

SIZE = 50
# So few rows are done while the person waits; more go to a worker.
AT_ONCE = 12
PLACES = {"petitions": "worklist", "orders": "unit_console"}


@require_POST
def batch_start(request: HttpRequest, slug: str) -> HttpResponse:
    """The chosen rows as a draft of this step. Nothing is done yet."""
    user, at = reader(request), timezone.now()
    batch = BATCHES.get(slug)
    if batch is None:
        raise Http404
    if not batch.is_open_to(user):
        raise PermissionDenied
    place = request.POST.get("from", "petitions")
    if place not in PLACES:
        raise Http404
    back = safe_next(request, reverse(PLACES[place]))
    ids, is_cut = chosen(user, place, request.POST)
    targets = batch.targets_from(user, place, ids)[:CAP]
    if not targets:
        text = _("None of the chosen rows has something to do here.") if ids else _("Select the rows first.")
        messages.info(request, text)
        return go_to(request, back)
    job = jobs.prepare(f"batch_{slug}", targets, params={"back": back}, actor=user, at=at)
    if is_cut:
        text = _("More than %(cap)d rows match; the first %(cap)d of the list are taken. Do the others afterwards.")
        messages.warning(request, text % {"cap": CAP})
    return go_to(request, "job", pk=job.pk)


def chosen(user: User, place: str, data: QueryDict) -> tuple[list[int], bool]:
    """The rows that were ticked, or all that match the list's address; and whether the cap cut some off."""
    if "all" not in data:
        return chosen_ids(data.getlist("ids")), False
    query, at = QueryDict(data.get("where", "")), timezone.now()
    found: Any
    if place == "petitions":
        desk = Desk(user, query, at)
        found = desk.rows.order_by(*wl.SORTS[desk.sort].order_by()).values_list("pk", flat=True)
    else:
        tabs = console.tabs_for(user)
        tab = next((tab for tab in tabs if tab.key == query.get("tab")), tabs[0])
        found = console.rows_of(user, tab, at).order_by(*tab.order.order_by()).values_list("pk", flat=True)
    ids = list(found[: CAP + 1])
    return ids[:CAP], len(ids) > CAP


def draft_page(
    request: HttpRequest, user: User, job: Job, *, form: BatchForm | None = None, page: int = 1
) -> HttpResponse:
    """The preview: what will become of each row, from the action itself, rolled back."""
    batch = batch_of(job.kind)
    if batch is None or job.created_by_id != user.pk:
        raise Http404
    at = timezone.now()
    pages = max(1, -(-job.total // SIZE))
    asked = request.GET.get("page", "")
    page = min(pages, int(asked) if asked.isdecimal() and len(asked) < 6 else page) or 1
    items = list(job.items.order_by("position")[(page - 1) * SIZE : page * SIZE])
    stops = batch.quick_stops(job, user)
    rows = outlooks(batch, job, items, user)
    for row in rows:
        if row.stop and not row.is_out:
            stops.setdefault(row.item.pk, row.stop)
    out = job.items.filter(params__out=True).count()
    form = form if form is not None else batch.form(initial=job.params, user=user)
    context: dict[str, Any] = {
        "job": job,
        "batch": batch,
        "title": kinds.title_of(job),
        "form": form,
        "rows": rows,
        "count": job.total - out,
        "blocked": len(stops),
        "sendable": max(0, job.total - out - len(stops)),
        "first_letter": next((row.item.pk for row in rows if row.letter and not row.is_out), None),
        "blocked_elsewhere": _elsewhere(batch, job, items, stops, user),
        "page_number": page,
        "pages": pages,
        "cap": CAP,
        "back": job.params.get("back") or reverse("worklist"),
        "units": sorted({c["value"] for row in rows for c in row.controls if c["kind"] == "unit" and c["value"]}),
        "due": {value: due_rows(value, at) for value in Urgency.values} if batch.slug == "dispatch" else {},
        "urgencies": Urgency,
        "nav": "jobs",
        "now": at,
        **batch.extras(job, user, at),
    }
    return render(request, "dispatch/batch.html", context, status=422 if form.errors else 200)


def outlooks(batch: Batch, job: Job, items: list[JobItem], user: User) -> list[Outlook]:
    """What would become of these rows now."""
    at, found = timezone.now(), batch.load(items, user)
    rows = []
    for item in items:
        target = found.get(item.target_id)
        if target is None:
            rows.append(Outlook(item, stop=_("This is not open to you any more.")))
            continue
        batch.propose(item, target)
        rows.append(batch.outlook(job, item, target, user, at))
    return rows


def _elsewhere(
    batch: Batch, job: Job, items: list[JobItem], stops: dict[int, str], user: User
) -> list[tuple[kinds.Row, str]]:
    """Rows of other pages that status or rights forbid: named here too, for nobody leafs through forty pages."""
    here = {item.pk for item in items}
    others = list(job.items.filter(pk__in=[pk for pk in stops if pk not in here]).order_by("position")[:SIZE])
    known = batch.rows(job, others, user)
    return [(known[item.target_id], stops[item.pk]) for item in others if item.target_id in known]


@require_POST
@never_cache
def batch_send(request: HttpRequest, pk: int) -> HttpResponse:
    """What was set on the preview: kept, shown again, given up, or sent off (once)."""
    user, at = reader(request), timezone.now()
    job = Job.objects.visible_to(user).filter(pk=pk, created_by=user).first()
    batch = batch_of(job.kind) if job is not None else None
    if job is None or batch is None:
        raise Http404
    if job.state != Job.State.DRAFT:
        messages.info(request, _("This has been sent already; it was done once."))
        return go_to(request, "job", pk=job.pk)
    back = job.params.get("back") or reverse("worklist")
    if "drop" in request.POST:
        jobs.cancel(job.pk, actor=user, at=at)
        return go_to(request, back)
    keep_rows(batch, job, request.POST)
    form = batch.form(request.POST, user=user)
    page = _number(request.POST.get("page", ""))
    if not form.is_valid():
        return draft_page(request, user, job, form=form, page=page)
    params = {**form.params(), "back": back}
    if "send" not in request.POST:
        jobs.set_draft(job, params)
        wanted = _number(request.POST.get("go", "")) if "go" in request.POST else page
        return go_to(request, f"{reverse('job', args=[job.pk])}?page={wanted}")
    return send_off(request, user, job, params)


def send_off(request: HttpRequest, user: User, job: Job, params: dict[str, Any]) -> HttpResponse:
    """Confirm the draft; a handful of rows is done at once."""
    try:
        jobs.confirm(job.pk, params=params, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.info(request, str(refusal))
    else:
        finish_small(job.pk)
        forget_badges(user)
    return go_to(request, "job", pk=job.pk)


def finish_small(job_id: int) -> None:
    """Do a job of a few rows within the request: no broker and no worker is needed for it."""
    if Job.objects.filter(pk=job_id, total__lte=AT_ONCE).exists():
        jobs.run_now(job_id, now=timezone.now)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < len(text) < 6 else 1


def keep_rows(batch: Batch, job: Job, data: QueryDict) -> None:
    """Keep what was set for the rows that were shown, whether or not the rest of the form is sound."""
    shown = set(chosen_ids(data.getlist("shown")))
    items = list(job.items.filter(pk__in=shown))
    for item in items:
        batch.read_row(item, data)
        item.params.pop("out", None)
        if f"in-{item.pk}" not in data:
            item.params["out"] = True
    jobs.set_params(items)


@require_POST
def job_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take rows of one's own job back: the chosen ones, or all that still can be."""
    user, at = reader(request), timezone.now()
    job = Job.objects.visible_to(user).filter(pk=pk).first()
    if job is None:
        raise Http404
    if job.created_by_id != user.pk:
        raise PermissionDenied
    ids = chosen_ids(request.POST.getlist("ids"))
    rows = job.items.filter(result=JobItem.Result.DONE)
    items = list((rows.filter(pk__in=ids) if ids else rows).order_by("position"))
    can = kinds.undoable(job, items, at)
    targets = [item.target_id for item in items if item.pk in can]
    if not targets:
        messages.info(request, _("None of these rows can be undone any more."))
        return go_to(request, "job", pk=job.pk)
    follower = jobs.start(UNDO, targets, params={}, actor=user, at=at, parent=job)
    finish_small(follower.pk)
    follower.refresh_from_db()
    if not follower.is_live and not follower.refused:
        text = ngettext("%(n)d row is undone.", "%(n)d rows are undone.", follower.done) % {"n": follower.done}
        messages.success(request, text)
    forget_badges(user)
    return go_to(request, "job", pk=job.pk if ids and not follower.refused else follower.pk)
