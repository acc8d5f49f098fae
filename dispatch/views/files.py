"""Files of a case, for those who may see the case: held, downloaded, looked at. Every byte goes through here."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from dispatch.views.reading import reader
from petitions.attachments import drop_held, hold
from petitions.models import Attachment, Petition, PreviewPage
from petitions.states import Refused

# Whatever the file holds, the browser runs none of it: an opaque origin without scripts, forms or requests.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'"
LOCKED = 423


def _file_or_404(user: User, pk: int) -> Attachment:
    """The file if its petition is in scope and it was not removed by law."""
    rows = Attachment.objects.select_related("petition")
    return get_object_or_404(rows, pk=pk, petition__in=Petition.objects.visible_to(user), erased_at=None)


def _log(request: HttpRequest, user: User, file: Attachment, detail: str) -> None:
    with transaction.atomic():
        log_access(
            user=user,
            action=AccessLog.Action.DOWNLOAD,
            target=f"petition:{file.petition_id}",
            detail=detail[:200],
            ip=address_of(request),
            at=timezone.now(),
        )


def _inert(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@require_GET
@never_cache
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out one file, on the record. 404 unless its petition is in scope; 423 while it is in quarantine."""
    user = reader(request)
    file = _file_or_404(user, pk)
    if not file.is_open:
        return render(request, "dispatch/file_locked.html", {"file": file, "nav": "worklist"}, status=LOCKED)
    if not default_storage.exists(str(file.file.name)):
        raise Http404
    _log(request, user, file, file.name)
    # FileResponse writes the name as RFC 5987 (filename*=utf-8'') where it is not ASCII.
    return _inert(
        FileResponse(file.file.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type)
    )


@require_GET
@never_cache
def file_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The viewer: one page of a file as a picture, with ways to the pages and files beside it."""
    user = reader(request)
    file = _file_or_404(user, pk)
    if not file.has_preview:
        return render(request, "dispatch/file_locked.html", {"file": file, "nav": "worklist"}, status=LOCKED)
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 4 else 1
    page = get_object_or_404(PreviewPage, attachment=file, page=max(1, number))
    before, after = _neighbours(file, page.page)
    context = {
        "file": file,
        "page": page,
        "before": before,
        "after": after,
        "is_cut": file.pages is not None and file.pages > _drawn(file),
        "drawn": _drawn(file),
        "nav": "worklist",
    }
    return render(request, "dispatch/file_view.html", context)


def _drawn(file: Attachment) -> int:
    return file.preview_pages.filter(page__gt=0).count()


def _neighbours(file: Attachment, number: int) -> tuple[str, str]:
    """Addresses of the page before and after, across the files of the case; empty at either end."""
    shown = [f.pk for f in Attachment.objects.filter(petition=file.petition_id).order_by("pk") if f.has_preview]
    place = shown.index(file.pk)
    here = reverse("file_view", args=[file.pk])
    last = _drawn(file)
    before = f"{here}?page={number - 1}" if number > 1 else ""
    if not before and place:
        before = reverse("file_view", args=[shown[place - 1]])
    after = f"{here}?page={number + 1}" if number < last else ""
    if not after and place + 1 < len(shown):
        after = reverse("file_view", args=[shown[place + 1]])
    return before, after


@require_GET
@never_cache
def file_page(request: HttpRequest, pk: int, page: int) -> HttpResponseBase:
    """The picture of one page, on the record like a download; page 0 is the thumbnail, too small to read."""
    user = reader(request)
    file = _file_or_404(user, pk)
    row = get_object_or_404(PreviewPage, attachment=file, page=page)
    if not file.has_preview or not default_storage.exists(str(row.file.name)):
        raise Http404
    if page:
        _log(request, user, file, _("%(name)s, page %(page)d") % {"name": file.name[:150], "page": page})
    return _inert(FileResponse(row.file.open("rb"), content_type="image/webp"))


# ---- held until the form is sent ----


def _holder(request: HttpRequest) -> User:
    user = reader(request)
    if not (user.may("petitions.view") or user.may("petitions.register")):
        raise PermissionDenied
    return user


@login_required
@require_POST
def file_hold(request: HttpRequest) -> JsonResponse:
    """Take one file ahead of its form. 422 with a sentence for one that may not be kept; the others go on."""
    user, upload = _holder(request), request.FILES.get("file")
    if upload is None:
        return JsonResponse({"error": _("No file arrived. Please choose it again.")}, status=422)
    try:
        row = hold(upload, user=user, at=timezone.now(), keep_place=bool(request.POST.get("keep_place")))
    except Refused as refusal:
        return JsonResponse({"error": str(refusal), "code": refusal.code}, status=422)
    return JsonResponse({"token": row.token, "name": row.name, "size": row.size, "keeps_place": row.keeps_place})


@login_required
@require_POST
def file_drop(request: HttpRequest) -> JsonResponse:
    """Forget one of one's own held files."""
    return JsonResponse({"dropped": drop_held(request.POST.get("token", ""), user=_holder(request))})
