"""One view for all steps of petitions and one for those of work orders; `dispatch.steps` says what each looks like."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from dispatch import ledger
from dispatch.actions.clocks import due_dates, extended_due
from dispatch.actions.ledger import last_tenth, resting
from dispatch.assignments import LONGEST, SHORTEST, usual_term
from dispatch.forms import StepForm, UnitsForm
from dispatch.forms.intake import SetRouteForm
from dispatch.forms.ledger import DecideExtensionForm
from dispatch.forms.petitions import DispatchForm, suspicions
from dispatch.models import Callback, Consultation, Opinion, WorkOrder
from dispatch.next_steps import reach_of_order, reach_of_petition
from dispatch.states import OPEN_CONSULTATION_STATES, OrderState
from dispatch.steps import Step, permission_of, table_of
from dispatch.timeline import rule_name
from dispatch.views.reading import order_or_404, petition_or_404, reader, safe_next
from petitions.actions import closing_checklist
from petitions.attachments import lay_ready, store_all
from petitions.drafts import discard_draft, load_draft
from petitions.likeness import words_of
from petitions.models import Event, Petition, Urgency
from petitions.states import Refused, check_move


@require_http_methods(["GET", "POST"])
@never_cache
def petition_act(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """A step of a petition: its form, and what the form sends."""
    user = reader(request)
    return act(request, user, petition_or_404(user, pk), None, move)


@require_http_methods(["GET", "POST"])
@never_cache
def order_act(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """A step of a work order: its form, and what the form sends."""
    user = reader(request)
    order = order_or_404(user, pk)
    return act(request, user, order.petition, order, move)


def act(request: HttpRequest, user: User, petition: Petition, order: WorkOrder | None, name: str) -> HttpResponse:
    """Show the form of a step, or take the step."""
    steps, moves = table_of(order)
    step = steps.get(name)
    if step is None:
        raise Http404
    reach = reach_of_order(user, order) if order is not None else reach_of_petition(user, petition)
    if not reach(permission_of(step, moves)):
        raise PermissionDenied
    at = timezone.now()
    make: dict[str, Any] = {"user": user, "petition": petition, "order": order, "at": at}
    if request.method == "POST" and "find" not in request.POST:
        return _send(request, step, step.form(request.POST, request.FILES, **make))
    draft = (
        load_draft(user, draft_key(step, order or petition)) if step.keeps_draft and request.method == "GET" else None
    )
    given = draft[0] if draft else request.POST if request.method == "POST" else request.GET
    form = step.form(initial=_typed(given, step), **make)
    if request.method != "GET":
        return _show(request, step, form)
    stop = _illegal(step, moves, order or petition)
    blocked = step.block(order or petition, at) if step.block and not stop else None
    return _show(request, step, form, stop=stop or str(blocked or ""), offer=_offer(blocked, petition, user))


def _offer(refusal: Refused | None, petition: Petition, user: User) -> str:
    """Where a final order leaves doubt, a consultation is the way on."""
    is_final = refusal is not None and refusal.code == "final"
    return reverse("petition_act", args=[petition.pk, "consult"]) if is_final and user.may("dispatch.consult") else ""


def _typed(data: QueryDict, step: Step) -> dict[str, Any]:
    """What stands in the form when only a search inside it was sent: shown again, not judged."""
    many = {"assisting"}
    known = [key for key in data if key in step.form.base_fields and key != "version"]
    return {key: data.getlist(key) if key in many else data[key] for key in known}


def draft_key(step: Step, target: Petition | WorkOrder) -> str:
    """Under which what one person has typed for this step is kept."""
    return f"{step.name}:{target.pk}"


def _illegal(step: Step, moves: Mapping[str, Any], target: Petition | WorkOrder) -> str:
    """The sentence why the step is not possible now; '' when it is."""
    if not step.moves or any(target.state in moves[move].sources for move in step.moves):
        return ""
    try:
        check_move(dict(moves), step.moves[0], target.state, target.get_state_display())
    except Refused as refusal:
        return str(refusal)
    return ""


def _send(request: HttpRequest, step: Step, form: StepForm) -> HttpResponse:
    if not form.is_valid():
        return _show(request, step, form)
    if step.previews and "confirmed" not in request.POST:
        return _show(request, step, form, is_preview="edit" not in request.POST)
    try:
        remarks = take(step, form)
    except Refused as refusal:
        name = form.field_of(refusal.field)
        form.add_error(name if name in form.fields else _files_field(form, refusal), str(refusal))
        if refusal.code == "stale":
            form.renew_version()
        return _show(request, step, form)
    messages.success(request, done_words(step, form))
    for remark in remarks:
        messages.info(request, remark)
    if step.keeps_draft:
        discard_draft(form.user, draft_key(step, form.order or form.petition))
    forget_badges(form.user)
    return go_to(request, _onwards(request, step, form))


def done_words(step: Step, form: StepForm) -> str:
    """That it is done, with the way back where there is one."""
    if not step.undo:
        return str(step.done)
    back = reverse("petition_act", args=[form.petition.pk, step.undo])
    return format_html('{} <a href="{}" data-dialog>{}</a>', step.done, back, _("Undo"))


def _files_field(form: StepForm, refusal: Refused) -> str | None:
    return form.files_field or None if refusal.field == "files" else None


def take(step: Step, form: StepForm) -> list[str]:
    """Run the step's action with the form's values and attach its files, all or nothing. Raises Refused."""
    target: Petition | WorkOrder = form.order if form.order is not None else form.petition
    uploads = lay_ready(form.petition.pk, form.uploads(), actor=form.user)
    with transaction.atomic():
        result = step.run(
            target.pk, **form.arguments(), actor=form.user, at=form.at, version=form.cleaned_data["version"]
        )
        if not uploads:
            return []
        event = next(part for part in result if isinstance(part, Event))
        return store_all(form.petition.pk, uploads, actor=form.user, at=form.at, event=event)


def _onwards(request: HttpRequest, step: Step, form: StepForm) -> str:
    if step.then:
        return reverse("petition_act", args=[form.petition.pk, step.then])
    # A step may take the petition out of one's own sight (a recall, a hand-over): then the console, not a 404.
    if not Petition.objects.visible_to(form.user).filter(pk=form.petition.pk).exists():
        return reverse("unit_console")
    return safe_next(request, reverse("petition", args=[form.petition.pk]))


def _show(
    request: HttpRequest, step: Step, form: StepForm, *, stop: str = "", offer: str = "", is_preview: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {
        "step": step,
        "form": form,
        "p": form.petition,
        "order": form.order,
        "title": step.title,
        "submit": step.submit,
        "submit_tone": step.tone,
        "cancel_url": reverse("petition", args=[form.petition.pk]),
        "stop": stop,
        "offer": offer,
        "is_preview": is_preview,
        "draft_url": reverse("draft_save", args=[draft_key(step, form.order or form.petition)])
        if step.keeps_draft
        else "",
        "nav": "worklist",
        **_extras(step, form, request.POST or request.GET),
    }
    status = 422 if form.errors or stop else 200
    template = "dispatch/step_stop.html" if stop else step.template
    return render(request, template, context, status=status)


# ---- what single steps show besides their fields ----


def _extras(step: Step, form: StepForm, data: QueryDict) -> dict[str, Any]:
    more = _EXTRAS[step.name](form, data) if step.name in _EXTRAS else {}
    if isinstance(form, UnitsForm):
        more["pickers"] = [picker(form, name, data) for name in form.pickers]
    return more


def _dispatch_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    urgency = str(form["urgency"].value() or form.petition.urgency)
    return {
        "due": due_rows(
            urgency,
            form.at,
            is_anonymous=form.petition.is_anonymous,
            term=_term(form["mode"].value(), form["term_days"].value()),
        ),
        "urgency": urgency,
    }


def picker(form: UnitsForm, name: str, data: QueryDict) -> dict[str, Any]:
    """Units to choose from: the chosen ones, the proposals, and what a search found."""
    values = form[name].value()
    chosen = {str(v) for v in (values if isinstance(values, list | tuple) else [values]) if v}
    words = str(form[f"{name}_text"].value() or "")
    # Without script the search button sends the whole form; then the words are a search, not a choice.
    is_search = bool(data.get("find")) or name == "assisting"
    found = [(unit, unit.name) for unit in form.search(words)] if words and is_search else []
    known = [*form.suggestions_for(name), *found]
    missing = [pk for pk in chosen if pk.isdecimal() and not any(str(unit.pk) == pk for unit, _reason in known)]
    extra = list(form.fields[name].queryset.filter(pk__in=missing)) if missing else []  # type: ignore[attr-defined]
    options = [
        {"unit": u, "reason": r, "checked": str(u.pk) in chosen} for u, r in [*[(u, u.name) for u in extra], *known]
    ]
    return {
        "name": name,
        "kind": "radio" if name == "lead" else "checkbox",
        "label": form.legends.get(name, form[name].label),
        "is_required": name == "lead" and form.needs_lead,
        "errors": form.errors.get(name, []),
        "options": _once(options),
        "words": words,
        "is_empty": bool(words and is_search and not found),
    }


def _once(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: set[int] = set()
    kept = []
    for option in options:
        if option["unit"].pk not in seen:
            seen.add(option["unit"].pk)
            kept.append(option)
    return kept


def _term(mode: Any, days: Any) -> int | None:
    """Days of the assignment as typed so far; None for a transfer or a figure that is none."""
    if mode != WorkOrder.Mode.ASSIGN:
        return None
    text = str(days or "")
    return int(text) if text.isdecimal() and SHORTEST <= int(text[:4]) <= LONGEST else usual_term()


def due_rows(
    urgency: str, at: datetime, *, is_anonymous: bool = False, term: int | None = None
) -> list[dict[str, Any]]:
    """The clocks a dispatch now would start, first due first."""
    if urgency not in Urgency.values:
        return []
    rows = sorted(due_dates(urgency, at, is_anonymous=is_anonymous, term=term), key=lambda row: row[1])
    return [{"name": rule_name(policy), "due": due, "article": policy.article} for policy, due in rows]


def _close_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    items = closing_checklist(form.petition)
    open_orders = WorkOrder.objects.filter(petition=form.petition, is_open=True).select_related("unit")
    return {
        "checklist": [(item, "") for item in items],
        "is_complete": all(i.is_done for i in items),
        "open_orders": list(open_orders),
    }


def _check_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    assert form.order is not None
    feedback = form.order.feedbacks.select_related("by").order_by("-at").first()
    event = form.petition.events.filter(kind="order.feed_back", data__order=form.order.pk).order_by("-seq").first()
    return {"feedback": feedback, "files": list(event.attachments.all()) if event else []}


def _decide_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    assert form.order is not None
    asked = getattr(form, "asked", None)
    event = form.petition.events.filter(kind="order.ask_return", data__order=form.order.pk).order_by("-seq").first()
    first = form.petition.first_unit
    return {
        "asked": asked,
        "files": list(event.attachments.all()) if event else [],
        "is_first": first is not None and first.pk == form.order.unit_id,
    }


def _consultation_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    rows = Consultation.objects.filter(petition=form.petition, state__in=OPEN_CONSULTATION_STATES)
    opinions = Prefetch("opinions", Opinion.objects.select_related("unit", "answered_by"))
    return {"consultation": rows.select_related("called_by").prefetch_related(opinions).first(), "now": form.at}


def _call_back_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    assert form.order is not None
    tries = form.order.callbacks.filter(result=Callback.Result.UNREACHED).count()
    return {**_check_extras(form, data), "tries": tries, "is_called": form.order.state == OrderState.CALLED_BACK}


def _ask_pause_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    assert form.order is not None
    return {"resting": resting(form.order, form.at)}


def _decide_pause_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    assert form.order is not None
    clocks = resting(form.order, form.at)
    is_late = any(form.at >= last_tenth(clock) for clock in clocks)
    return {"pause": ledger.asked_pause(form.order), "resting": clocks, "is_late": is_late}


def _decide_extension_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    assert isinstance(form, DecideExtensionForm)
    return {"requests": [(entry, extended_due(entry.clock, entry.amount)) for entry in form.requests]}


def _repeat_extras(form: StepForm, data: QueryDict) -> dict[str, Any]:
    rows = suspicions(form.petition, form.user)
    return {"suspicions": [(row, words_of(row.terms)) for row in rows]}


_EXTRAS = {
    "ask_pause": _ask_pause_extras,
    "decide_pause": _decide_pause_extras,
    "decide_extension": _decide_extension_extras,
    "decide_legal_extension": _decide_extension_extras,
    "mark_repeat": _repeat_extras,
    "not_a_repeat": _repeat_extras,
    "dispatch": _dispatch_extras,
    "close": _close_extras,
    "check": _check_extras,
    "call_back": _call_back_extras,
    "decide_return": _decide_extras,
}
_EXTRAS["check_below"] = _check_extras
_EXTRAS["opine"] = _EXTRAS["rule_consultation"] = _consultation_extras


# ---- fragments the dispatch form asks for while it is filled in ----


@require_GET
@never_cache
def unit_search(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit picker again, with what is chosen and what the search words find."""
    user = reader(request)
    petition = petition_or_404(user, pk)
    name = "assisting" if request.GET.get("picker") == "assisting" else "lead"
    values = {key: request.GET.getlist(key) if key == "assisting" else request.GET[key] for key in request.GET}
    number = request.GET.get("order", "")
    order = order_or_404(user, int(number)) if number.isdecimal() and len(number) < 18 else None
    step = table_of(order)[0].get(request.GET.get("step", ""))
    form_type = step.form if step and issubclass(step.form, UnitsForm) else DispatchForm
    form = form_type(initial=values, user=user, petition=petition, order=order, at=timezone.now())
    query = request.GET.copy()
    query["find"] = name
    return render(request, "dispatch/unit_options.html", {"picker": picker(form, name, query), "p": petition})


@require_GET
@never_cache
def route_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What purpose and route would mean for a petition, while they are being chosen."""
    user = reader(request)
    petition = petition_or_404(user, pk)
    values = {name: request.GET.get(name, "") for name in ("purpose", "route")}
    form = SetRouteForm(initial=values, user=user, petition=petition, at=timezone.now())
    return render(request, "petitions/consequences.html", {"follows": form.follows(), "now": form.at})


@require_GET
@never_cache
def due_preview(request: HttpRequest) -> HttpResponse:
    """The due dates of an urgency, for the dispatch forms."""
    reader(request)
    urgency, at = request.GET.get("urgency", ""), timezone.now()
    term = _term(request.GET.get("mode"), request.GET.get("term_days"))
    return render(request, "dispatch/due_rows.html", {"due": due_rows(urgency, at, term=term), "now": at})
