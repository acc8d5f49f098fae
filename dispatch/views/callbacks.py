"""The callback desk: the queue, the seat of one call, and the bad ratings that are being put right."""

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

from accounts.addresses import address_of
from accounts.context import forget_badges
from accounts.durations import remaining
from accounts.models import User
from accounts.responses import go_to
from dispatch import callbacks
from dispatch.actions import calls
from dispatch.actions.callbacks import record, reveal_number
from dispatch.forms import RevealForm
from dispatch.forms.callbacks import FORMS
from dispatch.models import BadRating, Callback, CallTask, Clock
from dispatch.views.reading import permitted, reader
from petitions.models import Petition
from petitions.paging import Order, capped_counts, capped_text, page_of
from petitions.states import Refused

PAGE = 50
NEWEST = Order("rated_at", is_descending=True)
_JOINED = ("petition__area", "petition__content_class", "petition__register_unit", "order__unit", "claimed_by")


def _caller(request: HttpRequest) -> User:
    return permitted(request, "dispatch.call_back")


def _task(user: User, pk: int) -> CallTask:
    """The call if this person may make it; 404 otherwise (docs/architecture.md, rule 3)."""
    return get_object_or_404(CallTask.objects.visible_to(user).select_related(*_JOINED), pk=pk)


@require_GET
@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """The calls to make, by deadline."""
    user, at = _caller(request), timezone.now()
    tabs = callbacks.tabs(user, at)
    counts = capped_counts([tab.rows.order_by() for tab in tabs])
    current = next((tab for tab in tabs if tab.key == request.GET.get("tab")), tabs[0])
    page = page_of(
        current.rows.select_related(*_JOINED), callbacks.BY_DUE, cursor=request.GET.get("cursor", ""), size=PAGE
    )
    url = reverse("callbacks")
    context = {
        "tabs": [
            {"url": f"{url}?tab={tab.key}", "label": tab.label, "count": capped_text(n), "current": tab is current}
            for tab, n in zip(tabs, counts, strict=True)
        ],
        "tab": current,
        "page": page,
        "lines": [_line(task, user, at) for task in page.rows],
        "is_agent": callbacks.is_agent(user),
        "here": f"{url}?tab={current.key}",
        "can_call": bool(counts[0]),
        "now": at,
    }
    return render(request, "dispatch/callbacks.html", context)


