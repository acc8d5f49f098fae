"""The nearest running deadline of a case, copied onto its row: what lists and boards sort by and call overdue.

It is the first of the case's own clocks, its milestones' and its tasks'. Clocks belong to the dispatch room, which says
when one has moved (`dispatch.signals`); nobody else writes the copies.
"""

from collections.abc import Sequence

from django.db import connection

from backlog.models import Milestone, Task
from dispatch.actions.clocks import Subject
from dispatch.models import Clock, Policy
from petitions.models import NO_DEADLINE

_COPY = """
UPDATE backlog_backlogcase b
SET next_due_at = coalesce(n.due_at, %s), next_due_from = n.started_at, next_due_key = coalesce(n.key, '')
FROM unnest(%s::bigint[]) AS wanted(id)
LEFT JOIN LATERAL (
    SELECT c.due_at, c.started_at, p.key FROM (
        SELECT id, due_at, started_at, policy_id FROM dispatch_clock
        WHERE subject = 'backlog' AND subject_id = wanted.id AND state = 'running'
        UNION ALL
        SELECT k.id, k.due_at, k.started_at, k.policy_id FROM backlog_milestone m
        JOIN dispatch_clock k ON k.subject = 'milestone' AND k.subject_id = m.id AND k.state = 'running'
        WHERE m.case_id = wanted.id
        UNION ALL
        SELECT k.id, k.due_at, k.started_at, k.policy_id FROM backlog_task t
        JOIN dispatch_clock k ON k.subject = 'task' AND k.subject_id = t.id AND k.state = 'running'
        WHERE t.case_id = wanted.id
    ) c JOIN dispatch_policy p ON p.id = c.policy_id
    ORDER BY c.due_at, c.id LIMIT 1
) n ON true
WHERE b.id = wanted.id
"""


def refresh(case_ids: Sequence[int]) -> None:
    """Copy the nearest deadlines of these cases, in one statement."""
    if case_ids:
        with connection.cursor() as cursor:
            cursor.execute(_COPY, [NO_DEADLINE, sorted(set(case_ids))])


def cases_of(subjects: Sequence[tuple[str, int]]) -> set[int]:
    """The cases that clocks of these subjects (kind, key) belong to."""
    keys: dict[str, list[int]] = {}
    for kind, pk in subjects:
        keys.setdefault(kind, []).append(pk)
    found = set(keys.get(Policy.Subject.BACKLOG, []))
    if milestones := keys.get(Policy.Subject.MILESTONE):
        found |= set(Milestone.objects.filter(pk__in=milestones).values_list("case_id", flat=True))
    if tasks := keys.get(Policy.Subject.TASK):
        found |= set(Task.objects.filter(pk__in=tasks, case__isnull=False).values_list("case_id", flat=True))
    return found


def subject_moved(subject: Subject) -> None:
    """Clocks of this subject were started, stopped or moved."""
    refresh(sorted(cases_of([(subject.kind, subject.pk)])))


def clocks_moved(clock_ids: Sequence[int]) -> None:
    """A change of rules or calendar has moved these clocks."""
    kinds = [Policy.Subject.BACKLOG, Policy.Subject.MILESTONE, Policy.Subject.TASK]
    rows = Clock.objects.filter(pk__in=clock_ids, subject__in=kinds)
    refresh(sorted(cases_of(list(rows.values_list("subject", "subject_id")))))
