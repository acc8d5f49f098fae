"""What is written while a meeting is prepared and held: agenda, questions, discussion, decisions, attendance."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actors import Actor
from accounts.models import User
from accounts.responses import is_htmx
from backlog import agenda as reads
from backlog.actions import agenda, meetings
from backlog.forms.meetings import ItemForm, task_rows
from backlog.forms.naming import case_named, unit_named
from backlog.models import AgendaItem, BacklogCase, Meeting
from backlog.states import ItemOutcome
from backlog.views.meetings import before_the_meeting, context_of, meeting_or_404, page
from dispatch.views.reading import reader, safe_next
from petitions.states import Refused

HARD_SIZE = 20


def _room(request: HttpRequest, pk: int) -> tuple[User, Meeting]:
    """The person and the meeting they run; anybody else finds nothing here."""
    user = reader(request)
    row = meeting_or_404(user, pk)
    if not meetings.may_run(row, user):
        raise Http404
    return user, row


def _back(request: HttpRequest, row: Meeting, anchor: str = "") -> HttpResponse:
    target = safe_next(request, reverse("meeting", args=[row.pk]) + anchor)
    return HttpResponseRedirect(target)


def _item(row: Meeting, user: User, pk: int) -> AgendaItem:
    found: AgendaItem = get_object_or_404(reads.items_for(row, user), pk=pk)
    return found


@require_POST
def meeting_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """One change of the agenda: add, find, fill up, take off, up, down."""
    user, row = _room(request, pk)
    try:
        words = _change(request, user, row)
    except (Refused, ValidationError) as refusal:
        text = str(refusal) if isinstance(refusal, Refused) else "".join(refusal.messages)
        messages.warning(request, text)
    else:
        if words:
            messages.success(request, words)
    return _back(request, row, "#agenda")


def _change(request: HttpRequest, user: User, row: Meeting) -> str:
    post: dict[str, Any] = {"actor": user, "at": timezone.now()}
    data = request.POST
    if "fill" in data:
        size = int(data["size"]) if data.get("size", "").isdecimal() else 0
        made = agenda.propose(row.pk, size=min(size, HARD_SIZE), **post)
        return _("%(count)s cases put on the agenda.") % {"count": len(made)} if made else _("Nothing to add.")
    if "add" in data:
        agenda.add(row.pk, _number(data["add"]), **post)
        return _("Put on the agenda.")
    if "find" in data:
        case = case_named(data.get("words", ""), _reachable(user, row))
        agenda.add(row.pk, case.pk, **post)
        return _("Put on the agenda: %(case)s.") % {"case": case.title}
    for name in ("up", "down"):
        if name in data:
            agenda.shift(_item(row, user, _number(data[name])).pk, up=name == "up", **post)
            return ""
    if "drop" in data:
        agenda.drop(_item(row, user, _number(data["drop"])).pk, **post)
        return _("Taken off the agenda.")
    raise Http404


def _reachable(user: User, row: Meeting) -> Any:
    rows = BacklogCase.objects.within(Actor.of(user), meetings.RUN).filter(is_open=True)
    return rows if row.area.kind == "city" else rows.filter(district=row.area_id)


def _number(value: str) -> int:
    if not value.isdecimal() or len(value) > 17:
        raise Http404
    return int(value)


@require_POST
def meeting_sites(request: HttpRequest, pk: int) -> HttpResponse:
    """Add or take off a site, or say who sits there and whether it is connected."""
    user, row = _room(request, pk)
    at, data = timezone.now(), request.POST
    try:
        if "drop" in data:
            meetings.drop_site(row.pk, _number(data["drop"]), actor=user, at=at)
        elif "unit" in data:
            meetings.add_site(row.pk, unit_named(data["unit"]), actor=user, at=at)
        else:
            _attend(request, user, row)
            if is_htmx(request):
                return render(request, "backlog/meeting_saved.html", {"now": at})
            messages.success(request, _("Attendance saved."))
    except (Refused, ValidationError) as refusal:
        text = str(refusal) if isinstance(refusal, Refused) else "".join(refusal.messages)
        messages.warning(request, text)
    return _back(request, row, "#sites")


def _attend(request: HttpRequest, user: User, row: Meeting) -> None:
    for site in row.sites.all():
        who, has_joined = request.POST.get(f"who-{site.pk}", ""), bool(request.POST.get(f"joined-{site.pk}"))
        if who.strip() != site.attendees or has_joined != (site.joined_at is not None):
            meetings.attend(row.pk, site.pk, has_joined=has_joined, attendees=who, actor=user, at=timezone.now())


@require_POST
def meeting_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said beside the cases; kept while it is typed."""
    user, row = _room(request, pk)
    return _kept(
        request,
        row,
        lambda: meetings.minute(row.pk, text=request.POST.get("minutes", "")[:8000], actor=user, at=timezone.now()),
    )


