"""Supervision: findings to confirm, orders that run, answers to check; one order with its history and its letter."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from dispatch import deadlines
from dispatch import supervision_desk as desk
from dispatch.actions import supervision as actions
from dispatch.catalogue import search_units
from dispatch.findings import Explainer, Finding, draft_text
from dispatch.forms.supervision import IssueForm, levels_for
from dispatch.models import Clock, Proposal, SupervisionOrder
from dispatch.steps.supervision import FINDING_STEPS, SUPERVISION_STEPS
from dispatch.supervision import ISSUED, LEVELS, SUPERVISION_MOVES
from dispatch.views.reading import petition_or_404, reader
from dispatch.views.row_steps import options, take
from petitions.models import Petition
from petitions.paging import capped_text, page_of
from petitions.states import Refused

SIZE = 30
FEW = 14
DEFAULT_TEXT_LEVEL = "order"


def reader_of(request: HttpRequest) -> User:
    """Somebody who reads supervision at all."""
    user = reader(request)
    if not user.may("dispatch.view_supervision"):
        raise PermissionDenied
    return user


@require_GET
@never_cache
def supervision_list(request: HttpRequest) -> HttpResponse:
    """The tabs, by deadline, paged by key."""
    user, at = reader_of(request), timezone.now()
    tabs = desk.tabs_for(user)
    counts = desk.tab_counts(user, at)
    busy = next((t for t in tabs if counts.get(t.key)), tabs[0])
    tab = next((t for t in tabs if t.key == request.GET.get("tab")), busy)
    rows = desk.tab_rows(user, tab, at)
    is_mine = request.GET.get("mine") == "1" and tab in desk.MINE
    if is_mine:
        rows = rows.filter(pk__in=desk.MINE[tab](user).values("pk"))
    page = page_of(rows, tab.order, cursor=request.GET.get("cursor", ""), size=SIZE)
    is_findings = tab is desk.FINDINGS
    context = {
        "tabs": page_tabs(user, tab.key, counts),
        "tab": tab,
        "page": page,
        "findings": Explainer(user, page.rows, at).all() if is_findings else [],
        "rows": [] if is_findings else desk.lines_of(user, page.rows, at),
        "may_decide": user.may("dispatch.supervise"),
        "may_issue": user.may("dispatch.supervise") or user.may("dispatch.supervise_high"),
        "here": f"{reverse('supervision_list')}?tab={tab.key}{'&mine=1' if is_mine else ''}",
        "now": at,
        "nav": "supervision_list",
    }
    return render(request, "dispatch/supervision_list.html", context)


def page_tabs(user: User, current: str, counts: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """The tabs of supervision and, beside them, the formal suggestions."""
    counts = desk.tab_counts(user, timezone.now()) if counts is None else counts
    url = reverse("supervision_list")
    tabs = [
        {
            "url": f"{url}?tab={tab.key}",
            "label": tab.label,
            "count": capped_text(counts[tab.key]) if tab.key in counts else None,
            "tone": tab.tone if counts.get(tab.key) else "",
            "current": tab.key == current,
        }
        for tab in desk.tabs_for(user)
    ]
    if user.may("dispatch.view_suggestions"):
        place = {"url": reverse("suggestions"), "label": _("Three suggestions"), "count": None, "tone": ""}
        tabs.append({**place, "current": current == "suggestions"})
    return tabs


# ---- findings ----


@require_http_methods(["GET", "POST"])
@never_cache
def finding_act(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """Set a finding aside, or put it off."""
    user = reader(request)
    row = finding_or_404(user, pk)
    finding = Explainer(user, [row], timezone.now()).of(row)
    back = f"{reverse('supervision_list')}?tab=findings"
    about = {"finding": finding, "about": row.unit}
    return take(
        request, user, row, move, steps=FINDING_STEPS, moves=None, permission="dispatch.supervise", back=back,
        context=about,
    )  # fmt: skip


def finding_or_404(user: User, pk: int) -> Proposal:
    rows = Proposal.objects.visible_to(user).filter(decided_at=None)
    return get_object_or_404(rows.select_related("unit__area", "petition", "order__petition"), pk=pk)


# ---- a new order ----


@require_http_methods(["GET", "POST"])
@never_cache
def supervision_new(request: HttpRequest) -> HttpResponse:
    """Issue a supervision order: from a finding, on a case, or of a unit at large."""
    user, at = reader_of(request), timezone.now()
    if not levels_for(user):
        raise PermissionDenied
    finding = finding_or_404(user, _number(request, "finding")) if request.GET.get("finding") else None
    petition = _petition(request, user, finding)
    explained = Explainer(user, [finding], at).of(finding) if finding else None
    make: dict[str, Any] = {"user": user, "at": at, "petition": petition, "finding": finding}
    if request.method == "POST" and "find" not in request.POST:
        form = IssueForm(request.POST, **make)
        made = _issue(form, user) if form.is_valid() else None
        if made is not None:
            messages.success(request, _("Issued: %(number)s. The unit has been told.") % {"number": made.number})
            forget_badges(user)
            return go_to(request, "supervision", pk=made.pk)
    else:
        form = IssueForm(initial=_initial(request, user, form_rows=make, explained=explained), **make)
    context = {
        "form": form,
        "p": petition,
        "finding": explained,
        "picker": None if petition else _picker(request, form, "unit", "unit_text"),
        "title": _("Issue a supervision order"),
        "submit": _("Issue and tell the unit"),
        "cancel_url": reverse("petition", args=[petition.pk]) if petition else reverse("supervision_list"),
        "nav": "supervision_list",
        "now": at,
    }
    return render(request, "dispatch/supervision_new.html", context, status=422 if form.errors else 200)


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 18 else 0


def _petition(request: HttpRequest, user: User, finding: Proposal | None) -> Petition | None:
    if finding is not None:
        return petition_or_404(user, finding.petition_id) if finding.petition_id else None
    return petition_or_404(user, _number(request, "petition")) if request.GET.get("petition") else None


def _initial(
    request: HttpRequest, user: User, *, form_rows: dict[str, Any], explained: Finding | None
) -> dict[str, Any]:
    """What the form starts with: the finding's unit, ground and a text to correct; what was typed already stays."""
    levels = [value for value, _label in levels_for(user)]
    level = DEFAULT_TEXT_LEVEL if DEFAULT_TEXT_LEVEL in levels else levels[0]
    typed = request.POST or request.GET
    if typed.get("level") in levels:
        level = typed["level"]
    finding, petition = form_rows["finding"], form_rows["petition"]
    found: dict[str, Any] = {"level": level, "text": draft_text(explained, level)}
    if finding is not None:
        found |= {"unit": finding.unit_id, "trigger": finding.trigger}
    else:
        found |= {"trigger": "other"}
        at_work = petition.orders.filter(is_open=True).order_by("seq").first() if petition else None
        found["unit"] = at_work.unit_id if at_work else None
    known = {key: typed[key] for key in typed if key in IssueForm.base_fields}
    return {**found, **known}


