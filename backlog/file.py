"""A backlog file as its page shows it: where the case stands, what may be done next, by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.durations import local_text
from accounts.models import User
from backlog.models import AcceptanceStep, BacklogCase, Milestone, Renewal, Task
from backlog.states import CASE_MOVES, CaseState, Stage
from backlog.steps import CASE_STEPS
from backlog.words import age_of, stuck_days
from dispatch import deadlines
from dispatch.models import Clock, Policy
from dispatch.steps.supervision import RowStep
from dispatch.views.row_steps import options

BUTTONS = 2
# What is to be done next in each state: the first of these the reader may take is the one primary action.
PRIMARY: dict[str, tuple[str, ...]] = {
    CaseState.NOMINATED: ("accept",),
    CaseState.LISTED: ("lead", "renew", "progress"),
    CaseState.WORKING: ("renew", "progress"),
    CaseState.APPLIED: ("sign",),
    CaseState.SIGNED: ("check",),
    CaseState.CHECKED: ("certify",),
    CaseState.CERTIFIED: ("strike_off",),
    CaseState.STRUCK_OFF: ("observe",),
    CaseState.REBOUNDED: ("relist",),
}
# Beside it, where they are possible.
_BESIDE = ("decline", "progress", "assess", "instruct")

_ORDER = (
    CaseState.NOMINATED,
    CaseState.LISTED,
    CaseState.WORKING,
    CaseState.APPLIED,
    CaseState.SIGNED,
    CaseState.CHECKED,
    CaseState.CERTIFIED,
    CaseState.STRUCK_OFF,
)


@dataclass(frozen=True)
class Station:
    """One station of the life of a case. `mark`: "done", "now", "bad" or ""."""

    label: Promise | str
    mark: str
    note: str = ""


@dataclass(frozen=True)
class FileClock:
    """A deadline of the file: the case's own, or that of a milestone or task, which `about` names."""

    row: deadlines.ClockRow
    about: str


