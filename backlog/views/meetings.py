"""The weekly dispatch: what is next, what has been, planning, and the page of one meeting before, in and after it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.responses import go_to
from backlog import agenda
from backlog.actions import meetings as actions
from backlog.actions import weights
from backlog.counts import Span
from backlog.forms.meetings import PlanForm, WeightsForm, a_week_after, task_rows
from backlog.models import AgendaItem, BacklogCase, Meeting, Task
from backlog.reception_calendar import span_of
from backlog.score import parts_of, scores
from backlog.states import ITEM_OUTCOMES, MEETING_MOVES, SETTLED_STATES, ItemOutcome, MeetingState
from backlog.steps.meetings import MEETING_STEPS
from dispatch.clocks import city_day
from dispatch.views.reading import permitted, reader
from dispatch.views.row_steps import options, take
from petitions.paging import Order, page_of
from petitions.states import Refused

SIZE = 20
NEAR = 6
FEW_TASKS = 12
BY_DAY = Order("starts_at", is_descending=True)


def meeting_or_404(user: User, pk: int) -> Meeting:
    """The meeting if this person may read it; out of scope is 404."""
    rows = Meeting.objects.visible_to(user).select_related("area", "chair__unit", "secretary__unit")
    found: Meeting = get_object_or_404(rows, pk=pk)
    return found


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of this part of the rail."""
    return render(request, f"backlog/{template}", {"nav": "meetings", **context}, status=status)


# ---- all meetings ----


@require_GET
@never_cache
def meetings(request: HttpRequest) -> HttpResponse:
    """Next and past meetings, with the counters of a year."""
    user, at = permitted(request, "backlog.view_meetings"), timezone.now()
    known = agenda.years(user)
    year = _year(request, city_day(at).year)
    rows = agenda.with_counts(Meeting.objects.visible_to(user))
    coming = rows.filter(state__in=[MeetingState.PLANNED, MeetingState.LIVE]).order_by("starts_at", "id")[:NEAR]
    past = rows.filter(_narrowed(request, year), state__in=[MeetingState.CLOSED, MeetingState.CALLED_OFF])
    context = {
        "coming": list(coming),
        "page": page_of(past, BY_DAY, cursor=request.GET.get("cursor", ""), size=SIZE),
        "figures": agenda.figures(user, year),
        "year": year,
        "years": sorted({*known, city_day(at).year}, reverse=True),
        "may_plan": user.may("backlog.run_meeting"),
        "may_weigh": user.may("backlog.score"),
        "here": f"{reverse('meetings')}?year={year}",
        "now": at,
    }
    return page(request, "meetings.html", context)


def _narrowed(request: HttpRequest, year: int) -> Q:
    """The days and the district (its code) a figure of the wall asks for; a year where the address names no days."""
    district = request.GET.get("district", "")
    found = Q(area__code=district) if district else Q()
    if "since" not in request.GET:
        return found & Q(year=year)
    first, last = span_of(request.GET, date(year, 1, 1))
    return found & Span.days(first, last).of("starts_at")


def _year(request: HttpRequest, default: int) -> int:
    value = request.GET.get("year", "")
    return int(value) if value.isdecimal() and len(value) == 4 else default


