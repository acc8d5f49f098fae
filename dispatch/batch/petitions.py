"""Steps on many petitions: dispatch, reply, close, note, urgency."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.actors import Actor
from accounts.durations import local_text
from accounts.models import Unit, User
from dispatch.actions import orders
from dispatch.actions.take_back import UNDO_WITHIN, take_back, why_not
from dispatch.batch.base import Batch
from dispatch.batch.letters import fill, legend
from dispatch.catalogue import search_units, suggest
from dispatch.forms.batch import (
    BatchCloseForm,
    BatchDispatchForm,
    BatchNoteForm,
    BatchReplyForm,
    BatchUrgencyForm,
)
from dispatch.models import Clock, Job, JobItem, WorkOrder
from dispatch.states import OrderState
from dispatch.timeline import rule_name
from petitions import actions
from petitions.models import Event, Petition, Urgency
from petitions.states import Refused, State

FINAL = gettext_lazy("This cannot be undone: the petitioner may have read it at once.")


class BatchDispatch(Batch):
    """Each petition to the unit the catalogue proposes, or the one typed for it."""

    slug, subject, move, icon = "dispatch", "petition", "dispatch", "share-2"
    label, button = gettext_lazy("Dispatch many"), pgettext_lazy("action", "Dispatch")
    form, can_undo = BatchDispatchForm, True
    reader = gettext_lazy("The units and their people read this.")
    undo_words = gettext_lazy("A dispatch can be taken back for half an hour, as long as the unit has not begun.")

    def propose(self, item: JobItem, target: Petition) -> None:
        if "unit" not in item.params:
            found = suggest(target)
            item.params |= {"unit": found[0][0].name, "why": found[0][1]} if found else {"unit": "", "why": ""}
        item.params.setdefault("urgency", target.urgency)

    def read_row(self, item: JobItem, data: Any) -> None:
        for name in ("unit", "urgency"):
            value = data.get(f"{name}-{item.pk}")
            if value is not None:
                item.params[name] = value.strip()[:60]

    def controls(self, item: JobItem, target: Petition) -> list[dict[str, Any]]:
        return [
            {"name": "unit", "label": _("Lead unit"), "value": item.params["unit"], "kind": "unit"},
            {
                "name": "urgency",
                "label": _("Urgency"),
                "value": item.params["urgency"],
                "kind": "select",
                "choices": Urgency.choices,
            },
        ]

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        petition = _petition(item)
        self.propose(item, petition)
        unit = unit_called(item.params["unit"])
        if item.params["urgency"] not in Urgency.values:
            raise Refused(_("Choose the urgency."))
        made = orders.dispatch(
            petition.pk,
            lead=unit,
            urgency=item.params["urgency"],
            instruction=job.params.get("instruction", ""),
            actor=actor,
            at=at,
        )
        item.event_id = _newest(petition.pk, "dispatch")
        return _("To %(unit)s. %(dues)s") % {"unit": unit, "dues": _dues(made[0], at)}

    def undoable(self, job: Job, items: Sequence[JobItem], at: datetime) -> set[int]:
        done = {item.target_id: item.pk for item in items if _is_fresh(item, at)}
        made: dict[int, list[WorkOrder]] = {pk: [] for pk in done}
        if done:
            rows = WorkOrder.objects.filter(petition__in=done, petition__state=State.HANDLING).select_related("unit")
            for order in rows.exclude(state=OrderState.CANCELLED):
                made[order.petition_id].append(order)
        return {done[pk] for pk, found in made.items() if not why_not(found, at)}

    def undo_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        take_back(item.target_id, reason=_("Dispatched by mistake; taken back."), actor=actor, at=at)
        return _("Taken back; it waits to be dispatched again.")


def _is_fresh(item: JobItem, at: datetime) -> bool:
    return item.result == JobItem.Result.DONE and item.at is not None and at - item.at <= UNDO_WITHIN


def _petition(item: JobItem) -> Petition:
    joined = ("content_class__parent", "area__parent__parent", "area__district", "repeat_of__lead_unit")
    return Petition.objects.select_related(*joined, "respondent_unit", "lead_unit").get(pk=item.target_id)


def _newest(petition_id: int, kind: str) -> int | None:
    rows = Event.objects.filter(petition_id=petition_id, kind=kind).order_by("-seq")
    return rows.values_list("pk", flat=True).first()


def _dues(order: WorkOrder, at: datetime) -> str:
    clocks = Clock.objects.filter(order=order, state=Clock.State.RUNNING).select_related("policy").order_by("due_at")
    return _(", ").join(f"{rule_name(clock.policy)} {local_text(clock.due_at, at)}" for clock in clocks)


def unit_called(words: str) -> Unit:
    """The one unit meant by a name or code. Raises Refused when none or several are."""
    if not words:
        raise Refused(_("Choose the unit."), field="unit")
    found = list(search_units(words)[:2])
    exact = [u for u in found if words in (u.code, u.name, u.short_name)]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    sentence = _("Several units fit “%(words)s”.") if found else _("No unit is called “%(words)s”.")
    raise Refused(sentence % {"words": words}, field="unit")


class BatchReply(Batch):
    """One letter for many, its places filled in for each."""

    slug, subject, move, icon = "reply", "petition", "reply", "file-text"
    label, button = gettext_lazy("Reply to many"), pgettext_lazy("action", "Reply")
    form = BatchReplyForm
    reader = gettext_lazy("Each petitioner will read their own letter.")
    undo_words = FINAL

    def letter(self, job: Job, item: JobItem, target: Petition) -> str:
        return fill(
            item.params.get("letter") or job.params.get("text") or self.form.base_fields["text"].initial, target
        )

    def read_row(self, item: JobItem, data: Any) -> None:
        value = data.get(f"letter-{item.pk}")
        # A letter nobody touched goes on following the common text.
        if value is not None:
            item.params.pop("letter", None)
            if value.strip() and value.split() != data.get(f"was-{item.pk}", "").split():
                item.params["letter"] = value.strip()[:5000]

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        petition = _petition(item)
        actions.reply(petition.pk, text=self.letter(job, item, petition), actor=actor, at=at)
        item.event_id = _newest(petition.pk, "reply")
        return _("The petitioner gets the letter.")

    def extras(self, job: Job, user: User, at: datetime) -> dict[str, Any]:
        return {"legend": legend(), "has_letters": True}


class BatchClose(Batch):
    """Close what the closing checklist lets close; each row is asked by the action itself."""

    slug, subject, move, icon = "close", "petition", "close", "circle-check"
    label, button = gettext_lazy("Close many"), pgettext_lazy("action", "Close")
    form = BatchCloseForm
    reader = gettext_lazy("Offices and units of these cases read this.")
    undo_words = gettext_lazy("This cannot be undone; a closed petition is reopened only for new facts.")

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        actions.close(item.target_id, remark=job.params.get("remark", ""), actor=actor, at=at)
        item.event_id = _newest(item.target_id, "close")
        return _("The checklist is complete.")


class BatchNote(Batch):
    """The same internal note on many timelines."""

    slug, subject, icon = "note", "petition", "notebook-pen"
    own_permission = "petitions.note"
    label, button = gettext_lazy("Add a note to many"), gettext_lazy("Note")
    form, can_undo = BatchNoteForm, True
    reader = gettext_lazy("Offices and units of these cases read this; the petitioners do not.")
    undo_words = gettext_lazy("A note can be withdrawn by an entry that says so; it stays readable.")

    def letter(self, job: Job, item: JobItem, target: Petition) -> str:
        return fill(job.params["text"], target) if job.params.get("text") else ""

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        text = fill(job.params.get("text", ""), _petition(item))
        event = actions.add_note(item.target_id, kind="note", text=text, actor=actor, at=at)
        item.event_id = event.pk
        return _("Stands on the timeline.")

    def undoable(self, job: Job, items: Sequence[JobItem], at: datetime) -> set[int]:
        return {item.pk for item in items if item.result == JobItem.Result.DONE}

    def undo_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        reason = _("Entered by mistake in a batch.")
        actions.withdraw_note(item.target_id, event_id=item.event_id or 0, reason=reason, actor=actor, at=at)
        return _("The note is withdrawn.")

    def extras(self, job: Job, user: User, at: datetime) -> dict[str, Any]:
        return {"legend": legend()}


class BatchUrgency(Batch):
    """The service class of matters nobody handles yet."""

    slug, subject, move, icon = "urgency", "petition", "set_urgency", "gauge"
    label, button = gettext_lazy("Set the urgency of many"), gettext_lazy("Urgency")
    form, can_undo = BatchUrgencyForm, True
    undo_words = gettext_lazy("Can be set back until the petition is dispatched.")

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        before = Petition.objects.only("urgency").get(pk=item.target_id).urgency
        wanted = job.params.get("urgency", "")
        actions.set_urgency(item.target_id, urgency=wanted, actor=actor, at=at)
        item.undo, item.event_id = {"before": before}, _newest(item.target_id, "set_urgency")
        return _("%(before)s → %(after)s") % {"before": Urgency(before).label, "after": Urgency(wanted).label}

    def undoable(self, job: Job, items: Sequence[JobItem], at: datetime) -> set[int]:
        done = {item.target_id: item.pk for item in items if item.result == JobItem.Result.DONE}
        waiting = {"state": State.REGISTERED, "urgency": job.params.get("urgency", "")}
        rows = Petition.objects.filter(pk__in=done, **waiting).values_list("pk", flat=True) if done else ()
        return {done[pk] for pk in rows}

    def undo_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        actions.set_urgency(item.target_id, urgency=item.undo["before"], actor=actor, at=at)
        return _("Set back.")
