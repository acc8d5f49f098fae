"""The only code that writes checklists: steps ticked by events and by hand, and the versions of templates (§9.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions.moves import lock, require, touch
from petitions.checklists import Version, forget_checklists, is_settled, kept_version, version_of, versions
from petitions.models import CheckedStep, Checklist, ChecklistStep, ChecklistTemplate, ContentClass, Event, Petition
from petitions.states import Refused

# A step taken back takes its tick with it.
_UNDOES = {"take_back": "dispatch"}


def happened(event: Event, actor: Actor) -> None:
    """Tick the steps an event does. Part of what wrote the event; a case without a checklist is left alone."""
    # An entry of the record book by its kind, a step of a document by which document it is.
    kinds = {event.kind, f"{event.kind}.{event.data.get('type') or event.data.get('kind') or ''}"}
    if event.kind in _UNDOES:
        _untick_event(event.petition_id, _UNDOES[event.kind])
    if not any(kinds & set(step.events) for version in versions() for step in version.steps):
        return
    petition = Petition.objects.select_related("content_class").get(pk=event.petition_id)
    version = _version(petition)
    if version is None:
        return
    steps = [step for step in version.steps if kinds & set(step.events) and not is_settled(step, petition)]
    if not steps:
        return
    CheckedStep.objects.bulk_create(
        [_mark(petition, step, actor, event.at, event=event) for step in steps], ignore_conflicts=True
    )
    _count(petition, version)


def _mark(petition: Petition, step: ChecklistStep, actor: Actor, at: datetime, **more: Any) -> CheckedStep:
    return CheckedStep(
        petition=petition, step=step, at=at, by=actor.user, by_label=actor.label[:60], unit=actor.unit, **more
    )


def _version(petition: Petition) -> Version | None:
    kept = Checklist.objects.filter(petition=petition).values_list("template", flat=True).first()
    return kept_version(kept) if kept else version_of(petition)


def _count(petition: Petition, version: Version) -> None:
    """Write how far the case is; with it the case keeps its version from now on."""
    done = version.done_at_register(petition) + CheckedStep.objects.filter(petition=petition).count()
    values = {"template": version.template, "done": done, "total": len(version.steps)}
    Checklist.objects.update_or_create(petition=petition, defaults=values)


def _untick_event(petition_id: int, kind: str) -> None:
    gone, _each = CheckedStep.objects.filter(petition=petition_id, event__kind=kind).delete()
    kept = Checklist.objects.filter(petition=petition_id).first()
    if gone and kept is not None:
        kept.done -= gone
        kept.save(update_fields=["done"])


@transaction.atomic
def tick(
    petition_id: int,
    *,
    number: int,
    words: str = "",
    is_applicable: bool = True,
    actor: User | Actor,
    at: datetime,
) -> CheckedStep:
    """Tick a step by hand, or say why it does not apply. `words` is what shows it, or that reason.

    Raises Refused for a step that is done, that asks for evidence, or that is left out without a reason.
    """
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.tick", who)
    version, step = _step(petition, number)
    if is_settled(step, petition) or CheckedStep.objects.filter(petition=petition, step=step).exists():
        raise Refused(_("This step is done already."), code="done")
    if not is_applicable and len(words.strip()) < 2:
        raise Refused(_("Please say why this step does not apply."), field="words")
    if is_applicable and step.needs_evidence and len(words.strip()) < 2:
        raise Refused(_("Please say what shows that it was done."), field="words")
    row = _mark(petition, step, who, at, words=words.strip()[:200], is_applicable=is_applicable)
    row.save()
    _count(petition, version)
    touch(petition, at)
    kind = "tick" if is_applicable else "leave_out"
    data = {"step": number, "key": step.key, "label": step.label, "label_en": step.label_en}
    events.record(petition_id, kind, actor=who, at=at, data=data, text=row.words)
    return row


@transaction.atomic
def untick(petition_id: int, *, number: int, actor: User | Actor, at: datetime) -> None:
    """Take a tick made by hand back; what an event ticked stays. Raises Refused otherwise."""
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.tick", who)
    version, step = _step(petition, number)
    gone, _each = CheckedStep.objects.filter(petition=petition, step=step, event=None).delete()
    if not gone:
        raise Refused(_("This step was not ticked by hand."), code="not_by_hand")
    _count(petition, version)
    touch(petition, at)
    data = {"step": number, "key": step.key, "label": step.label, "label_en": step.label_en}
    events.record(petition_id, "untick", actor=who, at=at, data=data)


def _step(petition: Petition, number: int) -> tuple[Version, ChecklistStep]:
    version = _version(petition)
    step = next((step for step in version.steps if step.number == number), None) if version else None
    if version is None or step is None:
        raise Refused(_("This case has no such step."), code="unknown")
    return version, step


@dataclass(frozen=True)
class StepDraft:
    """One step of a version to be: as `ChecklistStep`, numbered by its place in the list."""

    key: str
    label: str
    label_en: str = ""
    who: str = ""
    who_en: str = ""
    evidence: str = ""
    evidence_en: str = ""
    needs_evidence: bool = False
    is_visit_only: bool = False
    is_active: bool = True
    events: tuple[str, ...] = ()


@transaction.atomic
def save_checklist(
    *,
    content_class: ContentClass | None,
    purpose: str,
    steps: Sequence[StepDraft],
    reason: str,
    actor: User | Actor,
    at: datetime,
) -> ChecklistTemplate:
    """Make the next version of a class's or purpose's checklist. Cases registered before keep theirs.

    Raises Refused without a reason once there is a version, for a nameless or doubled step, and where none is active.
    """
    who = Actor.of(actor)
    if not who.may("petitions.checklists"):
        raise Refused(_("Your role may not keep the checklists."), code="forbidden")
    rows = ChecklistTemplate.objects.select_for_update(of=("self",)).filter(
        content_class=content_class, purpose=purpose
    )
    current = rows.filter(replaced_at=None).first()
    if current is not None and not reason.strip():
        raise Refused(_("Please say why the checklist changes."), field="reason")
    _check_steps(steps)
    if current is not None:
        current.replaced_at = at
        current.save(update_fields=["replaced_at"])
    template = ChecklistTemplate.objects.create(
        content_class=content_class,
        purpose=purpose,
        version=current.version + 1 if current else 1,
        valid_from=at,
        made_by=who.user,
        reason=reason.strip()[:100],
    )
    ChecklistStep.objects.bulk_create(
        ChecklistStep(template=template, number=number, **{**vars(draft), "events": list(draft.events)})
        for number, draft in enumerate(steps, start=1)
    )
    transaction.on_commit(forget_checklists)
    forget_checklists()
    return template


def _check_steps(steps: Sequence[StepDraft]) -> None:
    if not any(step.is_active for step in steps):
        raise Refused(_("A checklist has at least one active step."))
    if any(len(step.label.strip()) < 2 for step in steps):
        raise Refused(_("Every step needs its words."), field="label")
    keys = [step.key for step in steps]
    if len(set(keys)) != len(keys):
        raise ValueError("two steps have the same key")
