"""A case as its page shows it, read with a fixed number of queries however long its history is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.durations import Remaining, local_text, paused
from accounts.models import AccessLog, User
from dispatch import deadlines, joint, ledger, supervision_desk, timeline
from dispatch.absences import standing_in_for
from dispatch.actions.clocks import policies
from dispatch.forms.petitions import suspicions
from dispatch.models import BadRating, Clock, Consultation, Feedback, Opinion, OrderReturn, Policy, WorkOrder
from dispatch.next_steps import Option, Reach, next_step, options, reach_of_petition
from dispatch.panels import Panel, case_panels
from dispatch.states import TAKEN_BACK, OrderState
from dispatch.twice import Counter, counters
from petitions.actions import ChecklistItem, closing_checklist
from petitions.duplicates import Candidate, candidates_for, same_person
from petitions.flags import flags_of
from petitions.likeness import words_of
from petitions.models import Attachment, Event, Petition, Petitioner, Rating, RepeatSuggestion
from petitions.states import State
from petitions.worklist import chip_of

LOG_ROWS = 100
RELATED_ROWS = 20
# Buttons beside the primary one; the rest goes into the menu.
BUTTONS = 3


@dataclass(frozen=True)
class Station:
    """One station of the step bar. `mark`: "done", "now" or ""."""

    label: str
    mark: str
    note: str = ""


class CaseFile:
    """Lazy: a tab that is not shown is not read. The petition must come from `visible_to(user)`."""

    def __init__(self, user: User, petition: Petition, at: datetime) -> None:
        self.user, self.petition, self.at = user, petition, at

    @cached_property
    def reach(self) -> Reach:
        return reach_of_petition(self.user, self.petition)

    @cached_property
    def orders(self) -> list[WorkOrder]:
        """All work orders, newest first. Who may see the petition sees who works on it."""
        rows = list(WorkOrder.objects.filter(petition=self.petition).select_related("unit", "handler").order_by("-seq"))
        for order in rows:
            order.petition = self.petition
        return rows

    @cached_property
    def detailed_orders(self) -> list[WorkOrder]:
        """The orders with contacts, feedbacks (with their evidence) and callbacks, for their tab."""
        rows = WorkOrder.objects.filter(petition=self.petition).select_related("unit", "handler", "dispatched_by")
        feedbacks = Feedback.objects.select_related("by", "checked_by").order_by("-at")
        found = list(
            rows.prefetch_related(
                Prefetch("feedbacks", feedbacks),
                "explanations__by",
                "contacts__by",
                "callbacks__by",
                "reminders__by",
                "reminders__answered_by",
            ).order_by("-seq")
        )
        evidence = self._evidence()
        for order in found:
            order.petition = self.petition
            order.asked_returns = [item for item in self.returns if item.order_id == order.pk]  # type: ignore[attr-defined]
            for item in order.asked_returns:  # type: ignore[attr-defined]
                item.files = evidence.get((order.pk, item.asked_at), [])
            for feedback in order.feedbacks.all():
                feedback.files = evidence.get((order.pk, feedback.at), [])  # type: ignore[attr-defined]
        return found

    @property
    def order_tree(self) -> list[joint.Node]:
        """The detailed orders, the lead first, each followed by the sub-orders its unit gave."""
        rows = sorted(self.detailed_orders, key=lambda order: (not order.is_open, not order.is_lead, -order.seq))
        return joint.tree_of(rows)

    @cached_property
    def returns(self) -> list[OrderReturn]:
        """What units asked to return, newest first. Who may see the petition sees who passed it on, and why."""
        rows = OrderReturn.objects.filter(petition=self.petition).order_by("-asked_at")
        return list(rows.select_related("unit", "right_unit", "duplicate", "asked_by", "decided_by"))

    @cached_property
    def stand_ins(self) -> dict[int, User]:
        """Substitutes by the id of the absent handler."""
        handlers = [order.handler for order in self.orders if order.is_open and order.handler]
        return standing_in_for(handlers, self.at) if handlers else {}

    @cached_property
    def consultations(self) -> list[Consultation]:
        """The consultations on this petition with their opinions, newest first."""
        opinions = Prefetch("opinions", Opinion.objects.select_related("unit", "answered_by"))
        rows = Consultation.objects.filter(petition=self.petition).select_related("called_by", "ruled_by", "lead_unit")
        return list(rows.prefetch_related(opinions, "assisting").order_by("-asked_at"))

    def _evidence(self) -> dict[tuple[int, datetime], list[Attachment]]:
        """Files of feedbacks and returns: they hang on the event, which was written at the same moment."""
        found: dict[tuple[int, datetime], list[Attachment]] = {}
        kinds = ("order.feed_back", "order.ask_return")
        for file in Attachment.objects.filter(petition=self.petition, event__kind__in=kinds).select_related("event"):
            found.setdefault((file.event.data.get("order"), file.event.at), []).append(file)
        return found

    @cached_property
    def clocks(self) -> list[Clock]:
        """Those of the case and its orders; what was promised stands with the record book."""
        rows = Clock.objects.filter(petition=self.petition).exclude(subject=Policy.Subject.PROMISE)
        return list(rows.select_related("policy", "order__unit").order_by("id"))

    @cached_property
    def deadline(self) -> deadlines.DeadlineLine | None:
        return deadlines.line_of(self.clocks, self.at)

    @cached_property
    def resting(self) -> Clock | None:
        """The clock that rests, while none runs."""
        return deadlines.resting_of(self.clocks) if self.deadline is None else None

    @property
    def resting_chip(self) -> Remaining:
        return paused()

    @cached_property
    def clock_rows(self) -> list[deadlines.ClockRow]:
        return deadlines.rows_of(self.clocks, self.at)

    @cached_property
    def ledger(self) -> list[ledger.LedgerRow]:
        """Pauses and extensions, newest first."""
        return ledger.rows_of(self.petition)

    @cached_property
    def petitioner(self) -> Petitioner | None:
        return next((person for person in self.signers if person.is_main), None)

    @cached_property
    def ratings(self) -> list[Rating]:
        return list(Rating.objects.filter(petition=self.petition).order_by("-round", "-is_again", "subject"))

    @cached_property
    def is_rated(self) -> bool:
        return any(rating.round == self.petition.round for rating in self.ratings)

    @cached_property
    def checklist(self) -> list[ChecklistItem]:
        return closing_checklist(self.petition)

    @cached_property
    def counters(self) -> list[Counter]:
        """事不过二: returns, reworks, and how often the matter was raised."""
        return counters(self.petition, sum(order.state == "returned" for order in self.orders))

    @cached_property
    def suspicions(self) -> list[tuple[RepeatSuggestion, list[str]]]:
        """Earlier petitions the machine suspects this one repeats, with what speaks for each."""
        return [(row, words_of(row.terms)) for row in suspicions(self.petition, self.user)]

    @property
    def may_judge_repeats(self) -> bool:
        return self.reach("petitions.amend")

    @property
    def may_merge(self) -> bool:
        return self.reach("petitions.merge")

    @cached_property
    def panels(self) -> list[Panel]:
        """Cards of later rooms."""
        return case_panels(self.user, self.petition, self.orders, self.at)

    @property
    def checklist_rows(self) -> list[tuple[ChecklistItem, str]]:
        """Each point with the address of the step that does it, where this person may take it now."""
        urls = {(option.step.name, option.order.pk if option.order else None): option.url for option in self.options}
        return [(item, "" if item.is_done else urls.get((item.step, item.order_id), "")) for item in self.checklist]

    @property
    def bad_rating(self) -> BadRating | None:
        """The newest bad rating of the case."""
        return self.petition.bad_ratings.select_related("unit").order_by("-id").first()

    @property
    def checklist_done(self) -> int:
        return sum(item.is_done for item in self.checklist)

    @cached_property
    def options(self) -> list[Option]:
        return options(self.user, self.petition, self.orders, is_rated=self.is_rated)

    @cached_property
    def primary(self) -> Option | None:
        return next_step(self.petition, self.orders, self.options, is_rated=self.is_rated)

    @property
    def waits_for(self) -> str:
        """Whose turn it is, when it is not this person's; '' otherwise."""
        if self.primary or not self.petition.is_open:
            return ""
        theirs = {OrderState.WAITING, OrderState.IN_HAND}
        units = [str(order.unit) for order in self.orders if order.is_open and order.state in theirs]
        if units:
            return _("Waiting for %(who)s") % {"who": _(", ").join(reversed(units))}
        if self.petition.state in {State.IN_REVIEW, State.IN_REREVIEW}:
            return _("Waiting for the reviewer")
        return _("Waiting for the petition office")

    @cached_property
    def others(self) -> list[Option]:
        return [option for option in self.options if option is not self.primary]

    @property
    def buttons(self) -> list[Option]:
        return [option for option in self.others if not option.step.is_rare][:BUTTONS]

    @property
    def menu(self) -> list[Option]:
        shown = self.buttons
        return [option for option in self.others if option not in shown]

    @property
    def seals(self) -> list[tuple[str, Any, str]]:
        return flags_of(self.petition)

    @cached_property
    def lead(self) -> WorkOrder | None:
        """The newest lead order that was not taken back."""
        return next((o for o in self.orders if o.is_lead and o.state not in TAKEN_BACK), None)

    @property
    def assisting(self) -> list[WorkOrder]:
        return [o for o in self.orders if not o.is_lead and o.parent_id is None and o.state not in TAKEN_BACK]

    @property
    def sub_orders(self) -> list[WorkOrder]:
        return [o for o in self.orders if o.parent_id is not None and o.state not in TAKEN_BACK]

    @cached_property
    def stations(self) -> list[Station]:
        # An assisting unit's clock does not say until when the lead unit's station lasts.
        pk = self.lead.pk if self.lead else None
        own = [c for c in self.clocks if c.state == Clock.State.RUNNING and c.order_id in (None, pk)]
        # Nor does what supervision asks for.
        own = [c for c in own if c.subject != Policy.Subject.SUPERVISION]
        due = min((clock.due_at for clock in own), default=None)
        return stations(self.petition, self.lead, due, self.at)

    # ---- supervision ----

    @cached_property
    def supervisions(self) -> list[Any]:
        """Supervision on the case with the deadline chip of each, the open one first."""
        if not self.user.may("dispatch.view_supervision"):
            return []
        return [
            (row, supervision_desk.deadline_of(row, self.at))
            for row in supervision_desk.on_case(self.user, self.petition)
        ]

    @property
    def standing(self) -> list[Any]:
        """Those that are not over."""
        return [pair for pair in self.supervisions if pair[0].is_open]

    @cached_property
    def may_supervise(self) -> bool:
        return self.reach("dispatch.supervise") or self.reach("dispatch.supervise_high")

    # ---- timeline ----

    def events(self, *, group: str = "", before: int | None = None) -> tuple[list[timeline.Line], int | None]:
        """A page of the timeline, newest first, and the `before` of the next older page (None at the end)."""
        rows = (
            Event.objects.filter(petition=self.petition).select_related("words", "unit").prefetch_related("attachments")
        )
        # A file that came with a step is shown with the step.
        rows = rows.exclude(kind="attach", data__has_key="for").order_by("-seq").defer("body", "hash")
        mine = {} if not self.reach("petitions.view_recusals") else {"data__person": self.user.pk}
        rows = rows.exclude(kind__in=timeline.RECUSALS, **mine)
        if group in timeline.Group.values:
            rows = rows.filter(kind__in=timeline.kinds_of(group))
        if before is not None:
            rows = rows.filter(seq__lt=before)
        found = list(rows[: timeline.PAGE + 1])
        older = found[timeline.PAGE - 1].seq if len(found) > timeline.PAGE else None
        units = {order.pk: str(order.unit) for order in self.orders}
        return timeline.lines_of(found[: timeline.PAGE], policies(), units), older

    # ---- related ----

    @cached_property
    def signers(self) -> list[Petitioner]:
        """Everybody who signs, the main petitioner first."""
        return list(Petitioner.objects.filter(petition=self.petition).order_by("-is_main", "id"))

    @property
    def co_signers(self) -> list[Petitioner]:
        """Representatives and joint signers, the representatives first."""
        others = [person for person in self.signers if not person.is_main]
        return sorted(others, key=lambda person: (person.withdrawn_at is not None, person.role))

    @cached_property
    def may_see_repeat(self) -> bool:
        """Whether the petition this one repeats is in this reader's sight."""
        earlier = self.petition.repeat_of_id
        return earlier is not None and Petition.objects.visible_to(self.user).filter(pk=earlier).exists()

    @cached_property
    def history_count(self) -> int:
        """Other petitions of the same person this reader may see."""
        return self._same_person().count() if self.petitioner else 0

    def _same_person(self) -> Any:
        """By the paper, or by the name with phone or home address; every signer counts (petitions.duplicates)."""
        ids = Petitioner.objects.filter(same_person(self.signers)).values("petition_id")
        return Petition.objects.visible_to(self.user).filter(pk__in=ids).exclude(pk=self.petition.pk)

    @cached_property
    def history(self) -> list[Petition]:
        return list(self._same_person().for_lists().order_by("-registered_at")[:RELATED_ROWS])

    @cached_property
    def linked(self) -> list[tuple[Promise | str, Petition]]:
        """Petitions tied to this one by hand: what it repeats, what it was merged into, and the other way round."""
        pk = self.petition.pk
        tied = (
            Q(repeats__id=pk)
            | Q(repeat_of=pk)
            | Q(merged_children__id=pk)
            | Q(merged_into=pk)
            | Q(parts=pk)
            | Q(parent=pk)
        )
        rows = Petition.objects.visible_to(self.user).filter(tied).for_lists().distinct().order_by("-registered_at")
        return [(self._tie(other), other) for other in rows[:RELATED_ROWS]]

    @cached_property
    def alike(self) -> list[Candidate]:
        """Petitions of others with much the same words; people decide whether they are the same matter."""
        shown = {other.pk for _tie, other in self.linked} | {other.pk for other in self.history}
        return [c for c in candidates_for(self.petition, who=self.user) if c.petition.pk not in shown]

    def _tie(self, other: Petition) -> str:
        if other.pk == self.petition.merged_into_id:
            return _("Merged into")
        if other.pk == self.petition.parent_id:
            return _("Split off from")
        if other.parent_id == self.petition.pk:
            return _("Split off")
        if other.pk == self.petition.repeat_of_id:
            return _("Repeats")
        return _("Merged into this one") if other.merged_into_id == self.petition.pk else _("Repeated by")

    # ---- access log and files ----

    @property
    def may_reveal(self) -> bool:
        return self.reach("petitions.reveal")

    @property
    def may_see_log(self) -> bool:
        return self.reach("petitions.access_log")

    @cached_property
    def access_log(self) -> list[AccessLog]:
        rows = AccessLog.objects.filter(target=f"petition:{self.petition.pk}").select_related("user", "unit")
        return list(rows.order_by("-at")[:LOG_ROWS])

    @cached_property
    def files(self) -> Sequence[Attachment]:
        return list(Attachment.objects.filter(petition=self.petition).select_related("uploaded_by"))


