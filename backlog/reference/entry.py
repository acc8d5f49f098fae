"""The entry criteria an office starts with (domain-facts §3.1): proposals it changes on the page. Loaded once."""

from datetime import datetime
from typing import Any

from accounts.actions import load_once
from backlog.entry import CRITERIA
from backlog.models import EntryRule


def load_entry_rules(*, at: datetime) -> int | None:
    """One rule of each kind; the number created, or None when nothing was to be done."""
    rows = [(row.kind, row.threshold, row.is_active) for row in CRITERIA.values()]
    return load_once("entry_rules", rows, lambda: _create(at), at=at)


def _create(at: datetime) -> int:
    known = set(EntryRule.objects.values_list("kind", flat=True))
    made = 0
    for row in CRITERIA.values():
        if row.kind not in known:
            rule: Any = EntryRule(kind=row.kind, threshold=row.threshold, is_active=row.is_active)
            rule._history_date = at
            rule.save()
            made += 1
    return made
