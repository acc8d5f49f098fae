"""The only code that writes the agenda of a weekly dispatch: which cases, in which order, what came of each.

Each step locks the meeting first (`meetings.lock`); an item carries a version of its own, so that two secretaries who
write on two cases do not disturb each other, and two on one case do not overwrite each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from backlog import agenda as reads
from backlog.actions import meetings, moves, tasking
from backlog.models import AgendaItem, BacklogCase, Meeting, MeetingSite, Task
from backlog.score import Score, scores
from backlog.states import ItemOutcome, MeetingState, TaskOrigin
from petitions.states import Refused

MOST_ITEMS = 30
LEAST_WORDS = 4


@dataclass(frozen=True)
class TaskDraft:
    """A task as the meeting gives it; the clock ends with `due_on` (a day of the city)."""

    text: str
    unit: Unit
    due_on: date
    owner: User | None = None


# ---- which cases ----


@transaction.atomic
def propose(meeting_id: int, *, actor: User | Actor, at: datetime, size: int = 8) -> list[AgendaItem]:
    """Fill the agenda up to `size` cases: what the last meeting left open first, then the hardest (`backlog.score`).

    Cases that stand on it already stay as they are. Returns the items put on.
    """
    who = Actor.of(actor)
    meeting = meetings.lock(meeting_id)
    meetings.allow(meeting, "prepare", who)
    there = set(meeting.items.values_list("case_id", flat=True))
    room = min(size, MOST_ITEMS) - len(there)
    if room <= 0:
        return []
    chosen = [row for row in reads.proposals(meeting, who, at=at, size=room + len(there)) if row.case_id not in there]
    items = _put(meeting, chosen[:room])
    _add_sites(meeting)
    meetings.record(meeting, "prepare", actor=who, at=at)
    return items


def _put(meeting: Meeting, rows: Sequence[Score]) -> list[AgendaItem]:
    last = meeting.items.aggregate(last=Max("position"))["last"] or 0
    made = [
        AgendaItem(
            meeting=meeting, case_id=row.case_id, position=last + place, score=row.total, terms=row.terms(), question=""
        )
        for place, row in enumerate(rows, start=1)
    ]
    return AgendaItem.objects.bulk_create(made)


def _add_sites(meeting: Meeting) -> None:
    """The workgroups of the districts concerned take part; in a district's own meeting the responsible units do."""
    units = reads.sites_wanted(meeting)
    MeetingSite.objects.bulk_create([MeetingSite(meeting=meeting, unit=unit) for unit in units], ignore_conflicts=True)


@transaction.atomic
def add(meeting_id: int, case_id: int, *, actor: User | Actor, at: datetime, question: str = "") -> AgendaItem:
    """Put a case on the agenda by hand, at its end; also in session, for what cannot wait a week."""
    who = Actor.of(actor)
    meeting = _locked(meeting_id, who)
    case = BacklogCase.objects.within(who, meetings.RUN).filter(pk=case_id).first()
    if case is None:
        raise Refused(_("There is no such case within your reach."), field="case", code="unknown")
    if not case.is_open:
        raise Refused(
            _("%(case)s is no longer open: there is nothing left to decide.") % {"case": case.number}, field="case"
        )
    if meeting.area.kind != "city" and case.district_id != meeting.area_id:
        raise Refused(_("This case lies in another district. Propose it to the city's meeting."), field="case")
    if meeting.items.filter(case=case).exists():
        raise Refused(_("%(case)s is on the agenda already.") % {"case": case.number}, field="case", code="there")
    if meeting.items.count() >= MOST_ITEMS:
        raise Refused(_("The agenda is full. Take a case off first."), field="case")
    item = _put(meeting, scores(BacklogCase.objects.filter(pk=case.pk), at=at))[0]
    if question.strip():
        item.question = question.strip()
        item.save(update_fields=["question"])
    _add_sites(meeting)
    meetings.record(meeting, _move_of(meeting), actor=who, at=at)
    return item


@transaction.atomic
def drop(item_id: int, *, actor: User | Actor, at: datetime) -> None:
    """Take a case off before the meeting; in session it is skipped instead, so that the minutes say so."""
    who = Actor.of(actor)
    item = _item(item_id)
    meeting = meetings.lock(item.meeting_id)
    meetings.allow(meeting, "prepare", who)
    AgendaItem.objects.filter(pk=item.pk).delete()
    for place, key in enumerate(meeting.items.values_list("pk", flat=True), start=1):
        AgendaItem.objects.filter(pk=key).exclude(position=place).update(position=place)
    meetings.record(meeting, "prepare", actor=who, at=at)


