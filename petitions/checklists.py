"""The steps of a case as its page and the receivers read them: which version holds, what is done, what is to come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from accounts.models import User
from petitions.models import Channel, CheckedStep, Checklist, ChecklistStep, ChecklistTemplate, Petition

_CACHE_SECONDS = 30
_cached: list[tuple[float, list["Version"]]] = []
# What every case has from its first event on.
REGISTER = "register"


@dataclass(frozen=True)
class Version:
    """A template with its active steps, as this process has read it."""

    template: ChecklistTemplate
    steps: Sequence[ChecklistStep]
    class_code: str

    def done_at_register(self, petition: Petition) -> int:
        """How many steps the registration itself does, or makes needless."""
        return sum(is_settled(step, petition) for step in self.steps)

    def ticked_by(self, kind: str) -> list[ChecklistStep]:
        """The steps an event of this kind ticks."""
        return [step for step in self.steps if kind in step.events]


def is_settled(step: ChecklistStep, petition: Petition) -> bool:
    """Whether the registration itself has done the step, or the way the matter came in leaves it out."""
    return REGISTER in step.events or (step.is_visit_only and petition.channel != Channel.VISIT)


def versions() -> list[Version]:
    """Every version with its steps, at most 30 seconds old in this process."""
    if not _cached or _cached[0][0] < monotonic():
        rows = ChecklistTemplate.objects.select_related("content_class").prefetch_related("steps")
        found = [
            Version(
                template,
                [step for step in template.steps.all() if step.is_active],
                template.content_class.code if template.content_class else "",
            )
            for template in rows
        ]
        _cached[:] = [(monotonic() + _CACHE_SECONDS, found)]
    return _cached[0][1]


def forget_checklists() -> None:
    """Read the versions afresh: after an edit in this process, and between tests."""
    _cached.clear()


def version_of(petition: Petition) -> Version | None:
    """The version a case is given at its registration: the nearest class, then the purpose, then the general one.

    A case older than every version gets the first. None while an office keeps no checklist.
    """
    code, at = petition.content_class.code, petition.registered_at
    fitting = [
        version
        for version in versions()
        if code.startswith(version.class_code) and version.template.purpose in {"", petition.purpose}
    ]
    held = [version for version in fitting if version.template.held_at(at)]
    if not held:
        first = min((version.template.version for version in fitting), default=0)
        held = [version for version in fitting if version.template.version == first]
    return max(held, key=lambda version: (len(version.class_code), version.template.purpose), default=None)


def kept_version(template_id: int) -> Version | None:
    """The version a case keeps."""
    return next((version for version in versions() if version.template.pk == template_id), None)


@dataclass(frozen=True)
class StepLine:
    """One step of one case, ready to draw."""

    step: ChecklistStep
    mark: CheckedStep | None
    # For what registration did by itself, where no row was written.
    at: datetime | None = None
    by: User | str | None = None
    # Left out by the way the matter came in.
    is_needless: bool = False

    @property
    def is_done(self) -> bool:
        return self.mark is not None or self.at is not None or self.is_needless

    @property
    def is_left_out(self) -> bool:
        return not self.mark.is_applicable if self.mark else self.is_needless

    @property
    def is_ticked_by_hand(self) -> bool:
        return self.mark is not None and self.mark.event_id is None


@dataclass(frozen=True)
class Progress:
    """How far a case is: its steps in order."""

    lines: Sequence[StepLine]
    version: int

    @property
    def done(self) -> int:
        return sum(line.is_done for line in self.lines)

    @property
    def total(self) -> int:
        return len(self.lines)

    @property
    def share(self) -> int:
        """Per cent, for the bar."""
        return round(100 * self.done / self.total) if self.total else 0


def progress_of(petition: Petition) -> Progress | None:
    """The steps of a case with who, when and what shows it; None where no checklist holds. Two statements."""
    kept = Checklist.objects.filter(petition=petition).values_list("template", flat=True).first()
    version = kept_version(kept) if kept else version_of(petition)
    if version is None:
        return None
    rows = CheckedStep.objects.filter(petition=petition).select_related("by", "unit", "event")
    marks = {row.step_id: row for row in rows}
    return Progress(list(_lines(version.steps, marks, petition)), version.template.version)


def _lines(steps: Iterable[ChecklistStep], marks: dict[int, CheckedStep], petition: Petition) -> Iterator[StepLine]:
    for step in steps:
        mark = marks.get(step.pk)
        if mark is not None:
            yield StepLine(step, mark, mark.at, mark.by or mark.by_label)
        elif REGISTER in step.events:
            yield StepLine(step, None, petition.registered_at, petition.registrar or str(petition.register_unit))
        else:
            yield StepLine(step, None, is_needless=is_settled(step, petition))


def count_of(petition: Petition) -> tuple[int, int] | None:
    """Done and total of a case that was read with its `checklist`; no statement of its own."""
    kept = getattr(petition, "checklist", None)
    if kept is not None:
        return kept.done, kept.total
    version = version_of(petition)
    return (version.done_at_register(petition), len(version.steps)) if version else None
