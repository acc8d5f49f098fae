"""The answers of a step of acceptance in words, for the file and for whoever takes the next step."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backlog.actions import acceptance
from backlog.models import AcceptanceStep, BacklogCase
from backlog.states import SettlementWay


def facts_of(row: AcceptanceStep) -> list[tuple[Any, str]]:
    """The answers of a step in words."""
    return [(label, text) for name, (label, words) in FACTS.items() if (text := words(row.facts.get(name)))]


def _plain(value: Any) -> str:
    return str(value) if value not in (None, "") else ""


def _choice(choices: Any) -> Any:
    return lambda value: str(choices(value).label) if value in choices.values else ""


FACTS: dict[str, tuple[Any, Any]] = {
    "way": (_("Way of settlement"), _choice(SettlementWay)),
    "facts_clear": (_("(a) Facts, opinion, demands"), _plain),
    "basis": (_("(b) Rests on"), _choice(acceptance.Basis)),
    "basis_evidence": (_("What shows it"), _plain),
    "help": (_("(c) Help"), _choice(acceptance.Help)),
    "help_evidence": (_("Which, or why not"), _plain),
    "informed_on": (_("(d) Informed on"), _plain),
    "called": (_("Callback"), _choice(acceptance.Called)),
    "said": (_("What came of the call"), _plain),
    "rating": (_("The person's rating"), _plain),
    "sample": (_("How the city has looked"), _choice(acceptance.Sample)),
}


def so_far(case: BacklogCase) -> list[tuple[AcceptanceStep, list[tuple[Any, str]]]]:
    """What this round's steps have found, the latest first."""
    rows = case.acceptance.filter(round=case.round).select_related("by", "document").order_by("-id")
    return [(row, facts_of(row)) for row in rows]
