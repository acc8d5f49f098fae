"""What the API gives out of the backlog room, as plain dictionaries; shapes.py declares their shapes."""

from typing import Any

from django.conf import settings

from accounts.actors import Actor
from accounts.models import User
from backlog.models import BacklogCase, CaseOfficial, Milestone, Task
from gateway.reference import areas, units
from gateway.representations import number_of
from petitions.models import Petition

CASE_COLUMNS = (
    "id", "year", "serial", "version", "state", "is_open", "round", "title", "district_id", "force__key",
    "force__name", "lead_unit_id", "leader__name", "leader__title", "source", "since", "people", "times",
    "nominated_at", "listed_at", "target_on", "progressed_at", "applied_at", "settled_at", "way", "struck_off_at",
    "observe_until", "rebounded_at", "rebounds",
)  # fmt: skip
_SHAPED = {"year", "serial", "district_id", "lead_unit_id"}
ASSESSMENT_COLUMNS = (
    "demands", "facts", "legal_position", "sticking_point", "reasonableness", "plan", "agreement", "agreed_on",
    "performance", "performed_on", "outcome", "follow_up",
)  # fmt: skip
MILESTONE_COLUMNS = (
    "id", "version", "case_id", "case__year", "case__serial", "name", "position", "starts_on", "planned_on",
    "first_planned_on", "actual_on", "note", "dropped_at",
)  # fmt: skip
TASK_COLUMNS = (
    "id", "version", "case_id", "case__year", "case__serial", "origin", "state", "text", "unit_id", "owner__name",
    "due_on", "result", "assigned_at", "reported_at", "ended_at",
)  # fmt: skip


def case_number(year: int, serial: int) -> str:
    """The number on paper (see BacklogCase.number), from columns."""
    return f"{settings.NUMBER_PREFIX}积〔{year}〕{serial}号"


def _case_of(row: dict[str, Any]) -> dict[str, Any] | None:
    if row["case_id"] is None:
        return None
    return {"id": row["case_id"], "number": case_number(row["case__year"], row["case__serial"])}


def case(row: dict[str, Any]) -> dict[str, Any]:
    """A backlog case as lists show it, from CASE_COLUMNS."""
    shown = {name: row[name] for name in CASE_COLUMNS if "__" not in name and name not in _SHAPED}
    shown.update(
        number=case_number(row["year"], row["serial"]),
        district=areas().brief(row["district_id"]),
        force={"code": row["force__key"], "name": row["force__name"]} if row["force__key"] else None,
        lead_unit=units().brief(row["lead_unit_id"]),
        leader={"name": row["leader__name"], "post": row["leader__title"]} if row["leader__name"] else None,
    )
    return shown


def milestone(row: dict[str, Any]) -> dict[str, Any]:
    """A milestone, from MILESTONE_COLUMNS."""
    shown = {name: row[name] for name in MILESTONE_COLUMNS if not name.startswith("case")}
    return {**shown, "case": _case_of(row)}


def task(row: dict[str, Any]) -> dict[str, Any]:
    """A task, from TASK_COLUMNS."""
    shown = {name: row[name] for name in TASK_COLUMNS if not name.startswith("case") and name != "unit_id"}
    shown["owner"] = shown.pop("owner__name")
    return {**shown, "case": _case_of(row), "unit": units().brief(row["unit_id"])}


def detail(found: BacklogCase, row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """A whole file: what is written on it, who commands it, its plan, what was done; a dozen small statements."""
    linked = Petition.objects.visible_to(actor).filter(backlog_links__case=found).order_by("registered_at", "id")
    assessment = getattr(found, "assessment", None)
    tasks = Task.objects.visible_to(actor).filter(case=found).order_by("due_on", "id")
    milestones = Milestone.objects.filter(case=found, dropped_at=None)
    return {
        **case(row),
        "reason": found.reason,
        "hits": found.hits,
        "progress": found.progress,
        "petitions": [
            {"id": pk, "number": number_of(year, serial)}
            for pk, year, serial in linked.values_list("pk", "year", "serial")
        ],
        "assisting": [units().brief(pk) for pk in found.assisting.order_by("id").values_list("pk", flat=True)],
        "assessment": {name: getattr(assessment, name) for name in ASSESSMENT_COLUMNS} if assessment else None,
        "officials": [_official(part) for part in found.officials.select_related("user").order_by("id")],
        "duties": [
            {"duty": row.duty, "done_on": row.done_on, "evidence": row.evidence, "official": row.official.name}
            for row in found.duties.select_related("official").order_by("done_on", "id")
        ],
        "renewals": list(found.renewals.order_by("round", "stage").values("round", "stage", "done_on", "text")),
        "milestones": [milestone(item) for item in milestones.values(*MILESTONE_COLUMNS)],
        "tasks": [task(item) for item in tasks.values(*TASK_COLUMNS)],
        "acceptance": list(found.acceptance.order_by("id").values("round", "kind", "is_passed", "text", "facts", "at")),
    }


def _official(part: CaseOfficial) -> dict[str, Any]:
    who: User = part.user
    return {"name": who.name, "post": who.title, "part": part.part, "since": part.since, "until": part.until}
