"""The supervision pages without their templates: tabs, rows by deadline, what stands on a case, what waits for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.durations import Remaining, remaining
from accounts.models import User
from dispatch.models import Clock, Proposal, Suggestion, SupervisionOrder
from dispatch.supervision import SuggestionState, SupervisionState
from petitions.models import NO_DEADLINE, Petition
from petitions.paging import Order, capped_counts

BY_DUE = Order("due_at")
ENDED = Order("ended_at", is_descending=True)
NEWEST_FOUND = Order("found_at", is_descending=True)
NEWEST_ISSUED = Order("issued_at", is_descending=True)


def with_deadline(rows: Any, kind: str) -> Any:
    """Rows with `due_at` and `due_from` of their running clock; NO_DEADLINE where none runs.

    A subquery instead of a copied column: these rows are few, and a pause, an extension or a recomputed calendar is
    right here at once.
    """
    running = Clock.objects.filter(subject=kind, subject_id=OuterRef("pk"), state=Clock.State.RUNNING).order_by(
        "due_at"
    )
    far = NO_DEADLINE
    return rows.annotate(
        due_at=Coalesce(Subquery(running.values("due_at")[:1]), far, output_field=DateTimeField()),
        due_from=Subquery(running.values("started_at")[:1]),
    )


def deadline_of(row: Any, at: datetime) -> Remaining | None:
    """The chip of a row that came through `with_deadline`."""
    return None if row.due_at >= NO_DEADLINE else remaining(row.due_at, at, start=row.due_from)


@dataclass(frozen=True)
class Tab:
    """A tab of the page."""

    key: str
    label: Promise
    rows: Callable[[User, datetime], QuerySet[Any]]
    order: Order
    tone: str = ""
    is_counted: bool = True


def open_findings(user: User, at: datetime) -> QuerySet[Proposal]:
    """Findings that wait for this person's decision now."""
    rows = Proposal.objects.visible_to(user).filter(decided_at=None)
    return rows.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=at))


def _orders(*states: str) -> Callable[[User, datetime], QuerySet[SupervisionOrder]]:
    return lambda user, at: SupervisionOrder.objects.visible_to(user).filter(state__in=states)


FINDINGS = Tab("findings", _("Findings to confirm"), open_findings, NEWEST_FOUND, tone="red")
RUNNING = Tab("running", _("Waiting for answers"), _orders(SupervisionState.WAITING), BY_DUE)
ANSWERS = Tab("answers", _("Answers to check"), _orders(SupervisionState.ANSWERED), BY_DUE, tone="amber")
OVER = Tab(
    "ended",
    pgettext_lazy("supervision", "Ended"),
    _orders(SupervisionState.ENDED, SupervisionState.LIFTED),
    ENDED,
    is_counted=False,
)


def tabs_for(user: User) -> tuple[Tab, ...]:
    """Findings first for those who decide on them; a unit's own page begins with what it is to answer."""
    if user.may("dispatch.view_findings"):
        return (FINDINGS, RUNNING, ANSWERS, OVER)
    return (RUNNING, ANSWERS, OVER)


def tab_rows(user: User, tab: Tab, at: datetime) -> Any:
    """The rows of a tab with what a row shows."""
    rows = tab.rows(user, at)
    if tab is FINDINGS:
        return rows.select_related("unit", "petition", "order__petition")
    return with_deadline(rows.select_related("unit", "petition", "issued_by", "issuing_unit"), "supervision")


def lines_of(user: User, rows: list[SupervisionOrder], at: datetime) -> list[tuple[SupervisionOrder, Any, bool]]:
    """Rows of the page: the order, its deadline chip, and whether the person reads it whole."""
    whole = set(
        SupervisionOrder.objects.whole_to(user).filter(pk__in=[r.pk for r in rows]).values_list("pk", flat=True)
    )
    return [(row, deadline_of(row, at), row.pk in whole) for row in rows]


def tab_counts(user: User, at: datetime) -> dict[str, int]:
    """Every counted tab's number, capped, in one statement."""
    tabs = [tab for tab in tabs_for(user) if tab.is_counted]
    counts = capped_counts([tab.rows(user, at) for tab in tabs])
    return dict(zip((tab.key for tab in tabs), counts, strict=True))


SUGGESTION_TABS: tuple[tuple[str, Promise, Q, str], ...] = (
    ("waiting", _("Not answered yet"), Q(state=SuggestionState.WAITING), "amber"),
    ("answered", pgettext_lazy("suggestion", "Answered"), Q(state=SuggestionState.ANSWERED), ""),
    ("withdrawn", pgettext_lazy("suggestion", "Taken back"), Q(state=SuggestionState.WITHDRAWN), ""),
)


def adoption(rows: QuerySet[Suggestion]) -> tuple[int, int, int]:
    """(answered, adopted whole or in part, not answered in time yet open) of these suggestions."""
    answered = Q(state=SuggestionState.ANSWERED)
    late = Clock.objects.filter(
        subject="suggestion", subject_id=OuterRef("pk"), state=Clock.State.RUNNING, breached_at__isnull=False
    )
    open_late = rows.filter(Exists(late), state=SuggestionState.WAITING)
    counts = capped_counts(
        [rows.filter(answered), rows.filter(answered, verdict__in=["adopted", "partly"]), open_late], cap=99_999
    )
    return counts[0], counts[1], counts[2]


# ---- on a case ----


def on_case(user: User, petition: Petition) -> list[SupervisionOrder]:
    """Supervision on a case, the open one first; units see what stands against them, offices see all."""
    rows = SupervisionOrder.objects.whole_to(user).filter(petition=petition)
    found = list(with_deadline(rows.select_related("unit", "issued_by"), "supervision").order_by("-id")[:20])
    return sorted(found, key=lambda row: not row.is_open)


# ---- what waits for a person ----


def to_answer(user: User) -> QuerySet[SupervisionOrder]:
    """Supervision orders this person's unit owes an answer to."""
    rows = SupervisionOrder.objects.within(user, "dispatch.answer_supervision")
    return rows.filter(state=SupervisionState.WAITING)


def to_check(user: User) -> QuerySet[SupervisionOrder]:
    """Answers this person may accept or send back."""
    return SupervisionOrder.objects.within(user, "dispatch.supervise_decide").filter(state=SupervisionState.ANSWERED)


# Narrows a tab to what waits for the person's own step: where the numbers of the desk lead.
MINE: dict[Tab, Callable[[User], QuerySet[SupervisionOrder]]] = {RUNNING: to_answer, ANSWERS: to_check}


def suggestions_to_answer(user: User) -> QuerySet[Suggestion]:
    """Suggestions this person's unit owes a written answer to."""
    return Suggestion.objects.within(user, "dispatch.answer_suggestion").filter(state=SuggestionState.WAITING)


def waiting(user: User, at: datetime) -> int:
    """The badge of the rail: findings, answers to check, answers owed."""
    parts: list[QuerySet[Any]] = [to_answer(user), to_check(user), suggestions_to_answer(user)]
    if user.may("dispatch.supervise"):
        parts.append(open_findings(user, at))
    return capped_counts([parts])[0]