@require_GET
@never_cache
def meeting_cases(request: HttpRequest) -> HttpResponse:
    """The cases discussed in a year, all or those settled since: the rows behind the counters."""
    user, at = permitted(request, "backlog.view_meetings"), timezone.now()
    year = _year(request, city_day(at).year)
    is_settled = request.GET.get("settled") == "1"
    held = Meeting.objects.visible_to(user).filter(year=year, state=MeetingState.CLOSED)
    items = AgendaItem.objects.filter(meeting__in=held.values("pk"), outcome__in=ITEM_OUTCOMES)
    rows = BacklogCase.objects.visible_to(user).filter(pk__in=items.values("case_id"))
    if is_settled:
        rows = rows.filter(state__in=SETTLED_STATES)
    found = page_of(
        rows.select_related("district", "lead_unit", "leader"),
        Order("nominated_at", is_descending=True),
        cursor=request.GET.get("cursor", ""),
        size=SIZE,
    )
    last: dict[int, AgendaItem] = {}
    for item in items.filter(case__in=[row.pk for row in found.rows]).select_related("meeting__area").order_by("pk"):
        last[item.case_id] = item
    context = {
        "page": found,
        "rows": [(row, last.get(row.pk)) for row in found.rows],
        "year": year,
        "is_settled": is_settled,
        "here": f"{reverse('meeting_cases')}?year={year}{'&settled=1' if is_settled else ''}",
        "now": at,
    }
    return page(request, "meeting_cases.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def meeting_new(request: HttpRequest) -> HttpResponse:
    """Plan a meeting: next Wednesday, nine o'clock, unless told otherwise."""
    user, at = permitted(request, "backlog.run_meeting"), timezone.now()
    form = PlanForm(request.POST or None, user=user, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan(**form.arguments(), actor=user, at=at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Planned, with a proposed agenda. Look it through, then send the invitations."))
            return go_to(request, "meeting", pk=made.pk)
    context = {
        "form": form,
        "title": _("Plan a weekly dispatch"),
        "submit": _("Plan and propose the agenda"),
        "cancel_url": reverse("meetings"),
    }
    return page(request, "meeting_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def meeting_score(request: HttpRequest) -> HttpResponse:
    """How hardness is counted: every term with its weight, changed by who may."""
    user, at = permitted(request, "backlog.view_meetings"), timezone.now()
    may_weigh = user.may("backlog.score")
    form = WeightsForm(request.POST or None)
    if request.method == "POST":
        if not may_weigh:
            raise PermissionDenied
        if form.is_valid():
            weights.set_weights(form.arguments(), actor=user, at=at)
            messages.success(request, _("Saved. Agendas proposed from now on use these weights."))
            return go_to(request, "meeting_score")
    context = {
        "form": form,
        "may_weigh": may_weigh,
        "most": sum(term.cap for term in form.terms),
        "hardest": _with_cases(user, scores(_open_cases(user), at=at, limit=5)),
    }
    return page(request, "meeting_score.html", context, status=422 if form.errors else 200)


def _open_cases(user: User) -> Any:
    return BacklogCase.objects.visible_to(user).filter(is_open=True)


def _with_cases(user: User, rows: list[Any]) -> list[tuple[BacklogCase, Any]]:
    found = BacklogCase.objects.select_related("district", "lead_unit", "leader").in_bulk([r.case_id for r in rows])
    return [(found[row.case_id], row) for row in rows]


# ---- one meeting ----


@require_GET
@never_cache
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: its preparation, its session or its minutes, by its state."""
    user, at = reader(request), timezone.now()
    row = meeting_or_404(user, pk)
    return page(request, f"meeting_{_shape(row, user)}.html", context_of(request, user, row, at))


def _shape(row: Meeting, user: User) -> str:
    if row.state == MeetingState.LIVE and actions.may_run(row, user):
        return "live"
    return "closed" if row.state in {MeetingState.CLOSED, MeetingState.LIVE} else "planned"


def context_of(request: HttpRequest, user: User, row: Meeting, at: Any, **more: Any) -> dict[str, Any]:
    """What the page of a meeting shows, whichever its state."""
    steps = options(user, row, MEETING_STEPS, MEETING_MOVES)
    items = list(agenda.items_for(row, user))
    tasks = _tasks_of(items)
    may_run = actions.may_run(row, user)
    context: dict[str, Any] = {
        "row": row,
        "steps": [step for step in steps if not step.is_rare],
        "rare": [step for step in steps if step.is_rare],
        "items": items,
        "lines": [{"item": i, "parts": parts_of(i.terms), "tasks": tasks.get(i.pk, [])} for i in items],
        "hidden": row.items.count() - len(items),
        "sites": list(row.sites.select_related("unit")),
        "may_run": may_run,
        "sees_all": agenda.sees_all(row, user),
        "now": at,
        "today": city_day(at),
    }
    if row.state == MeetingState.PLANNED:
        context |= _preparation(user, row, at, may_run)
    elif row.state == MeetingState.LIVE and may_run:
        context |= session(request, row, items, at)
    else:
        context["additions"] = list(row.events.filter(move="amend"))
        context["ends"] = row.events.filter(move="call_off").first()
    return {**context, **more}


def _tasks_of(items: list[AgendaItem]) -> dict[int, list[Task]]:
    found: dict[int, list[Task]] = {}
    rows = Task.objects.filter(item__in=[item.pk for item in items]).exclude(state="dropped")
    for task in rows.select_related("unit", "owner").order_by("pk"):
        found.setdefault(task.item_id or 0, []).append(task)
    return found


def _preparation(user: User, row: Meeting, at: Any, may_run: bool) -> dict[str, Any]:
    """Before the meeting: what is left of earlier ones, the next hardest, what a site can be."""
    follow = agenda.follow_up_tasks(row.area_id, row.starts_at).filter(case__in=_seen(user, row))
    found = list(follow[:100])
    context: dict[str, Any] = {
        "follow": found[:FEW_TASKS],
        "follow_rest": found[FEW_TASKS:],
        "follow_count": len(found),
        "last": agenda.last_meeting(row.area_id, row.starts_at),
    }
    if may_run:
        there = row.items.values("case_id")
        cases = agenda.candidates(row, Actor.of(user)).exclude(pk__in=there)
        context["next_hardest"] = _with_cases(user, scores(cases, at=at, limit=5))
        context["site_names"] = site_names(row)
    return context


def _seen(user: User, row: Meeting) -> Any:
    return BacklogCase.objects.visible_to(user).values("pk")


def site_names(row: Meeting) -> list[str]:
    """What the box for another site proposes: the petition offices and the units of the cases."""
    units = Unit.objects.filter(kind=Unit.Kind.PETITION_OFFICE, is_active=True)
    names = list(units.order_by("code").values_list("name", flat=True)[:30])
    names += row.items.filter(case__lead_unit__isnull=False).values_list("case__lead_unit__name", flat=True)
    return list(dict.fromkeys(names))


def session(request: HttpRequest, row: Meeting, items: list[AgendaItem], at: Any) -> dict[str, Any]:
    """In session: the case before the meeting, its earlier decisions, the form of its decision."""
    wanted = request.GET.get("item", "")
    current = next((item for item in items if str(item.pk) == wanted), None)
    if current is None:
        current = next((item for item in items if item.outcome == ItemOutcome.WAITING), None)
    done = sum(item.outcome != ItemOutcome.WAITING for item in items)
    return {"done": done, "left": len(items) - done, **(before_the_meeting(row, current, at) if current else {})}


def before_the_meeting(row: Meeting, current: AgendaItem, at: Any) -> dict[str, Any]:
    """One case as the session needs it."""
    case = BacklogCase.objects.select_related(
        "district", "lead_unit", "leader__unit", "force", "assessment", "petition"
    ).get(pk=current.case_id)
    earlier = case.agenda_items.exclude(meeting=row.pk).filter(meeting__state=MeetingState.CLOSED)
    last = list(earlier.select_related("meeting__area").order_by("-meeting__starts_at")[:3])
    by_item = _tasks_of(last)
    units = [case.lead_unit, *case.assisting.all(), *(site.unit for site in row.sites.select_related("unit"))]
    people = User.objects.filter(unit__in=[u.pk for u in units if u], is_active=True)
    return {
        "current": current,
        "case": case,
        "assessment": getattr(case, "assessment", None),
        "parts": parts_of(current.terms),
        "earlier": [(item, by_item.get(item.pk, [])) for item in last],
        "milestones": [(mark, mark.is_missed(city_day(at))) for mark in case.milestones.filter(dropped_at=None)],
        "given": Task.objects.filter(item=current).exclude(state="dropped").select_related("unit", "owner"),
        "rows": task_rows(unit=case.lead_unit.name if case.lead_unit else "", due_on=a_week_after(row, at)),
        "unit_names": list(dict.fromkeys(unit.name for unit in units if unit is not None)),
        "person_names": list(dict.fromkeys(people.order_by("unit__code", "name").values_list("name", flat=True)[:200])),
    }


@require_http_methods(["GET", "POST"])
@never_cache
def meeting_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A step of a meeting: its form, and what the form sends."""
    user = reader(request)
    row = meeting_or_404(user, pk)
    return take(
        request, user, row, name, steps=MEETING_STEPS, moves=MEETING_MOVES, back=reverse("meeting", args=[pk]),
        context={"nav": "meetings", "items": list(agenda.items_for(row, user)), "sites": row.sites.count()},
    )  # fmt: skip
