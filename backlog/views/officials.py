"""The officials who lead: what each has in hand, and the hand-over of all of it at once (新官理旧账)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from backlog.actions import handovers
from backlog.commanding import duties_done
from backlog.forms.command import HandOverAllForm
from backlog.models import (
    BacklogCase,
    CaseLink,
    CaseOfficial,
    Meeting,
    Milestone,
    ReceptionDay,
    SupervisionVisit,
    Task,
    TaskForce,
    Workgroup,
)
from backlog.states import OPEN_TASK_STATES, Duty, MeetingState, VisitState
from backlog.states.receptions import DayState
from dispatch.clocks import city_day
from dispatch.views.reading import permitted
from petitions.models import Recusal
from petitions.states import Refused

ROWS = 60


def without_leader(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Open cases nobody at work leads: nobody named, the account closed, or the official recused in the matter."""
    linked = CaseLink.objects.filter(case_id=OuterRef("pk")).values("petition_id")
    kept_out = Recusal.objects.in_force().filter(petition__in=linked, person_id=OuterRef("leader_id"))
    return rows.filter(is_open=True).filter(Q(leader=None) | Q(leader__is_active=False) | Exists(kept_out))


def mine_to_command(user: User) -> QuerySet[Any]:
    """The cases this person may name officials for."""
    return BacklogCase.objects.within(user, "backlog.command")


@require_GET
@never_cache
def officials(request: HttpRequest) -> HttpResponse:
    """Who leads how many cases, and the cases without a living lead official."""
    user = permitted(request, "backlog.command")
    cases = mine_to_command(user)
    parts = CaseOfficial.objects.filter(until=None, case__in=cases.filter(is_open=True).values("pk"))
    counted = parts.values("user").annotate(
        led=Count("pk", filter=Q(part=CaseOfficial.Part.LEAD)),
        helped=Count("pk", filter=Q(part=CaseOfficial.Part.ASSIST)),
    )
    numbers = {row["user"]: row for row in counted}
    waiting = handovers_waiting(numbers)
    tasks = dict(
        Task.objects.filter(owner__in=numbers, state__in=OPEN_TASK_STATES)
        .order_by()
        .values_list("owner")
        .annotate(n=Count("pk"))
    )
    duties = duties_done(numbers, city_day(timezone.now()))
    people = User.objects.filter(pk__in=numbers).select_related("unit").order_by("is_active", "unit__code", "name")
    orphans = without_leader(cases).select_related("district", "leader", "lead_unit").order_by("since", "pk")
    context = {
        "rows": [
            {
                "person": person,
                "led": numbers[person.pk]["led"],
                "helped": numbers[person.pk]["helped"],
                "tasks": tasks.get(person.pk, 0),
                "waiting": waiting.get(person.pk, 0),
                "duties": duties.get(person.pk, 0),
                "owed": len(Duty) * numbers[person.pk]["led"],
            }
            for person in people
        ],
        "orphans": list(orphans[:ROWS]),
        "has_more": orphans.count() > ROWS,
        "nav": "backlog",
    }
    return render(request, "backlog/officials.html", context)


def handovers_waiting(officials: Any) -> dict[int, int]:
    """How many hand-overs each of these officials has not confirmed."""
    mine = CaseOfficial.objects.filter(until=None, case=OuterRef("case"), user=OuterRef("successor"))
    rows = CaseOfficial.objects.filter(Exists(mine), successor__in=officials, received_at=None).order_by()
    return dict(rows.values_list("successor").annotate(n=Count("pk")))


@dataclass(frozen=True)
class Post:
    """Something else that stands on the official's name and is changed in its own place."""

    label: str
    text: str
    url: str = ""


def other_posts(person: User, at: datetime) -> list[Post]:
    """What a hand-over of cases leaves on the name: reception days, meetings, visits, forces and workgroups led."""
    found: list[Post] = []
    ahead = [DayState.PLANNED, DayState.PUBLISHED]
    for day in ReceptionDay.objects.filter(official=person, state__in=ahead, ends_at__gte=at).order_by("starts_at")[
        :20
    ]:
        found.append(Post(_("Reception day"), f"{timezone.localtime(day.starts_at):%Y-%m-%d %H:%M} {day.place}"))
    running = [MeetingState.PLANNED, MeetingState.LIVE]
    for meeting in Meeting.objects.filter(Q(chair=person) | Q(secretary=person), state__in=running)[:20]:
        found.append(Post(_("Weekly dispatch"), meeting.number))
    open_visits = [VisitState.PLANNED, VisitState.VISITED]
    for visit in SupervisionVisit.objects.filter(leader=person, state__in=open_visits)[:20]:
        found.append(Post(_("Joint supervision"), visit.number))
    found += [Post(_("Task force"), str(force)) for force in TaskForce.objects.filter(leader=person)]
    found += [Post(_("Workgroup"), str(group)) for group in Workgroup.objects.filter(leader=person)]
    return found


