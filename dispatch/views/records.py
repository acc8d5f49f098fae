"""The record book: the tab of a case, putting right and adding, promises, rapport notes, and one's own book."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.addresses import address_of
from accounts.models import User
from accounts.responses import go_to
from dispatch import records
from dispatch.case_file import CaseFile
from dispatch.forms.records import AmendForm, PromiseForm, RapportForm, RecordForm
from dispatch.record_book import Book
from dispatch.tabs import CaseTab, register_tab
from dispatch.views.case import page_context
from dispatch.views.reading import permitted, petition_or_404, reader, safe_next
from petitions import actions
from petitions.attachments import lay_ready, store_all
from petitions.checklists import progress_of
from petitions.drafts import discard_draft, load_draft
from petitions.models import Petition, RapportNote, RecordEntry
from petitions.states import Refused

TAB = "record"


def _case(request: HttpRequest, pk: int, permission: str = "petitions.write_record") -> CaseFile:
    """The case for whom the permission reaches it; 404 otherwise (docs/architecture.md, rule 3)."""
    user = reader(request)
    case = CaseFile(user, petition_or_404(user, pk), timezone.now())
    if not case.reach(permission):
        raise Http404
    return case


def draft_key(petition: Petition) -> str:
    """Under which one person's unsent entry for one case is kept."""
    return f"record:{petition.pk}"


def _tab(request: HttpRequest, case: CaseFile, form: RecordForm | None = None) -> dict[str, Any]:
    may_write = case.reach("petitions.write_record")
    draft = load_draft(case.user, draft_key(case.petition)) if may_write and form is None else None
    if may_write and form is None:
        form = RecordForm(initial=_typed(draft[0]) if draft else {}, progress=progress_of(case.petition))
    return {
        "rows": records.rows_of(case),
        "record": form if may_write else None,
        "draft_url": reverse("draft_save", args=[draft_key(case.petition)]) if may_write else "",
        "draft_saved_at": draft[1] if draft else None,
    }


def _typed(data: Any) -> dict[str, Any]:
    """A draft as initial values."""
    names = [name for name in RecordForm.base_fields if name in data]
    return {name: data.getlist(name) if name == "care" else data[name] for name in names}


register_tab(
    CaseTab(
        TAB,
        gettext_lazy("Record book"),
        "dispatch/case_record.html",
        context=_tab,
        is_open=lambda case: case.reach("petitions.records"),
        place=40,
    )
)


def _book_url(petition: Petition, entry: RecordEntry | None = None) -> str:
    anchor = f"#entry-{entry.entry_no}" if entry else ""
    return f"{reverse('petition', args=[petition.pk])}?tab={TAB}{anchor}"


@require_POST
def record_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Write an entry; a refused one keeps what was typed."""
    case = _case(request, pk)
    form = RecordForm(request.POST, request.FILES, progress=progress_of(case.petition))
    if form.is_valid():
        try:
            entry = _write(request, case, form)
        except Refused as refusal:
            form.add_error(_field(form, refusal), str(refusal))
        else:
            return go_to(request, _book_url(case.petition, entry))
    context = page_context(request, case, TAB) | _tab(request, case, form)
    return render(request, "dispatch/case.html", context, status=422)


def _field(form: Any, refusal: Refused) -> str | None:
    return refusal.field if refusal.field in form.fields else None


def _write(request: HttpRequest, case: CaseFile, form: RecordForm) -> RecordEntry:
    uploads = lay_ready(case.petition.pk, form.cleaned_data["files"], actor=case.user)
    with transaction.atomic():
        entry, event = actions.write_record(case.petition.pk, entry=form.entry(), actor=case.user, at=case.at)
        remarks = store_all(case.petition.pk, uploads, actor=case.user, at=case.at, event=event)
        discard_draft(case.user, draft_key(case.petition))
    messages.success(request, _("The entry is saved. You may correct it for 24 hours."))
    for remark in remarks:
        messages.info(request, remark)
    return entry


def _entry(case: CaseFile, number: int) -> RecordEntry:
    rows = RecordEntry.objects.visible_to(case.user).filter(petition=case.petition).select_related("care")
    return get_object_or_404(rows, entry_no=number)


@require_http_methods(["GET", "POST"])
@never_cache
def record_edit(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Put one's own entry right within 24 hours."""
    case = _case(request, pk)
    entry = _entry(case, number)
    form = RecordForm(request.POST or None, initial=RecordForm.initial_of(entry), progress=progress_of(case.petition))
    del form.fields["files"]
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_record(entry.pk, entry=form.entry(), actor=case.user, at=case.at)
        except Refused as refusal:
            form.add_error(_field(form, refusal), str(refusal))
        else:
            messages.success(request, _("The entry is corrected."))
            return go_to(request, _book_url(case.petition, entry))
    return _form_page(request, case, form, _("Correct the entry"), _("Save"))


