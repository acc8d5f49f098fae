"""Review, re-review and the end of the procedure as the API shows them: states and dates, never who investigates."""

from typing import Any

from dispatch.actions.review import STAGES
from dispatch.models import Clock
from gateway.reference import units
from petitions.models import Stage

REVIEW_COLUMNS = ("review_level", "hearing_since", "end_way", "ended_at", "delivered_at")
REVIEW_ROW_COLUMNS = (
    "id",
    "stage",
    "state",
    "asked_at",
    "is_in_time",
    "target_unit_id",
    "admitted_at",
    "outcome",
    "grounds",
    "opinion",
    "new_opinion",
    "term",
    "decided_at",
    "delivered_at",
)


def review_block(row: dict[str, Any]) -> dict[str, Any]:
    """How far the remedies of a petition are, from REVIEW_COLUMNS; one statement more once an opinion is delivered."""
    running = Clock.objects.filter(petition=row["id"], order=None, state="running", policy__key__in=list(STAGES))
    right = running.values_list("policy__key", "due_at").first() if row["delivered_at"] else None
    return {
        "level": row["review_level"],
        "right": {"stage": str(Stage(STAGES[right[0]])), "until": right[1]} if right else None,
        "hearing_since": row["hearing_since"],
        "end": {"way": row["end_way"], "at": row["ended_at"]} if row["end_way"] else None,
    }


def review(row: dict[str, Any]) -> dict[str, Any]:
    """One request, from REVIEW_ROW_COLUMNS."""
    shown = {name: row[name] for name in REVIEW_ROW_COLUMNS if name != "target_unit_id"}
    return {**shown, "organ": units().brief(row["target_unit_id"])}