@transaction.atomic
def shift(item_id: int, *, up: bool, actor: User | Actor, at: datetime) -> None:
    """Move a case one place up or down. At an end nothing happens."""
    item = _item(item_id)
    meeting = _locked(item.meeting_id, Actor.of(actor))
    keys = list(meeting.items.values_list("pk", flat=True))
    place = keys.index(item.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(keys):
        return
    keys[place], keys[other] = keys[other], keys[place]
    for position, key in enumerate(keys, start=1):
        AgendaItem.objects.filter(pk=key).exclude(position=position).update(position=position)


@transaction.atomic
def ask(item_id: int, *, question: str, actor: User | Actor, at: datetime, version: int | None = None) -> AgendaItem:
    """The question the meeting is to decide on this case."""
    who = Actor.of(actor)
    item = _writable_item(item_id, who, version)
    item.question = question.strip()
    return _saved(item, who)


# ---- in session ----


@transaction.atomic
def note(
    item_id: int,
    *,
    discussion: str,
    decision: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> AgendaItem:
    """Keep what has been written so far. Raises Refused (code "stale") when somebody else has written meanwhile."""
    who = Actor.of(actor)
    item = _in_session(item_id, who, version)
    item.discussion, item.decision = discussion.strip(), decision.strip()
    return _saved(item, who)


@transaction.atomic
def settle(
    item_id: int,
    *,
    outcome: str,
    actor: User | Actor,
    at: datetime,
    discussion: str = "",
    decision: str = "",
    tasks: Iterable[TaskDraft] = (),
    version: int | None = None,
) -> AgendaItem:
    """A case is decided (with tasks, each with unit, day and clock), adjourned to the next meeting, or skipped.

    May be done again while the meeting is in session: words are replaced, tasks added.
    Raises Refused naming the field at fault.
    """
    who = Actor.of(actor)
    item = _in_session(item_id, who, version)
    case = moves.lock(item.case_id)
    drafts = list(tasks)
    if drafts and not case.is_open:
        raise Refused(
            _("%(case)s is no longer open: there is nothing left to decide.") % {"case": case.number},
            field="tasks-0-text",
        )
    _check_outcome(outcome, decision, discussion, drafts)
    if BacklogCase.objects.within(who, meetings.RUN).filter(pk=item.case_id).first() is None:
        raise Refused(_("Your role may not do this for this case."), code="forbidden")
    item.outcome, item.discussion, item.decision = outcome, discussion.strip(), decision.strip()
    _saved(item, who)
    for place, draft in enumerate(drafts):
        _give(item, draft, place, who, at)
    meetings.record(item.meeting, "minute", actor=who, at=at, text="")
    return item


def _give(item: AgendaItem, draft: TaskDraft, place: int, actor: Actor, at: datetime) -> Task:
    try:
        return tasking.assign(
            text=draft.text,
            unit=draft.unit,
            owner=draft.owner,
            due_on=draft.due_on,
            origin=TaskOrigin.MEETING,
            case=item.case,
            item=item,
            actor=actor,
            at=at,
        )
    except Refused as refusal:
        # Several tasks stand in one form: say which one.
        raise Refused(str(refusal), field=f"tasks-{place}-{refusal.field}", code=refusal.code) from refusal


def _check_outcome(outcome: str, decision: str, discussion: str, drafts: Sequence[TaskDraft]) -> None:
    if outcome not in {ItemOutcome.DECIDED, ItemOutcome.ADJOURNED, ItemOutcome.SKIPPED}:
        raise Refused(_("Choose what came of it."), field="outcome")
    if outcome == ItemOutcome.DECIDED and len(decision.strip()) < LEAST_WORDS:
        raise Refused(_("Write down what was decided."), field="decision")
    if outcome == ItemOutcome.ADJOURNED and len((decision + discussion).strip()) < LEAST_WORDS:
        raise Refused(_("Say why it is adjourned."), field="discussion")
    if outcome == ItemOutcome.SKIPPED and drafts:
        raise Refused(_("A case that was not called gives no tasks. Choose “decided” or “adjourned”."), field="outcome")


def take_back(task_id: int, *, reason: str, actor: User | Actor, at: datetime) -> Task:
    """A task given a moment ago in session was a slip: it is dropped, and stands in no minutes."""
    task = Task.objects.select_related("item__meeting").get(pk=task_id)
    if task.item is None or task.item.meeting.state != MeetingState.LIVE:
        raise Refused(_("The meeting is closed: drop the task on its own page."), code="closed")
    return tasking.drop(task_id, reason=reason, actor=actor, at=at)


# ---- locks ----


def _item(item_id: int) -> AgendaItem:
    return AgendaItem.objects.get(pk=item_id)


def _locked(meeting_id: int, actor: Actor) -> Meeting:
    """The locked meeting while its agenda may change: before it and in session."""
    meeting = meetings.lock(meeting_id)
    meetings.allow(meeting, _move_of(meeting), actor)
    return meeting


def _move_of(meeting: Meeting) -> str:
    return "minute" if meeting.state == MeetingState.LIVE else "prepare"


def _writable_item(item_id: int, actor: Actor, version: int | None) -> AgendaItem:
    meeting = _locked(_item(item_id).meeting_id, actor)
    return _checked(meeting, item_id, actor, version)


def _in_session(item_id: int, actor: Actor, version: int | None) -> AgendaItem:
    meeting = meetings.lock(_item(item_id).meeting_id)
    meetings.allow(meeting, "minute", actor)
    return _checked(meeting, item_id, actor, version)


def _checked(meeting: Meeting, item_id: int, actor: Actor, version: int | None) -> AgendaItem:
    """The item as it is now. Raises Refused when another person has written since; one's own saves do not count."""
    # The meeting's lock is the item's: read again what another one has written while this one waited.
    item: AgendaItem = meeting.items.select_related("case", "meeting__area", "written_by").get(pk=item_id)
    is_own = actor.user is not None and item.written_by_id == actor.user.pk
    if version is not None and version != item.version and not is_own:
        raise Refused(
            _("%(person)s has written on this case meanwhile. Look at both texts below, then save again.")
            % {"person": item.written_by or _("Somebody else")},
            code="stale",
        )
    return item


def _saved(item: AgendaItem, actor: Actor) -> AgendaItem:
    item.version += 1
    item.written_by = actor.user
    item.save(update_fields=["question", "discussion", "decision", "outcome", "version", "written_by"])
    return item
