"""How hard a case is, stated term by term (周视频调度, domain-facts §3.7): what the agenda proposes by.

A score is of a matter, never of a person (§0.2): how long, how stuck, how often it came back, how many it concerns,
what was promised and missed. All terms of all cases are one statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from backlog.models import BacklogCase, ScoreWeight
from dispatch.clocks import city_day


@dataclass(frozen=True)
class Term:
    """One term: `points` for every `step` of its value, at most `cap`. `sql` reads it off a case `c`, `missed` m."""

    key: str
    label: Promise
    unit: Promise
    # Says the value in words; %(n)s is the value.
    words: Any
    step: int
    points: int
    cap: int
    sql: str

    def worth(self, value: int) -> int:
        """Points of a value."""
        return min(self.cap, max(value, 0) // self.step * self.points)

    def sentence(self, value: int) -> str:
        """The value in words, for example "41 months since it was first raised"."""
        return str(self.words % {"n": value})


# The shipped weights: together at most 100.
SHIPPED = (
    Term(
        "age",
        _("Age"),
        _("months"),
        ngettext_lazy("%(n)s month since it was first raised", "%(n)s months since it was first raised", "n"),
        step=3,
        points=1,
        cap=25,
        sql="extract(year FROM age(%(today)s::date, c.since)) * 12 + extract(month FROM age(%(today)s::date, c.since))",
    ),
    Term(
        "stuck",
        _("Stuck"),
        _("days"),
        ngettext_lazy("%(n)s day without progress", "%(n)s days without progress", "n"),
        step=5,
        points=1,
        cap=25,
        sql="%(today)s::date - (coalesce(c.progressed_at, c.listed_at) AT TIME ZONE 'Asia/Shanghai')::date",
    ),
    Term(
        "rebounds",
        _("Rebounds"),
        _("times"),
        ngettext_lazy("rebounded %(n)s time", "rebounded %(n)s times", "n"),
        step=1,
        points=10,
        cap=20,
        sql="c.rebounds",
    ),
    Term(
        "people",
        _("People"),
        _("people"),
        ngettext_lazy("%(n)s person concerned", "%(n)s people concerned", "n"),
        step=5,
        points=1,
        cap=15,
        sql="c.people",
    ),
    Term(
        "missed",
        _("Missed days"),
        _("milestones and tasks"),
        ngettext_lazy("%(n)s milestone or task overdue", "%(n)s milestones and tasks overdue", "n"),
        step=1,
        points=5,
        cap=15,
        sql="m.missed",
    ),
)
TERM_KEYS = tuple(term.key for term in SHIPPED)


@dataclass(frozen=True)
class Part:
    """One term of one case: its value, and the points it gave."""

    term: Term
    value: int
    points: int

    @property
    def sentence(self) -> str:
        return self.term.sentence(self.value)

    @property
    def share(self) -> int:
        """Per cent of what the term can give."""
        return 100 * self.points // self.term.cap if self.term.cap else 0


@dataclass(frozen=True)
class Score:
    """The score of one case, 0–100 with the shipped weights."""

    case_id: int
    total: int
    values: Mapping[str, tuple[int, int]]

    @property
    def parts(self) -> list[Part]:
        return parts_of(self.values)

    def terms(self) -> dict[str, list[int]]:
        """As an agenda item keeps it."""
        return {key: list(pair) for key, pair in self.values.items()}


def parts_of(values: Mapping[str, Any]) -> list[Part]:
    """What an agenda item has kept, as it can be shown; terms nobody knows any more are left out."""
    known = {term.key: term for term in SHIPPED}
    return [Part(known[key], int(pair[0]), int(pair[1])) for key, pair in values.items() if key in known]


def weights() -> list[Term]:
    """The terms as the office has set them."""
    rows = {row.key: row for row in ScoreWeight.objects.all()}
    found = []
    for term in SHIPPED:
        row = rows.get(term.key)
        changed = {"step": row.step, "points": row.points, "cap": row.cap} if row else {}
        found.append(Term(**{**term.__dict__, **changed}))
    return found


_SQL = """
WITH late AS (
    SELECT case_id, count(*) AS missed FROM (
        SELECT case_id FROM backlog_milestone
        WHERE actual_on IS NULL AND dropped_at IS NULL AND planned_on < %(today)s
        UNION ALL
        SELECT case_id FROM backlog_task
        WHERE ended_at IS NULL AND state = 'open' AND due_on < %(today)s AND case_id IS NOT NULL
    ) l GROUP BY case_id
), part AS (
    SELECT c.id, {terms}
    FROM backlog_backlogcase c LEFT JOIN late m ON m.case_id = c.id
    WHERE c.id IN ({among})
), scored AS (SELECT id, {columns}, {worths} FROM part)
SELECT id, {totals} AS total, {columns}, {points} FROM scored ORDER BY total DESC, id LIMIT %(limit)s
"""


def scores(
    cases: QuerySet[BacklogCase], *, at: datetime, limit: int | None = None, terms: list[Term] | None = None
) -> list[Score]:
    """The scores of these cases on the city's day of `at`, the hardest first: one statement, one for weights."""
    terms = weights() if terms is None else terms
    try:
        among, params = cases.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    names = {f"p{place}": value for place, value in enumerate(params)}
    among %= tuple(f"%({name})s" for name in names)
    sql = _SQL.format(
        among=among,
        terms=", ".join(f"greatest(coalesce({t.sql}, 0), 0)::int AS {t.key}" for t in terms),
        columns=", ".join(t.key for t in terms),
        worths=", ".join(f"least({t.cap}, {t.key} / {t.step} * {t.points}) AS w_{t.key}" for t in terms),
        totals=" + ".join(f"w_{t.key}" for t in terms),
        points=", ".join(f"w_{t.key}" for t in terms),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {**names, "today": city_day(at), "limit": limit})
        return [_score(row, terms) for row in cursor.fetchall()]


def _score(row: tuple[int, ...], terms: list[Term]) -> Score:
    count = len(terms)
    values = zip(row[2 : 2 + count], row[2 + count :], strict=True)
    return Score(row[0], row[1], {term.key: pair for term, pair in zip(terms, values, strict=True)})


def score_of(case: BacklogCase, *, at: datetime) -> Score:
    """The score of one case."""
    return scores(BacklogCase.objects.filter(pk=case.pk), at=at)[0]
