"""The case page: everything about one petition, its composer, and the mask over who wrote it."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.addresses import address_of
from accounts.models import User
from accounts.responses import go_to
from dispatch.case_file import CaseFile
from dispatch.forms import NoteForm, RevealForm
from dispatch.tabs import CaseTab, register_tab, tabs_of
from dispatch.timeline import Group
from dispatch.views.reading import petition_or_404, reader
from petitions.actions import add_note, reveal
from petitions.attachments import lay_ready, store_all
from petitions.drafts import discard_draft, load_draft
from petitions.models import Petition
from petitions.states import Refused

# More signers than these are read in the list of signers.
SIGNERS = 200
_BACK = "worklist_query"
FIRST = "timeline"


@require_GET
@never_cache
def petition(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, one tab at a time."""
    user = reader(request)
    case = CaseFile(user, petition_or_404(user, pk), timezone.now())
    return render(request, "dispatch/case.html", page_context(request, case, request.GET.get("tab", FIRST)))


def page_context(request: HttpRequest, case: CaseFile, key: str, note: NoteForm | None = None) -> dict[str, Any]:
    """What the page and the refused composer show. Raises Http404 for a tab this reader does not have."""
    open_to = tabs_of(case)
    tab = next((tab for tab in open_to if tab.key == key), None)
    if tab is None:
        raise Http404
    context: dict[str, Any] = {
        "case": case,
        "p": case.petition,
        "tab": tab.key,
        "tab_template": tab.template,
        "tabs": tab_links(case, open_to, key),
        "now": case.at,
        "nav": "worklist",
        "back_url": back_url(request),
    }
    return context | (_timeline(request, case, note) if note else tab.context(request, case))


def _timeline(request: HttpRequest, case: CaseFile, note: NoteForm | None = None) -> dict[str, Any]:
    group = request.GET.get("kind", "")
    before = request.GET.get("before", "")
    lines, older = case.events(group=group, before=int(before) if before.isdecimal() and len(before) < 10 else None)
    may_note = case.reach("petitions.note")
    draft = load_draft(case.user, draft_key(case.petition)) if may_note else None
    return {
        "lines": lines,
        "older": older,
        "group": group if group in Group.values else "",
        "groups": Group,
        "is_older_page": bool(before),
        "note": note or NoteForm(initial=draft[0].dict() if draft else None) if may_note else None,
        "note_kinds": NoteForm.KINDS,
        "draft_url": reverse("draft_save", args=[draft_key(case.petition)]) if may_note else "",
        "draft_saved_at": draft[1] if draft else None,
    }


register_tab(CaseTab(FIRST, gettext_lazy("Timeline"), "dispatch/case_timeline.html", context=_timeline, place=10))


def draft_key(petition: Petition) -> str:
    """Under which the composer's text of one person for one petition is kept."""
    return f"note:{petition.pk}"


def tab_links(case: CaseFile, tabs: list[CaseTab], current: str) -> list[dict[str, Any]]:
    """The tabs as links; numbers only where they are known without reading the tab."""
    url = reverse("petition", args=[case.petition.pk])
    return [
        {
            "url": url if tab.key == FIRST else f"{url}?tab={tab.key}",
            "label": tab.label,
            "count": tab.count(case),
            "current": tab.key == current,
        }
        for tab in tabs
    ]


def back_url(request: HttpRequest) -> str:
    """The worklist as the person left it: the filters of the referring address, remembered for the session."""
    worklist = reverse("worklist")
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.path == worklist and came_from.netloc == request.get_host():
        if request.session.get(_BACK, "") != came_from.query:
            request.session[_BACK] = came_from.query[:500]
        return f"{worklist}?{came_from.query}" if came_from.query else worklist
    query = request.session.get(_BACK, "")
    return f"{worklist}?{query}" if query else worklist


@require_POST
def petition_note(request: HttpRequest, pk: int) -> HttpResponse:
    """The composer: a note, a telephone or talk record, with files."""
    user = reader(request)
    case = CaseFile(user, petition_or_404(user, pk), timezone.now())
    if not case.reach("petitions.note"):
        raise PermissionDenied
    form = NoteForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            anchor = _save_note(request, user, case, form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go_to(request, f"{reverse('petition', args=[pk])}#event-{anchor}")
    return render(request, "dispatch/case.html", page_context(request, case, "timeline", form), status=422)


def _save_note(request: HttpRequest, user: User, case: CaseFile, form: NoteForm) -> int:
    data, pk = form.cleaned_data, case.petition.pk
    files = lay_ready(pk, data["files"], actor=user)
    with transaction.atomic():
        event = add_note(pk, kind=data["kind"], text=data["text"], actor=user, at=case.at)
        remarks = store_all(pk, files, actor=user, at=case.at, event=event)
        discard_draft(user, draft_key(case.petition))
    messages.success(request, _("The record is saved."))
    for remark in remarks:
        messages.info(request, remark)
    return event.pk


@require_http_methods(["GET", "POST"])
@never_cache
def petition_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason, log it, and show who the petitioner is: in this answer and nowhere else."""
    user = reader(request)
    case = CaseFile(user, petition_or_404(user, pk), timezone.now())
    if not case.reach("petitions.reveal"):
        raise PermissionDenied
    form = RevealForm(request.POST or None)
    person = None
    if request.method == "POST" and form.is_valid():
        try:
            ip = address_of(request)
            person = reveal(pk, reason=form.logged(), actor=user, at=case.at, ip=ip)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    context = {
        "form": form,
        "p": case.petition,
        "person": person,
        # Joint signers, representatives and agents are behind the same mask and the same reason.
        "others": case.petition.petitioners.filter(is_main=False).order_by("pk")[:SIGNERS] if person else [],
        "title": _("Show the petitioner's identity"),
        "submit": _("Show"),
        "cancel_url": reverse("petition", args=[pk]),
        "nav": "worklist",
    }
    return render(request, "dispatch/reveal.html", context, status=422 if form.errors else 200)