def _line(task: CallTask, user: User, at: Any) -> dict[str, Any]:
    due = task.due_at  # type: ignore[attr-defined]
    return {
        "task": task,
        "left": remaining(due, at) if due.year < 9999 else None,
        "is_mine": callbacks.is_mine(task, user, at),
        "is_taken": callbacks.is_taken(task, user, at),
    }


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """The call that is due first and nobody has."""
    user = _caller(request)
    task = calls.claim_next(actor=user, at=timezone.now())
    if task is None:
        messages.info(request, _("Nobody is to be called at the moment."))
        return go_to(request, "callbacks")
    return go_to(request, "callback_seat", pk=task.pk)


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """I call this one."""
    user = _caller(request)
    _task(user, pk)
    try:
        calls.claim(pk, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return go_to(request, "callbacks")
    forget_badges(user)
    return go_to(request, "callback_seat", pk=pk)


@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Back into the queue."""
    user = _caller(request)
    _task(user, pk)
    calls.release(pk, actor=user, at=timezone.now())
    forget_badges(user)
    return go_to(request, "callbacks")


@require_http_methods(["GET", "POST"])
@never_cache
def seat(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: the words, the questions, the outcome. The matter is shown while the call is one's own."""
    user, at = _caller(request), timezone.now()
    task = _task(user, pk)
    form = FORMS[task.kind](request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            saved = record(pk, **form.values(), actor=user, at=at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _saved(request, user, saved)
    return render(
        request, "dispatch/callback_seat.html", seat_context(task, user, form), status=422 if form.errors else 200
    )


def seat_context(task: CallTask, user: User, form: Any) -> dict[str, Any]:
    """What the seat shows."""
    at = timezone.now()
    is_mine = callbacks.is_mine(task, user, at)
    context: dict[str, Any] = {
        "task": task,
        "p": task.petition,
        "is_mine": is_mine,
        "is_taken": callbacks.is_taken(task, user, at),
        "is_agent": callbacks.is_agent(user),
        "nav": "callbacks",
        "now": at,
        "form": form,
    }
    if is_mine:
        clocks = Clock.objects.filter(
            petition=task.petition, state=Clock.State.RUNNING, policy__key__in=callbacks.RULES
        )
        due = clocks.order_by("due_at").values_list("due_at", flat=True).first()
        earlier = Callback.objects.filter(order__petition=task.petition).select_related("by").order_by("-at")
        context |= {
            "left": remaining(due, at) if due else None,
            "script": callbacks.script(task, user),
            "person": task.petition.petitioners.filter(is_main=True).first(),
            "feedback": task.order.feedbacks.order_by("-at", "-id").first() if task.order else None,
            "earlier": list(earlier[:10]),
        }
    return context


def _saved(request: HttpRequest, user: User, task: CallTask) -> HttpResponse:
    forget_badges(user)
    if task.ended_at is None:
        when = timezone.localtime(task.call_after).strftime("%m-%d %H:%M")
        messages.success(request, _("Saved. To be called again from %(time)s.") % {"time": when})
    else:
        messages.success(request, _("The callback is recorded."))
    if request.POST.get("then") == "next":
        following = calls.claim_next(actor=user, at=timezone.now())
        if following is not None:
            return go_to(request, "callback_seat", pk=following.pk)
        messages.info(request, _("Nobody is to be called at the moment."))
    return go_to(request, "callbacks")


@require_http_methods(["GET", "POST"])
@never_cache
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and number in this answer and nowhere else, for a reason that is logged, while the call is one's own."""
    user, at = _caller(request), timezone.now()
    task = _task(user, pk)
    reason = _("Callback of %(number)s") % {"number": task.petition.short_number}
    form, person = RevealForm(request.POST or None, initial={"reason": reason}), None
    if request.method == "POST" and form.is_valid():
        try:
            ip = address_of(request)
            person = reveal_number(pk, reason=form.cleaned_data["reason"], actor=user, at=at, ip=ip)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    context = {
        "form": form,
        "task": task,
        "p": task.petition,
        "person": person,
        "title": _("Number to call"),
        "submit": _("Show"),
        "cancel_url": reverse("callback_seat", args=[pk]),
        "nav": "callbacks",
    }
    return render(request, "dispatch/callback_number.html", context, status=422 if form.errors else 200)


@require_GET
@never_cache
def bad_ratings(request: HttpRequest) -> HttpResponse:
    """Bad ratings of the matters one sees, open ones first wanted; with the share that was put right in time."""
    user = reader(request)
    if not user.may("dispatch.view"):
        raise PermissionDenied
    at, is_all = timezone.now(), request.GET.get("all") == "1"
    seen = BadRating.objects.filter(petition__in=Petition.objects.visible_to(user))
    rows = (seen if is_all else seen.filter(ended_at=None)).select_related("petition__area", "unit")
    page = page_of(rows, NEWEST, cursor=request.GET.get("cursor", ""), size=PAGE)
    dues = dict(
        Clock.objects.filter(
            petition__in=[row.petition_id for row in page.rows], policy__key="R_correct", state=Clock.State.RUNNING
        ).values_list("petition_id", "due_at")
    )
    context = {
        "page": page,
        "lines": [
            (row, remaining(dues[row.petition_id], at) if row.petition_id in dues else None) for row in page.rows
        ],
        "rate": seen.fix_rate(),
        "is_all": is_all,
        "here": f"{reverse('bad_ratings')}?all={int(is_all)}",
        "nav": "callbacks" if user.may("dispatch.call_back") else "unit_console",
        "now": at,
    }
    return render(request, "dispatch/bad_ratings.html", context)
