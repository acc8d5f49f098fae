"""Entry criteria of the backlog (domain-facts §3.1) as data: what each counts, whom it hits, in which words.

No source defines when a petition becomes a long-standing case, so the office sets the thresholds. Every criterion looks
at open petitions only: a matter that is settled is raised again as a new petition, and that one is looked at.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backlog.actions.matter import is_free
from backlog.models import BacklogCase, CaseEvent, CaseLink, EntryRule
from backlog.states import CaseState
from backlog.words import months_between
from dispatch.clocks import city_day
from petitions.models import Channel, Petition

Kind = EntryRule.Kind
# After a refusal the rules leave a matter alone for so long, unless one hits that did not then.
QUIET = timedelta(days=365)
Hits = dict[int, list[dict[str, Any]]]

# From an open petition upwards through what it repeats: how many tellings came after one that had been reviewed.
_AFTER_REVIEW = """
WITH RECURSIVE up AS (
    SELECT p.id AS open_id, p.repeat_of_id AS next_id, 1 AS after
    FROM petitions_petition p WHERE p.is_open AND p.repeat_of_id IS NOT NULL AND NOT p.is_restricted
    UNION ALL
    SELECT up.open_id, q.repeat_of_id, up.after + 1
    FROM up JOIN petitions_petition q ON q.id = up.next_id WHERE up.after < 100
)
SELECT up.open_id, max(up.after) FROM up JOIN petitions_petition r ON r.id = up.next_id
WHERE r.review_level >= 1 GROUP BY up.open_id HAVING max(up.after) >= %s
"""


@dataclass(frozen=True)
class Criterion:
    """One kind of criterion: whom it hits (petition and counted value), and how a hit reads."""

    kind: str
    find: Callable[[QuerySet[Petition], int, datetime], Iterable[tuple[int, int]]]
    words: Callable[[int, int], str]
    # What an office starts with.
    threshold: int
    is_active: bool = True
    lowest: int = 1


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; the last of the month where that one is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(f"{months} months before {day}")


def _older(rows: QuerySet[Petition], months: int, at: datetime) -> list[tuple[int, int]]:
    today = city_day(at)
    found = rows.filter(petition_date__lte=months_before(today, months)).values_list("pk", "petition_date")
    return [(pk, months_between(day, today)) for pk, day in found]


def _from_above(rows: QuerySet[Petition], months: int, at: datetime) -> list[tuple[int, int]]:
    return _older(rows.filter(channel=Channel.SUPERIOR), months, at)


def _repeated(rows: QuerySet[Petition], times: int, at: datetime) -> Any:
    return rows.filter(recurrence__gte=times).values_list("pk", "recurrence")


def _grouped(rows: QuerySet[Petition], people: int, at: datetime) -> Any:
    return rows.filter(headcount__gte=people).values_list("pk", "headcount")


def _late(rows: QuerySet[Petition], days: int, at: datetime) -> list[tuple[int, int]]:
    found = rows.filter(next_due_at__lte=at - timedelta(days=days)).values_list("pk", "next_due_at")
    return [(pk, (at - due).days) for pk, due in found]


def _after_review(rows: QuerySet[Petition], times: int, at: datetime) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_AFTER_REVIEW, [times])
        counted = dict(cursor.fetchall())
    return [(pk, counted[pk]) for pk in rows.filter(pk__in=list(counted)).values_list("pk", flat=True)]


CRITERIA: dict[str, Criterion] = {
    row.kind: row
    for row in (
        Criterion(
            Kind.AGE,
            _older,
            lambda n, limit: _("open for %(n)d months, threshold %(limit)d") % {"n": n, "limit": limit},
            24,
        ),
        Criterion(
            Kind.REPEATS,
            _repeated,
            lambda n, limit: _("raised %(n)d times, threshold %(limit)d") % {"n": n, "limit": limit},
            3,
            lowest=2,
        ),
        Criterion(
            Kind.AFTER_REVIEW,
            _after_review,
            lambda n, limit: (
                ngettext(
                    "raised again %(n)d time after a review, threshold %(limit)d",
                    "raised again %(n)d times after a review, threshold %(limit)d",
                    n,
                )
                % {"n": n, "limit": limit}
            ),
            1,
        ),
        Criterion(
            Kind.SUPERIOR,
            _from_above,
            lambda n, limit: (
                _("assigned from above and open for %(n)d months, threshold %(limit)d") % {"n": n, "limit": limit}
            ),
            6,
        ),
        Criterion(
            Kind.GROUP,
            _grouped,
            lambda n, limit: _("%(n)d people, threshold %(limit)d") % {"n": n, "limit": limit},
            50,
            is_active=False,
            lowest=5,
        ),
        Criterion(
            Kind.OVERDUE,
            _late,
            lambda n, limit: _("overdue for %(n)d days, threshold %(limit)d") % {"n": n, "limit": limit},
            90,
        ),
    )
}


def sentences(hits: Sequence[dict[str, Any]]) -> list[str]:
    """Hits in words: "open for 31 months, threshold 24"."""
    known = [hit for hit in hits if hit.get("rule") in CRITERIA]
    return [CRITERIA[hit["rule"]].words(hit["value"], hit["threshold"]) for hit in known]


def fit() -> QuerySet[Petition]:
    """Petitions a criterion may hit at all: open, no accusation, merged into none, on no living file."""
    return Petition.objects.filter(is_free(), is_open=True, is_restricted=False, merged_into=None).order_by()


def hits_among(rows: QuerySet[Petition], at: datetime, rules: Sequence[EntryRule] | None = None) -> Hits:
    """What the criteria in force say of these petitions: hits by petition, one statement a criterion."""
    found: Hits = {}
    for rule in EntryRule.objects.filter(is_active=True) if rules is None else rules:
        for pk, value in CRITERIA[rule.kind].find(rows, rule.threshold, at):
            found.setdefault(pk, []).append({"rule": rule.kind, "value": value, "threshold": rule.threshold})
    return found


def candidates(at: datetime) -> Hits:
    """Petitions the criteria propose now. One that was refused within a year comes again only for a new reason."""
    found = hits_among(fit(), at)
    if not found:
        return found
    old = _refused(list(found), at)
    return {pk: hits for pk, hits in found.items() if pk not in old or not {hit["rule"] for hit in hits} <= old[pk]}


def _refused(petition_ids: Sequence[int], at: datetime) -> dict[int, set[str]]:
    """Criteria that were known when a file of the petition was refused, within a year."""
    lately = CaseEvent.objects.filter(move="decline", at__gt=at - QUIET).values("case_id")
    cases = BacklogCase.objects.filter(state=CaseState.DECLINED, pk__in=lately)
    links = CaseLink.objects.filter(case__in=cases, petition__in=petition_ids)
    found: dict[int, set[str]] = {}
    for pk, hits in links.values_list("petition_id", "case__hits"):
        found.setdefault(pk, set()).update(hit["rule"] for hit in hits)
    return found


def first(found: Hits) -> list[int]:
    """The candidates in the order they are proposed: those raised longest ago first."""
    rows = Petition.objects.filter(pk__in=list(found)).order_by("petition_date", "pk")
    return list(rows.values_list("pk", flat=True))
