"""Print or export the whole file of a case: ask with a reason, watch it being made, take it away."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from accounts.responses import go_to
from dispatch import file_book
from dispatch.actions import jobs
from dispatch.forms.documents import ExportForm
from dispatch.models import Job
from dispatch.views.reading import petition_or_404, reader
from petitions.documents.book import parts_of
from petitions.models import Petition
from petitions.states import Refused


def _exportable_or_404(user: User, pk: int) -> Petition:
    petition = petition_or_404(user, pk)
    if not Petition.objects.filter(pk=pk).within(user, "petitions.export_file").exists():
        raise Http404
    return petition


@require_http_methods(["GET", "POST"])
@never_cache
def file_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with the reason, what the file holds, and the copies that lie ready."""
    user, at = reader(request), timezone.now()
    petition = _exportable_or_404(user, pk)
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ip = address_of(request)
            job = file_book.start(petition, reason=form.cleaned_data["reason"], actor=user, at=at, ip=ip)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            # A short file is there before one has looked for it; a long one goes on in the background.
            jobs.run_now(job.pk, now=timezone.now, seconds=3)
            return go_to(request, "file_export", pk=pk)
    mine = Job.objects.filter(kind=file_book.KIND, created_by=user, params__petition=pk).order_by("-pk")[:5]
    context = {
        "p": petition,
        "form": form,
        "title": _("Print or export the whole file"),
        "submit": _("Make it"),
        "cancel_url": f"{reverse('petition', args=[pk])}?tab=documents",
        "parts": len(parts_of(petition, user)),
        "is_masked": not Petition.objects.filter(pk=pk).within(user, "petitions.reveal").exists(),
        "jobs": [(job, _is_ready(job)) for job in mine],
        "is_live": any(job.is_live for job in mine),
        "nav": "worklist",
        "now": at,
    }
    return render(request, "dispatch/documents/export.html", context, status=422 if form.errors else 200)


def _is_ready(job: Job) -> bool:
    return job.state == Job.State.DONE and default_storage.exists(f"{file_book.folder(job.pk)}/file.zip")


@require_GET
@never_cache
def file_download(request: HttpRequest, pk: int, job: int, form: str) -> HttpResponseBase:
    """The copy one has had made oneself, while the right to it lasts. On the record each time."""
    user = reader(request)
    petition = _exportable_or_404(user, pk)
    row = get_object_or_404(Job, pk=job, kind=file_book.KIND, created_by=user, params__petition=pk)
    path = f"{file_book.folder(row.pk)}/file.{form}"
    if form not in {"pdf", "zip"} or not default_storage.exists(path):
        raise Http404
    is_masked = not Petition.objects.filter(pk=pk).within(user, "petitions.reveal").exists()
    if is_masked and not row.params.get("is_masked"):
        raise Http404
    with transaction.atomic():
        log_access(
            user=user,
            action=AccessLog.Action.EXPORT,
            target=f"petition:{pk}",
            detail=f"file.{form}",
            reason=row.params.get("reason", ""),
            ip=address_of(request),
            at=timezone.now(),
        )
    # It goes out in pieces: a package may be larger than the server's memory.
    name, kind = f"信访卷宗 {petition.number}.{form}", f"application/{form}"
    return FileResponse(default_storage.open(path, "rb"), as_attachment=True, filename=name, content_type=kind)