def official_or_404(user: User, pk: int) -> tuple[User, list[CaseOfficial]]:
    """An official with a part in a case the person may command; else 404."""
    person = User.objects.filter(pk=pk).select_related("unit").first()
    if person is None:
        raise Http404
    rows = handovers.parts_of(person).filter(case__in=mine_to_command(user).values("pk"))
    parts = list(rows.select_related("case__district", "case__lead_unit").order_by("part", "case__since", "case_id"))
    if not parts and not CaseOfficial.objects.filter(user=person, case__in=mine_to_command(user).values("pk")).exists():
        raise Http404
    return person, parts


@require_http_methods(["GET", "POST"])
@never_cache
def official(request: HttpRequest, pk: int) -> HttpResponse:
    """All an official has in hand; hand it over to a successor, with a note for each case."""
    user, at = permitted(request, "backlog.command"), timezone.now()
    person, parts = official_or_404(user, pk)
    form = HandOverAllForm(request.POST or None, parts=parts)
    if request.method == "POST" and form.is_valid():
        done = _hand_over(form, person, user, at)
        if done is not None:
            words = ngettext(
                "%(n)d case has been handed over. The successor has been told and confirms it.",
                "%(n)d cases have been handed over. The successor has been told and confirms them.",
                len(done),
            )
            messages.success(request, words % {"n": len(done)})
            return go_to(request, "backlog_officials")
    context = {
        "person": person,
        "form": form,
        "lines": _lines(form, parts),
        "loose": list(_loose_tasks(person)),
        "posts": other_posts(person, at),
        "elsewhere": handovers.parts_of(person).count() - len(parts),
        "now": at,
        "nav": "backlog",
    }
    return render(request, "backlog/official.html", context, status=422 if form.errors else 200)


def _hand_over(form: HandOverAllForm, person: User, user: User, at: datetime) -> list[BacklogCase] | None:
    try:
        return handovers.hand_over_all(person, **form.arguments(), actor=user, at=at)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


def _loose_tasks(person: User) -> QuerySet[Task]:
    rows = Task.objects.filter(owner=person, case=None, state__in=OPEN_TASK_STATES)
    return rows.select_related("unit").order_by("due_on", "pk")


def _lines(form: HandOverAllForm, parts: Sequence[CaseOfficial]) -> list[dict[str, Any]]:
    """Each case with what would go over with it: tasks of the official, tasks to confirm, milestones ahead."""
    ids = [row.case_id for row in parts]
    people = {row.user_id for row in parts}
    is_open = Q(state__in=OPEN_TASK_STATES)
    tasks: dict[int, list[Task]] = {}
    for task in Task.objects.filter(is_open, case__in=ids, owner__in=people).order_by("due_on", "pk"):
        tasks.setdefault(task.case_id or 0, []).append(task)
    given = _count(Task.objects.filter(is_open, case__in=ids, assigned_by__in=people))
    stones: dict[int, Milestone] = {}
    for row in Milestone.objects.filter(case__in=ids, dropped_at=None, actual_on=None).order_by("-planned_on", "-pk"):
        stones[row.case_id] = row
    return [
        {
            "part": part,
            "case": part.case,
            "box": form.box(part.case_id),
            "note": form.note_of(part.case_id),
            "tasks": tasks.get(part.case_id, []),
            "given": given.get(part.case_id, 0),
            "next": stones.get(part.case_id),
        }
        for part in parts
    ]


def _count(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("case").annotate(n=Count("pk")))


@require_POST
def taken_over(request: HttpRequest) -> HttpResponse:
    """The successor confirms every hand-over that waits."""
    user = permitted(request, "backlog.lead")
    try:
        count = handovers.take_over_all(actor=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        words = ngettext("%(n)d hand-over is confirmed.", "%(n)d hand-overs are confirmed.", count)
        messages.success(request, words % {"n": count})
        forget_badges(user)
    return go_to(request, reverse("desk"))