def _picker(request: HttpRequest, form: Any, name: str, text_name: str) -> dict[str, Any]:
    """Units to choose from: the chosen one and what a search found among those within reach."""
    value, words = form[name].value(), str(form[text_name].value() or "")
    rows = form.fields[name].queryset
    chosen = list(rows.filter(pk=value)) if str(value or "").isdecimal() else []
    if words:
        found = [unit for unit in search_units(words, among=rows) if unit not in chosen]
    else:
        # So few that they need no search: the governments, the bodies with authority over cadres.
        few = list(rows[: FEW + 1])
        found = [unit for unit in few if unit not in chosen] if len(few) <= FEW else []
    return {
        "name": name,
        "kind": "radio",
        "text_name": text_name,
        "words": words,
        "errors": form.errors.get(name, []),
        "options": [{"unit": u, "reason": u.name, "checked": u in chosen} for u in [*chosen, *found]],
        "is_empty": bool(words) and not found and not chosen,
    }


@require_GET
@never_cache
def supervision_units(request: HttpRequest) -> HttpResponse:
    """The unit picker again, with what is chosen and what the words find."""
    user, at = reader_of(request), timezone.now()
    form = IssueForm(
        initial={key: request.GET[key] for key in ("unit", "unit_text") if key in request.GET}, user=user, at=at
    )
    return render(request, "dispatch/unit_options.html", {"picker": _picker(request, form, "unit", "unit_text")})


