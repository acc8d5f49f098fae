"""The archive: what is due, held, done; the proof of a removal; the periods."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.responses import go_to
from dispatch.actions.keeping import start_due
from dispatch.forms.keeping import PeriodForm
from dispatch.keeping import COPY_LABELS, SHELVES, due_count, proof_of, rows_of, scoped
from dispatch.proof_sheet import proof_lines, proof_pdf
from dispatch.views.reading import permitted
from petitions.actions.archiving import rules, set_period
from petitions.models import ArchiveRule, Erasure
from petitions.states import Refused

SIZE = 50


@require_GET
@never_cache
def retention(request: HttpRequest) -> HttpResponse:
    """One shelf of the archive."""
    user, at = permitted(request, "petitions.retention"), timezone.now()
    key = request.GET.get("shelf", "due")
    shelf = next((shelf for shelf in SHELVES if shelf.key == key), None)
    if shelf is None:
        raise Http404
    page = _page(request, rows_of(key, user, at))
    context = {
        "shelf": shelf,
        "shelves": SHELVES,
        "page": page,
        "rows": page["rows"],
        "due_now": due_count(user, at) if key == "due" else 0,
        "today": timezone.localdate(at),
        "periods": rules().values(),
        "now": at,
    }
    return render(request, "dispatch/retention.html", context)


def _page(request: HttpRequest, rows: Any) -> dict[str, Any]:
    """SIZE rows after those the address names as seen; nothing is counted."""
    given = request.GET.get("after", "0")
    start = int(given) if given.isdecimal() and len(given) < 7 else 0
    found = list(rows[start : start + SIZE + 1])
    more = start + SIZE if len(found) > SIZE else 0
    return {"rows": found[:SIZE], "next": more, "before": max(0, start - SIZE) if start else None}


def _proof(request: HttpRequest, pk: int) -> Erasure:
    user = permitted(request, "petitions.retention")
    rows = Erasure.objects.select_related("petition__archive_record__unit", "by")
    return get_object_or_404(rows, pk=pk, petition__in=scoped(user).values("pk"))


@require_GET
@never_cache
def retention_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof of one removal."""
    erasure = _proof(request, pk)
    proof = proof_of(erasure)
    copies = [(COPY_LABELS.get(name, name), count) for name, count in proof["copies"].items()]
    context = {
        "erasure": erasure,
        "copies": copies,
        "lines": proof_lines(proof),
        "nav": "retention",
        "now": timezone.now(),
    }
    return render(request, "dispatch/retention_proof.html", context)


@require_GET
@never_cache
def retention_proof_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The same as JSON or PDF, to be handed over."""
    erasure = _proof(request, pk)
    if kind not in {"json", "pdf"}:
        raise Http404
    proof = proof_of(erasure)
    if kind == "json":
        content, content_type = json.dumps(proof, ensure_ascii=False, indent=2).encode(), "application/json"
    else:
        copies = [(str(COPY_LABELS.get(name, name)), count) for name, count in proof["copies"].items()]
        content, content_type = proof_pdf(proof, copies), "application/pdf"
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="proof-{erasure.petition.short_number}.{kind}"'
    return response


@require_POST
def retention_run(request: HttpRequest) -> HttpResponse:
    """Start the nightly job now, for what is due."""
    permitted(request, "petitions.anonymise")
    job = start_due(at=timezone.now())
    if job is None:
        messages.info(request, _("Nothing is due, or a run is under way."))
        return go_to(request, "retention")
    messages.success(request, _("The run has begun; every case has its own result."))
    return go_to(request, "retention")


@require_http_methods(["GET", "POST"])
@never_cache
def retention_period(request: HttpRequest, key: str) -> HttpResponse:
    """Change one archive period."""
    user, at = permitted(request, "petitions.archive_rules"), timezone.now()
    rule = rules().get(key)
    if rule is None:
        raise Http404
    form = PeriodForm(request.POST or None, initial={"months": rule.months, "source": rule.source})
    if request.method == "POST" and form.is_valid():
        try:
            set_period(key, **form.cleaned_data, actor=user, at=at)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("The period holds for cases archived from now on."))
            return go_to(request, "retention")
    context = {
        "form": form,
        "title": _("Archive period: %(kind)s") % {"kind": ArchiveRule.Key(key).label},
        "intro": _("Cases in the archive keep the period they were archived with."),
        "submit": _("Save the period"),
        "cancel_url": reverse("retention"),
        "nav": "retention",
        "history": rule.history.all()[:20],
    }
    return render(request, "dispatch/retention_period.html", context, status=422 if form.errors else 200)