def _form_page(request: HttpRequest, case: CaseFile, form: Any, title: str, submit: str, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "p": case.petition,
        "title": title,
        "submit": submit,
        "cancel_url": _book_url(case.petition),
        "nav": "worklist",
        **more,
    }
    return render(request, "dispatch/record_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def record_amend(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Add to one's own entry."""
    case = _case(request, pk)
    entry, form = _entry(case, number), AmendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.amend_record(entry.pk, text=form.cleaned_data["text"], actor=case.user, at=case.at)
        except Refused as refusal:
            form.add_error(_field(form, refusal), str(refusal))
        else:
            messages.success(request, _("The addition is saved; the entry shows both."))
            return go_to(request, _book_url(case.petition, entry))
    return _form_page(request, case, form, _("Add to the entry"), _("Add"))


@require_http_methods(["GET", "POST"])
@never_cache
def promise_end(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Say what became of a promise."""
    case = _case(request, pk)
    entry, form = _entry(case, number), PromiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_promise(entry.pk, **form.cleaned_data, actor=case.user, at=case.at)
        except Refused as refusal:
            form.add_error(_field(form, refusal), str(refusal))
        else:
            messages.success(request, _("What became of the promise is recorded."))
            return go_to(request, safe_next(request, _book_url(case.petition, entry)))
    return _form_page(request, case, form, _("What became of the promise"), _("Record it"), promise=entry)


@require_POST
def record_next_done(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Strike one's own next step off."""
    case = _case(request, pk)
    entry = _entry(case, number)
    try:
        actions.finish_next_step(entry.pk, actor=case.user, at=case.at)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return go_to(request, safe_next(request, _book_url(case.petition, entry)))


# ---- rapport notes ----


@require_http_methods(["GET", "POST"])
@never_cache
def rapport(request: HttpRequest, pk: int) -> HttpResponse:
    """The notes this person may read, each reading logged, and the form for one more. Nobody else's are counted."""
    case = _case(request, pk)
    ip = address_of(request)
    form = RapportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_rapport(pk, **form.cleaned_data, actor=case.user, at=case.at, ip=ip)
        except Refused as refusal:
            form.add_error(_field(form, refusal), str(refusal))
        else:
            messages.success(request, _("The note is saved. Only you, and who takes the case over, can read it."))
            return go_to(request, _book_url(case.petition))
    notes = actions.read_rapport(pk, actor=case.user, at=case.at, ip=ip)
    context = {
        "form": form,
        "notes": notes,
        "p": case.petition,
        "title": _("Rapport notes"),
        "submit": _("Save the note"),
        "cancel_url": _book_url(case.petition),
        "nav": "worklist",
        "now": case.at,
    }
    return render(request, "dispatch/rapport.html", context, status=422 if form.errors else 200)


@require_POST
def rapport_drop(request: HttpRequest, pk: int, note: int) -> HttpResponse:
    """Delete a note one may read."""
    case = _case(request, pk)
    row = get_object_or_404(RapportNote.objects.visible_to(case.user), pk=note, petition=case.petition)
    actions.drop_rapport(row.pk, actor=case.user, at=case.at, ip=address_of(request))
    messages.success(request, _("The note is deleted."))
    return go_to(request, _book_url(case.petition))


# ---- my record book ----


@require_GET
@never_cache
def record_book(request: HttpRequest) -> HttpResponse:
    """My entries over all cases: by day, searched, what is due next, to print."""
    user: User = permitted(request, "petitions.write_record")
    return render(request, "dispatch/record_book.html", {"book": Book(user, request.GET, timezone.now())})
