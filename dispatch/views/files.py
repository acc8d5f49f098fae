"""Files of a case, for those who may see the case."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.actions import log_access
from accounts.models import AccessLog
from dispatch.views.reading import reader
from petitions.models import Attachment, Petition

# Whatever the file holds, the browser runs none of it: an opaque origin without scripts, forms or requests.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'"


@require_GET
@never_cache
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out one file, on the record. 404 unless its petition is in scope."""
    user = reader(request)
    file = get_object_or_404(Attachment, pk=pk, petition__in=Petition.objects.visible_to(user))
    if not default_storage.exists(str(file.file.name)):
        raise Http404
    with transaction.atomic():
        log_access(
            user=user,
            action=AccessLog.Action.DOWNLOAD,
            target=f"petition:{file.petition_id}",
            detail=file.name,
            ip=request.META.get("REMOTE_ADDR"),
            at=timezone.now(),
        )
    # FileResponse writes the name as RFC 5987 (filename*=utf-8'') where it is not ASCII.
    response = FileResponse(
        file.file.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
