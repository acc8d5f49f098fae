"""The three suggestions: list, a new one, one with its answer, and its letter."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from dispatch import deadlines
from dispatch import supervision_desk as desk
from dispatch.actions import suggestions as actions
from dispatch.forms.supervision import SuggestionForm
from dispatch.models import Clock, Suggestion, SupervisionOrder
from dispatch.steps.supervision import SUGGESTION_STEPS
from dispatch.supervision import ADDRESSEE_WORDS, SUGGESTION_MOVES, SuggestionKind
from dispatch.views.reading import reader
from dispatch.views.row_steps import options, take
from dispatch.views.supervision import _picker, page_tabs
from petitions.models import Petition
from petitions.paging import capped_counts, capped_text, page_of
from petitions.states import Refused

SIZE = 30


def reader_of(request: HttpRequest) -> User:
    """Somebody who reads suggestions at all."""
    user = reader(request)
    if not user.may("dispatch.view_suggestions"):
        raise PermissionDenied
    return user


@require_GET
@never_cache
def suggestion_list(request: HttpRequest) -> HttpResponse:
    """What waits for an answer by deadline, what was answered and how much of it was adopted."""
    user, at = reader_of(request), timezone.now()
    rows = Suggestion.objects.visible_to(user)
    kind = request.GET.get("kind", "")
    if kind in SuggestionKind.values:
        rows = rows.filter(kind=kind)
    key = request.GET.get("show", desk.SUGGESTION_TABS[0][0])
    shown = next((tab for tab in desk.SUGGESTION_TABS if tab[0] == key), desk.SUGGESTION_TABS[0])
    order = desk.BY_DUE if shown[0] == "waiting" else desk.NEWEST_ISSUED
    listed = desk.with_deadline(rows.filter(shown[2]).select_related("addressee", "issuing_unit"), "suggestion")
    page = page_of(listed, order, cursor=request.GET.get("cursor", ""), size=SIZE)
    counts = capped_counts([rows.filter(tab[2]) for tab in desk.SUGGESTION_TABS])
    answered, adopted, late = desk.adoption(rows)
    context = {
        "tabs": page_tabs(user, "suggestions") if user.may("dispatch.view_supervision") else [],
        "shows": _shows(shown[0], kind, counts),
        "shown": shown[0],
        "kinds": SuggestionKind.choices,
        "kind": kind,
        "page": page,
        "rows": [(row, desk.deadline_of(row, at)) for row in page.rows],
        "answered": answered,
        "adopted": adopted,
        "late": late,
        "rate": adopted / answered if answered else None,
        "may_suggest": user.may("dispatch.suggest"),
        "here": f"{reverse('suggestions')}?show={shown[0]}&kind={kind}",
        "now": at,
        "nav": "supervision_list",
    }
    return render(request, "dispatch/suggestion_list.html", context)


def _shows(current: str, kind: str, counts: list[int]) -> list[dict[str, Any]]:
    url = reverse("suggestions")
    return [
        {
            "url": f"{url}?show={key}&kind={kind}",
            "label": label,
            "count": capped_text(count),
            "current": key == current,
        }
        for (key, label, _q, _tone), count in zip(desk.SUGGESTION_TABS, counts, strict=True)
    ]


@require_http_methods(["GET", "POST"])
@never_cache
def suggestion_new(request: HttpRequest) -> HttpResponse:
    """A new suggestion, perhaps out of a supervision (`supervision=`) and resting on petitions (`numbers=`)."""
    user, at = reader_of(request), timezone.now()
    if not user.may("dispatch.suggest"):
        raise PermissionDenied
    wanted = request.GET.get("supervision", "")
    supervision = None
    if wanted:
        rows = SupervisionOrder.objects.whole_to(user).select_related("petition")
        supervision = get_object_or_404(rows, pk=int(wanted) if wanted.isdecimal() and len(wanted) < 18 else 0)
    if request.method == "POST" and "find" not in request.POST:
        form = SuggestionForm(request.POST, user=user, at=at, supervision=supervision)
        made = _make(form, user) if form.is_valid() else None
        if made is not None:
            messages.success(request, _("Sent: %(number)s.") % {"number": made.number})
            forget_badges(user)
            return go_to(request, "suggestion", pk=made.pk)
    else:
        typed = request.POST or request.GET
        initial = {key: typed[key] for key in typed if key in SuggestionForm.base_fields}
        if supervision is not None and supervision.petition is not None:
            initial.setdefault("numbers", supervision.petition.short_number)
        if supervision is not None and initial.get("kind") == SuggestionKind.IMPROVE_WORK:
            initial.setdefault("addressee", str(supervision.unit_id))
        form = SuggestionForm(initial=initial, user=user, at=at, supervision=supervision)
    kind = str(form["kind"].value())
    context = {
        "form": form,
        "picker": _picker(request, form, "addressee", "addressee_text"),
        "whom": ADDRESSEE_WORDS.get(kind, ""),  # type: ignore[call-overload]
        "title": _("Make a formal suggestion"),
        "submit": _("Send the suggestion"),
        "cancel_url": reverse("suggestions"),
        "nav": "supervision_list",
        "now": at,
    }
    return render(request, "dispatch/suggestion_new.html", context, status=422 if form.errors else 200)


@require_GET
@never_cache
def suggestion_units(request: HttpRequest) -> HttpResponse:
    """The picker of addressees again: those the kind allows, chosen or found by the words."""
    user = reader_of(request)
    names = ("kind", "addressee", "addressee_text")
    initial = {key: request.GET[key] for key in names if key in request.GET}
    form = SuggestionForm(initial=initial, user=user, at=timezone.now())
    picker = _picker(request, form, "addressee", "addressee_text")
    return render(request, "dispatch/unit_options.html", {"picker": picker})


def _make(form: SuggestionForm, user: User) -> Suggestion | None:
    try:
        return actions.issue(**form.arguments(), actor=user, at=form.at)
    except Refused as refusal:
        field = "numbers" if refusal.field == "petitions" else refusal.field
        form.add_error(field if field in form.fields else None, str(refusal))
        return None


def suggestion_or_404(user: User, pk: int) -> Suggestion:
    """The suggestion with its running deadline."""
    rows = Suggestion.objects.visible_to(user).select_related(
        "addressee", "issuing_unit", "issued_by", "answered_by", "supervision"
    )
    return get_object_or_404(desk.with_deadline(rows, "suggestion"), pk=pk)


@require_GET
@never_cache
def suggestion_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One suggestion: issue, evidence, proposal; the answer; what came of it."""
    user, at = reader(request), timezone.now()
    row = suggestion_or_404(user, pk)
    steps = options(user, row, SUGGESTION_STEPS, SUGGESTION_MOVES)
    clocks = Clock.objects.filter(subject="suggestion", subject_id=pk).select_related("policy", "order__unit")
    context = {
        "row": row,
        "left": desk.deadline_of(row, at),
        "steps": [step for step in steps if not step.is_rare],
        "rare": [step for step in steps if step.is_rare],
        "may_letter": user.may("dispatch.suggest") and row.petitions.exists(),
        "petitions": list(Petition.objects.visible_to(user).filter(suggestions=row).order_by("-registered_at")),
        "supervision": SupervisionOrder.objects.visible_to(user).filter(pk=row.supervision_id or 0).first(),
        "clock_rows": deadlines.rows_of(list(clocks), at),
        "events": [(event, _done(event)) for event in row.events.select_related("unit")],
        "now": at,
        "nav": "supervision_list",
    }
    return render(request, "dispatch/suggestion.html", context)


def _done(event: Any) -> str:
    return _("made the suggestion") if event.move == "issue" else str(SUGGESTION_MOVES[event.move].done)


@require_http_methods(["GET", "POST"])
@never_cache
def suggestion_act(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """A step of a suggestion: its form, and what the form sends."""
    user = reader(request)
    row = suggestion_or_404(user, pk)
    return take(
        request,
        user,
        row,
        move,
        steps=SUGGESTION_STEPS,
        moves=SUGGESTION_MOVES,
        back=reverse("suggestion", args=[pk]),
        context={"about": row.addressee},
    )


@require_GET
@never_cache
def suggestion_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The suggestion as a letter on A4."""
    user = reader(request)
    return render(
        request, "dispatch/suggestion_print.html", {"row": suggestion_or_404(user, pk), "nav": "supervision_list"}
    )