class BacklogFile:
    """Lazy: what is not shown is not read. The case must come from `visible_to(user)`."""

    def __init__(self, user: User, case: BacklogCase, at: datetime) -> None:
        self.user, self.case, self.at = user, case, at

    # ---- steps ----

    @cached_property
    def options(self) -> list[RowStep]:
        """Every step this person may take now."""
        return options(self.user, self.case, CASE_STEPS, CASE_MOVES)

    @cached_property
    def primary(self) -> RowStep | None:
        """The one next step; none where somebody else has the turn."""
        case, offered = self.case, {step.name: step for step in self.options}
        wanted = PRIMARY.get(case.state, ())
        if case.state == CaseState.LISTED and case.leader_id is not None:
            wanted = wanted[1:]
        if case.state == CaseState.WORKING and self.stages >= len(Stage):
            wanted = ("apply", *wanted[1:])
        return next((offered[name] for name in wanted if name in offered), None)

    @property
    def buttons(self) -> list[RowStep]:
        """A few other steps in sight."""
        rest = {step.name: step for step in self.options if step is not self.primary}
        return [rest[name] for name in _BESIDE if name in rest][:BUTTONS]

    @property
    def menu(self) -> list[RowStep]:
        """All the rest."""
        shown = [self.primary, *self.buttons]
        return [step for step in self.options if step not in shown]

    # ---- course ----

    @cached_property
    def renewals(self) -> list[Renewal]:
        """The renewals of the running round."""
        return list(self.case.renewals.filter(round=self.case.round).select_related("by", "document"))

    @property
    def stages(self) -> int:
        return len(self.renewals)

    @cached_property
    def acceptance(self) -> list[AcceptanceStep]:
        """Steps of acceptance in the running round, oldest first."""
        return list(self.case.acceptance.filter(round=self.case.round).select_related("by", "document"))

    def _passed(self, kind: str) -> datetime | None:
        return next((s.at for s in reversed(self.acceptance) if s.kind == kind and s.is_passed), None)

    @cached_property
    def stations(self) -> list[Station]:
        """The life of the case from nomination to strike-off, with days."""
        case = self.case
        renewed = f"{self.stages} / {len(Stage)}"
        days: dict[str, tuple[Promise, datetime | date | None, str]] = {
            CaseState.NOMINATED: (gettext_lazy("Nominated"), case.nominated_at, ""),
            CaseState.LISTED: (gettext_lazy("Taken up"), case.listed_at, ""),
            CaseState.WORKING: (gettext_lazy("Five renewals"), None, renewed if case.listed_at else ""),
            CaseState.APPLIED: (gettext_lazy("Applied"), case.applied_at, ""),
            CaseState.SIGNED: (gettext_lazy("Signed"), self._passed("sign"), ""),
            CaseState.CHECKED: (gettext_lazy("Checked"), self._passed("check"), ""),
            CaseState.CERTIFIED: (gettext_lazy("Certified"), case.settled_at, ""),
            CaseState.STRUCK_OFF: (gettext_lazy("Struck off"), case.struck_off_at, ""),
        }
        here = self._place()
        found = []
        for place, state in enumerate(_ORDER):
            label, day, note = days[state]
            mark = "done" if place < here else "now" if place == here else ""
            shown = day if place <= here else None
            found.append(Station(label, mark, note or _day_text(shown, self.at)))
        return found

    def _place(self) -> int:
        """How far the case has come. What is finished stands behind, so the present place is what is to be done now."""
        state = CaseState(self.case.state)
        if state in {CaseState.DECLINED, CaseState.REBOUNDED, CaseState.ENDED}:
            return {CaseState.DECLINED: 0, CaseState.REBOUNDED: 1, CaseState.ENDED: 2}[state]
        if state == CaseState.LISTED:
            return 2
        if state == CaseState.STRUCK_OFF:
            return len(_ORDER) if self.case.observed_at else _ORDER.index(state)
        return _ORDER.index(state) + (state not in {CaseState.NOMINATED, CaseState.WORKING})

    @property
    def aside(self) -> tuple[str, str] | None:
        """Where the case has left the usual course: (tone, sentence)."""
        case, at = self.case, self.at
        if case.state == CaseState.DECLINED:
            return "grey", _("Not taken up. It may be nominated again when something new is known.")
        if case.state == CaseState.REBOUNDED:
            words = {"at": local_text(case.rebounded_at, at)}
            return "red", _("Rebounded on %(at)s: raised again after it had been settled.") % words
        if case.state == CaseState.ENDED:
            words = {"at": local_text(case.settled_at, at)}
            return "violet", _("Ended by law on %(at)s.") % words
        if case.state == CaseState.STRUCK_OFF and case.observe_until and not case.observed_at:
            return "teal", _("Observed until %(day)s.") % {"day": local_text(case.observe_until, at)}
        return None

    # ---- deadlines ----

    @cached_property
    def _about(self) -> dict[tuple[str, int], str]:
        stones = Milestone.objects.filter(case=self.case).values_list("pk", "name")
        tasks = Task.objects.filter(case=self.case).values_list("pk", "text")
        found: dict[tuple[str, int], str] = {(Policy.Subject.MILESTONE, pk): name for pk, name in stones}
        return found | {(Policy.Subject.TASK, pk): text for pk, text in tasks}

    @cached_property
    def clocks(self) -> list[Clock]:
        """Every clock of the file, its milestones and its tasks."""
        keys: dict[str, list[int]] = {}
        for kind, pk in self._about:
            keys.setdefault(kind, []).append(pk)
        wanted = Q(subject=Policy.Subject.BACKLOG, subject_id=self.case.pk)
        for kind, pks in keys.items():
            wanted |= Q(subject=kind, subject_id__in=pks)
        return list(Clock.objects.filter(wanted).select_related("policy", "order", "unit"))

    @cached_property
    def deadline(self) -> deadlines.DeadlineLine | None:
        """The running clock that is due first, drawn."""
        return deadlines.line_of(self.clocks, self.at)

    @property
    def deadline_about(self) -> str:
        line = self.deadline
        return self._about.get((line.clock.subject, line.clock.subject_id), "") if line else ""

    @cached_property
    def clock_rows(self) -> Sequence[FileClock]:
        """Running clocks first, then those that have ended, each with its reasons."""
        rows = deadlines.rows_of(self.clocks, self.at)
        return [FileClock(row, self._about.get((row.clock.subject, row.clock.subject_id), "")) for row in rows]

    # ---- words ----

    @property
    def age(self) -> str:
        return age_of(self.case, self.at)

    @property
    def stuck(self) -> int | None:
        return stuck_days(self.case, self.at)


def _day_text(value: datetime | date | None, at: datetime) -> str:
    """A day as the step bar writes it, without the time of day."""
    return local_text(value, at).split(" ")[0]
