"""What the tabs "command" and "renewals" show, without their templates."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backlog.acceptance_words import facts_of
from backlog.actions import acceptance, handovers, renewals, watching
from backlog.models import BacklogCase, CaseOfficial, DutyRecord, Renewal
from backlog.states import CASE_MOVES, CaseState, Duty, Stage
from backlog.steps import CASE_STEPS
from backlog.tabs import FileTab, register_tab
from dispatch.clocks import city_day
from dispatch.views.row_steps import options
from petitions.models import Hearing, Petition, ReviewRequest


@dataclass
class DutyLine:
    """One of the five duties: what was recorded, this month and before."""

    duty: Duty
    rows: list[DutyRecord] = field(default_factory=list)
    this_month: int = 0

    @property
    def last(self) -> DutyRecord | None:
        return self.rows[-1] if self.rows else None


def duties_done(officials: Iterable[int], today: date) -> dict[int, int]:
    """How many of the five duties each of these officials has on record this month, over all cases they lead."""
    rows = DutyRecord.objects.filter(
        official__in=officials,
        case__leader=F("official"),
        case__is_open=True,
        done_on__year=today.year,
        done_on__month=today.month,
    ).order_by()
    pairs = rows.values_list("official", "case", "duty").distinct()
    return Counter(official for official, _case, _duty in pairs)


def duties_owed(user: User, today: date) -> tuple[int, int]:
    """(on record this month, owed): five on each open case the person leads."""
    led = BacklogCase.objects.filter(leader=user, is_open=True).count()
    return (duties_done([user.pk], today).get(user.pk, 0), len(Duty) * led) if led else (0, 0)


def duty_lines(case: BacklogCase, today: date) -> list[DutyLine]:
    """The five duties in their order. `today` is a day of the city."""
    lines = {duty: DutyLine(Duty(duty)) for duty in Duty.values}
    for row in case.duties.select_related("official", "document"):
        line = lines[row.duty]
        line.rows.append(row)
        line.this_month += (row.done_on.year, row.done_on.month) == (today.year, today.month)
    return list(lines.values())


@dataclass(frozen=True)
class StageLine:
    """One of the five renewals in this round: finished, next, or not yet its turn."""

    stage: Stage
    row: Renewal | None
    is_next: bool
    lacking: list[str]


def stage_lines(case: BacklogCase) -> list[StageLine]:
    """The five renewals of this round in their order."""
    done = {row.stage: row for row in renewals.done_stages(case)}
    following = next((stage for stage in Stage.values if stage not in done), None)
    at_work = case.state in CASE_MOVES["renew"].sources
    return [
        StageLine(
            Stage(stage),
            done.get(stage),
            stage == following,
            renewals.lacking(case, stage) if stage == following and at_work else [],
        )
        for stage in Stage.values
    ]


def steps_of(user: User, case: BacklogCase, *names: str) -> list[Any]:
    """The steps of these names the person may take now, in this order."""
    wanted = {name: CASE_STEPS[name] for name in names if name in CASE_STEPS}
    return options(user, case, wanted, CASE_MOVES)


def _command(_request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    today = city_day(timezone.now())
    rows = list(case.officials.select_related("user__unit", "successor").order_by("-id"))
    lines = duty_lines(case, today)
    waiting = handovers.waiting_for(user).filter(case=case).select_related("user").first()
    steps = steps_of(user, case, "lead", "instruct", "duty", "assist", "hand_over", "task")
    return {
        "case": case,
        "lead_row": next((r for r in rows if r.until is None and r.part == CaseOfficial.Part.LEAD), None),
        "assist_rows": [r for r in rows if r.until is None and r.part == CaseOfficial.Part.ASSIST],
        "past_rows": [r for r in rows if r.until is not None],
        "duties": lines,
        "missing": [line.duty.label for line in lines if not line.this_month],
        "is_due": case.is_stock and case.leader_id is not None,
        "instructions": list(
            case.instructions.select_related("official").prefetch_related("tasks__unit", "tasks__owner")
        ),
        "waiting": waiting,
        "steps": steps,
    }


# ---- renewals and acceptance ----


@dataclass(frozen=True)
class Remedies:
    """Review and hearing of one linked petition, and where they can be asked for."""

    petition: Petition
    review: ReviewRequest | None
    hearing: Hearing | None
    may_review: bool


def remedies_of(case: BacklogCase, user: User) -> list[Remedies]:
    """The linked petitions the person reads, each with its last review and hearing."""
    rows = list(Petition.objects.visible_to(user).filter(backlog_links__case=case).order_by("pk")[:20])
    ids = [p.pk for p in rows]
    reviews = {r.petition_id: r for r in ReviewRequest.objects.visible_to(user).filter(petition__in=ids).order_by("id")}
    heard = {h.petition_id: h for h in Hearing.objects.visible_to(user).filter(petition__in=ids).order_by("id")}
    may = set(Petition.objects.within(user, "petitions.ask_review").filter(pk__in=ids).values_list("pk", flat=True))
    return [Remedies(p, reviews.get(p.pk), heard.get(p.pk), p.pk in may) for p in rows]


def _renewals(_request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    at = timezone.now()
    steps = case.acceptance.select_related("by", "document").order_by("-id")
    raised = [row.data["petition"] for row in watching.proposals(case)]
    seen = Petition.objects.visible_to(user).filter(pk__in=raised)
    names = (
        "apply",
        "sign",
        "check",
        "certify",
        "send_back",
        "strike_off",
        "observe",
        "relist",
        "rebound",
        "end_legally",
    )
    return {
        "case": case,
        "stages": stage_lines(case),
        "stage_count": len(renewals.done_stages(case)),
        "past_rounds": list(case.renewals.exclude(round=case.round).select_related("by", "document")),
        "renew_steps": steps_of(user, case, "renew"),
        "accept_steps": [step for step in steps_of(user, case, *names) if not (raised and step.name == "rebound")],
        "gaps": acceptance.file_gaps(case) if case.state == CaseState.WORKING else [],
        "acceptance": [(row, facts_of(row)) for row in steps],
        "remedies": remedies_of(case, user),
        "hear_steps": steps_of(user, case, "hear"),
        "raised": list(seen),
        "raised_hidden": len(raised) - len(seen),
        "raised_steps": steps_of(user, case, "rebound", "no_rebound") if raised else [],
        "days_left": _days_left(case, at),
    }


def _days_left(case: BacklogCase, at: datetime) -> int | None:
    """How many days the observation still has; None when none runs."""
    if case.state != CaseState.STRUCK_OFF or case.observed_at is not None or case.observe_until is None:
        return None
    return max((case.observe_until - city_day(at)) // timedelta(days=1), 0)


register_tab(FileTab("command", _("Command"), "backlog/tab_command.html", _command, place=30))
register_tab(FileTab("renewals", _("Renewals and acceptance"), "backlog/tab_renewals.html", _renewals, place=40))