def stations(petition: Petition, lead: WorkOrder | None, due: datetime | None, at: datetime) -> list[Station]:
    """The step bar: what is done with its time, what is going on with its deadline, what is still to come."""
    course: list[tuple[str, datetime | None]] = [(_("Registration"), petition.registered_at)]
    short_cuts = {State.LED_OUT, State.WITHDRAWN, State.MERGED, State.NOT_ACCEPTED, State.NO_LONGER}
    if petition.state in short_cuts or petition.close_type == "answered":
        course.append((petition.get_state_display(), petition.closed_at))
    else:
        course += [
            (_("Dispatch"), lead.dispatched_at if lead else None),
            (_("Sign-for"), lead.signed_at if lead else None),
            (_("Feedback"), lead.fed_back_at if lead else None),
            (_("Check and callback"), _checked(petition, lead)),
            (_("Reply"), petition.replied_at),
            (_("Rating and closing"), petition.closed_at),
        ]
    found, is_open = [], petition.is_open
    for label, moment in course:
        if moment is not None:
            found.append(Station(label, "done", local_text(moment, at)))
        elif is_open:
            found.append(Station(label, "now", _("until %(due)s") % {"due": local_text(due, at)} if due else ""))
            is_open = False
        else:
            found.append(Station(label, ""))
    return found


def _checked(petition: Petition, lead: WorkOrder | None) -> datetime | None:
    """Done when called back; an anonymous petitioner cannot be, so the check is enough."""
    if lead is None:
        return None
    if petition.is_anonymous or lead.state == OrderState.DONE:
        return lead.called_back_at or lead.checked_at
    return lead.called_back_at


def deadline_of(row: Petition | WorkOrder, at: datetime) -> Remaining | None:
    """The chip of a list row: time left, or paused where only resting clocks are left; None for what has ended."""
    return chip_of(row, at)