def _issue(form: IssueForm, user: User) -> SupervisionOrder | None:
    try:
        return actions.issue(**form.arguments(), actor=user, at=form.at)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


# ---- one order ----


def order_or_404(user: User, pk: int) -> SupervisionOrder:
    """The supervision order with its running deadline."""
    rows = SupervisionOrder.objects.visible_to(user).select_related(
        "unit__area", "unit__parent", "petition", "order", "issued_by", "issuing_unit", "answered_by", "proposal"
    )
    return get_object_or_404(desk.with_deadline(rows, "supervision"), pk=pk)


@require_GET
@never_cache
def supervision_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One supervision order: what is ordered, answered and decided, the deadline and why, who has read the circular."""
    user, at = reader(request), timezone.now()
    row = order_or_404(user, pk)
    clocks = Clock.objects.filter(subject="supervision", subject_id=pk).select_related("policy", "order__unit")
    petition = Petition.objects.visible_to(user).filter(pk=row.petition_id or 0).first()
    steps = options(user, row, SUPERVISION_STEPS, SUPERVISION_MOVES)
    steps = [step for step in steps if step.name != "record_talk" or (row.talk_at and row.talk_at <= at)]
    steps = [step for step in steps if step.name != "raise" or levels_for(user, above=row.level_row.rank)]
    context = {
        "row": row,
        "left": desk.deadline_of(row, at),
        "p": petition,
        "steps": [step for step in steps if not step.is_rare],
        "rare": [step for step in steps if step.is_rare],
        "events": [(event, _done(event)) for event in row.events.select_related("unit")],
        "clock_rows": deadlines.rows_of(list(clocks), at),
        "readings": list(row.readings.select_related("unit", "read_by").order_by("read_at", "unit__code")),
        "is_to_read": row.readings.filter(unit=user.unit, read_at=None).exists(),
        # Units that only read the circular see the circular, not the case it comes from.
        "is_whole": is_whole(user, row),
        "finding": Explainer(user, [row.proposal], at).of(row.proposal) if row.proposal and steps else None,
        "suggestions": list(row.suggestions.visible_to(user)) if user.may("dispatch.view_suggestions") else [],
        "may_suggest": user.may("dispatch.suggest"),
        "may_letter": user.may("dispatch.supervise") and petition is not None,
        "tone": LEVELS[row.level].tone,
        "now": at,
        "nav": "supervision_list",
    }
    return render(request, "dispatch/supervision.html", context)


def is_whole(user: User, row: SupervisionOrder) -> bool:
    """Whether the person reads the order itself, or only the circular it led to."""
    return SupervisionOrder.objects.whole_to(user).filter(pk=row.pk).exists()


def _done(event: Any) -> str:
    """The past-tense words of a step."""
    if event.move.startswith("issue_"):
        return str(ISSUED[event.level])
    return str(SUPERVISION_MOVES[event.move].done)


@require_http_methods(["GET", "POST"])
@never_cache
def supervision_act(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """A step of a supervision order: its form, and what the form sends."""
    user = reader(request)
    row = order_or_404(user, pk)
    back = reverse("supervision", args=[pk])
    return take(
        request, user, row, move, steps=SUPERVISION_STEPS, moves=SUPERVISION_MOVES, back=back,
        context={"about": row.unit},
    )  # fmt: skip


@require_POST
def circular_read(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's unit has read the circular."""
    user = reader(request)
    row = order_or_404(user, pk)
    actions.mark_circular_read(row.pk, actor=user, at=timezone.now())
    messages.success(request, _("Noted: your unit has read it."))
    return go_to(request, "supervision", pk=pk)


@require_GET
@never_cache
def supervision_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The order as a letter on A4."""
    user = reader(request)
    row = order_or_404(user, pk)
    context = {"row": row, "is_whole": is_whole(user, row), "nav": "supervision_list"}
    return render(request, "dispatch/supervision_print.html", context)
