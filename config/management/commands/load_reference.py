"""`manage.py load_reference`: fill an empty office with its areas, units, people, classes, catalogue and rules.

Safe to run at every start: a step whose data this database has already been given is skipped, and no step ever changes
a row that exists, because an operator may have edited it (see accounts/actions.py).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.actions import create_cast, load_areas, load_once, load_staff, load_units
from accounts.actors import Actor
from accounts.demo import cast
from backlog.reference.entry import load_entry_rules
from backlog.reference.forces import load_forces
from dispatch.actions.findings import load_thresholds
from dispatch.actions.recompute import carry_over
from dispatch.actions.rules import load_days, load_policies
from dispatch.policies import POLICIES
from dispatch.reference.load import load_catalogue
from dispatch.supervision import THRESHOLDS
from gateway.actions import create_sandbox
from gateway.actions.webhooks import load_kinds
from gateway.channels.load import load_lines, load_mappings
from gateway.demo import Sandbox
from petitions.reference.load import load_classes
from petitions.reference.steps import load_steps

# Deadlines reach ninety days and more ahead, so the calendar must always hold the next years as well.
_YEARS_AHEAD = 3


def _load_calendar(*, at: datetime) -> int | None:
    """The working calendar up to the end of the third year from now."""
    until = at.year + _YEARS_AHEAD
    return load_once("calendar", [until], lambda: load_days(until_year=until), at=at)


def _load_policies(*, at: datetime) -> int | None:
    made = load_once("policies", POLICIES, lambda: load_policies(at=at), at=at)
    # Clocks in flight follow a new release's rules in the background; in an empty office there are none.
    carry_over(at=at, actor=Actor.system("release"), reason="release")
    return made


def _load_thresholds(*, at: datetime) -> int | None:
    return load_once("thresholds", sorted(THRESHOLDS), load_thresholds, at=at)


def _load_cast(*, at: datetime) -> int | None:
    return load_once("cast", cast(), lambda: create_cast(at=at), at=at)


def _load_sandbox(*, at: datetime) -> int | None:
    sandbox = Sandbox()
    return load_once("sandbox", [sandbox], lambda: create_sandbox(sandbox, at=at), at=at)


class Command(BaseCommand):
    help = "Create the reference data that are missing; never changes a row that exists."

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        for name, step in self.steps():
            created = step(at=at)
            if options["verbosity"]:
                self.stdout.write(f"{name:<20} {'unchanged' if created is None else f'{created} created'}")

    def steps(self) -> list[tuple[str, Callable[..., int | None]]]:
        """Name and loader, each after what it rests on."""
        steps: list[tuple[str, Callable[..., int | None]]] = [
            ("areas", load_areas),
            ("units", load_units),
            ("staff", load_staff),
            ("content classes", load_classes),
            ("dispatch catalogue", load_catalogue),
            ("working calendar", _load_calendar),
            ("deadline policies", _load_policies),
            ("thresholds", _load_thresholds),
            ("checklists", load_steps),
            ("task forces", load_forces),
            ("entry criteria", load_entry_rules),
            ("merged lines", load_lines),
            ("channel mappings", load_mappings),
            ("webhook kinds", load_kinds),
        ]
        return [*steps, ("demo cast", _load_cast), ("sandbox", _load_sandbox)] if settings.DEMO else steps