@require_POST
def meeting_question(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The question the meeting is to decide on a case."""
    user, row = _room(request, pk)
    found = _item(row, user, item)
    words = request.POST.get("question", "")[:1000]
    return _kept(request, row, lambda: agenda.ask(found.pk, question=words, actor=user, at=timezone.now()))


def _kept(request: HttpRequest, row: Meeting, write: Any) -> HttpResponse:
    """Answer an autosave with "saved at", a plain form by the page."""
    try:
        write()
    except Refused as refusal:
        if is_htmx(request):
            return render(request, "backlog/meeting_saved.html", {"problem": str(refusal)})
        messages.warning(request, str(refusal))
        return _back(request, row)
    if is_htmx(request):
        return render(request, "backlog/meeting_saved.html", {"now": timezone.now()})
    messages.success(request, _("Saved."))
    return _back(request, row, "#agenda")


@require_POST
def meeting_note(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Keep discussion and decision while they are typed; says so when somebody else writes on the same case."""
    user, row = _room(request, pk)
    found, at = _item(row, user, item), timezone.now()
    form = ItemForm(request.POST)
    if not form.is_valid():
        return render(request, "backlog/meeting_note.html", {"problem": _("Too long to be kept."), "current": found})
    try:
        kept = agenda.note(found.pk, **form.cleaned_data, actor=user, at=at)
    except Refused as refusal:
        found.refresh_from_db(fields=["discussion", "decision", "version"])
        context = {"problem": str(refusal), "current": found, "is_stale": refusal.code == "stale"}
        return render(request, "backlog/meeting_note.html", context)
    return render(request, "backlog/meeting_note.html", {"current": kept, "saved_at": at})


@require_POST
def meeting_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """A case is decided, adjourned or skipped, with its tasks; then the next case."""
    user, row = _room(request, pk)
    found, at = _item(row, user, item), timezone.now()
    form, rows = ItemForm(request.POST), task_rows(request.POST)
    outcome = request.POST.get("outcome", "")
    if form.is_valid() and rows.is_valid():
        drafts = [draft for draft in (task.draft() for task in rows) if draft is not None]
        # The rows as the formset counts them: an empty one between two others keeps its place.
        places = [place for place, task in enumerate(rows) if task.draft() is not None]
        try:
            agenda.settle(found.pk, outcome=outcome, tasks=drafts, actor=user, at=at, **form.cleaned_data)
        except Refused as refusal:
            _refuse(form, rows, places, refusal)
            if refusal.code == "stale":
                found.refresh_from_db()
                form.data = {**form.data.dict(), "version": str(found.version)}  # type: ignore[attr-defined]
        else:
            words = {"case": found.case.title, "outcome": ItemOutcome(outcome).label}
            messages.success(request, _("%(case)s: %(outcome)s.") % words)
            return HttpResponseRedirect(reverse("meeting", args=[row.pk]))
    context = context_of(request, user, row, at)
    context |= before_the_meeting(row, found, at)
    context |= {"form": form, "rows": rows, "other": found if "stale" in _codes(form) else None}
    return page(request, "meeting_live.html", context, status=422)


def _codes(form: ItemForm) -> list[str]:
    return [error.code or "" for error in form.non_field_errors().as_data()]


def _refuse(form: ItemForm, rows: Any, places: list[int], refusal: Refused) -> None:
    """Show a refusal at the field it is about."""
    field = refusal.field or ""
    if field.startswith("tasks-"):
        _prefix, place, name = field.split("-", 2)
        task = rows[places[int(place)]]
        task.add_error(name if name in task.fields else None, str(refusal))
    else:
        target = field if field in form.fields else None
        form.add_error(target, ValidationError(str(refusal), code=refusal.code or "refused"))


@require_POST
def meeting_task_back(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """A task given a moment ago was a slip."""
    user, row = _room(request, pk)
    item = get_object_or_404(row.items.filter(tasks=task))
    try:
        agenda.take_back(task, reason=_("Taken back in session."), actor=user, at=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Task taken back."))
    return HttpResponseRedirect(f"{reverse('meeting', args=[row.pk])}?item={item.pk}#tasks")
