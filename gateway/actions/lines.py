"""The writers of the merged lines. Each change is a version with its person, and holds for the next message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Unit, User
from gateway.models import LegacyLine
from petitions.states import Refused

NUMBER = re.compile(r"\d[\d-]{1,10}\d")


@dataclass(frozen=True)
class LineData:
    """What a line is to say; without a unit it hints at nobody."""

    name: str
    department: str
    unit: Unit | None = None


def _require(actor: User) -> None:
    if not actor.may("gateway.channels"):
        raise Refused(_("The merged lines are kept by who keeps the mappings."), code="forbidden")


def _lock(line_id: int) -> LegacyLine:
    return LegacyLine.objects.select_for_update().get(pk=line_id)


def _write(line: LegacyLine, *, actor: User, at: datetime) -> LegacyLine:
    """Save the line as a version of its own."""
    line._history_user, line._history_date = actor, at  # type: ignore[attr-defined]
    line.save()
    return line


def add_line(number: str, data: LineData, *, actor: User, at: datetime) -> LegacyLine:
    """A further line, confirmed by who adds it. Raises Refused for a number that is none, or is there already."""
    _require(actor)
    if not NUMBER.fullmatch(number):
        raise Refused(_("Give the number as it is dialled: 3 to 12 digits, hyphens between them."), field="number")
    line = LegacyLine(number=number, is_proposal=False)
    try:
        with transaction.atomic():
            return _change(line, data, actor=actor, at=at)
    except IntegrityError:
        words = _("There is a line of this number already. Search for it, retired ones too.")
        raise Refused(words, field="number", code="number_taken") from None


def _change(line: LegacyLine, data: LineData, **by: Any) -> LegacyLine:
    line.name, line.department, line.unit = data.name, data.department, data.unit
    return _write(line, **by)


@transaction.atomic
def change_line(line_id: int, data: LineData, *, actor: User, at: datetime) -> LegacyLine:
    """Change what a line says; a proposal is confirmed by that. Its number stays: messages and mappings name it."""
    _require(actor)
    line = _lock(line_id)
    line.is_proposal = False
    return _change(line, data, actor=actor, at=at)


@transaction.atomic
def confirm_lines(line_ids: Sequence[int], *, actor: User, at: datetime) -> int:
    """Somebody here has compared these lines with the office's own list. Returns how many were proposals."""
    _require(actor)
    rows = LegacyLine.objects.select_for_update().filter(pk__in=line_ids, is_proposal=True).order_by("pk")
    for line in rows:
        line.is_proposal = False
        _write(line, actor=actor, at=at)
    return len(rows)


@transaction.atomic
def use_line(line_id: int, *, is_active: bool, actor: User, at: datetime) -> LegacyLine:
    """Retire a line, or take it into use again; what came in by it keeps it."""
    _require(actor)
    line = _lock(line_id)
    if line.is_active != is_active:
        line.is_active = is_active
        _write(line, actor=actor, at=at)
    return line
