"""The copies of personal words this room keeps: rows of work, drafts of steps, jobs (`petitions.retention`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions.keeping import CHECK, KIND
from dispatch.jobs import Handler, handler_for, register
from dispatch.models import Clock, Job, JobItem, WorkOrder
from dispatch.steps import ORDER_STEPS, PETITION_STEPS
from petitions.actions import ChecklistItem
from petitions.actions.archiving import ARCHIVE_CHECKS
from petitions.actions.erasing import anonymise, check_erasure
from petitions.drafts import register_drafts
from petitions.erasure import cover_room
from petitions.models import Draft, Petition
from petitions.retention import register_copy

Ids = Sequence[int]
# Longer texts of a job's settings are somebody's words; keys and codes are shorter.
_LONG = 12


def _orders(petition_ids: Ids) -> list[int]:
    return list(WorkOrder.objects.filter(petition__in=petition_ids).values_list("pk", flat=True))


# ---- what was typed for a step and not sent ----


# What is typed on the page of a case, and the steps of a petition.
_OF_PETITIONS = ("note", "record", *PETITION_STEPS)


def _sees_petition(user: User, pk: int) -> bool:
    return Petition.objects.visible_to(user).filter(pk=pk).exists()


def _sees_order(user: User, pk: int) -> bool:
    return WorkOrder.objects.visible_to(user).filter(pk=pk).exists()


def _drafts(petition_ids: Ids) -> QuerySet[Draft]:
    of_petitions = [f"{name}:{pk}" for name in _OF_PETITIONS for pk in petition_ids]
    of_orders = [f"{name}:{pk}" for name in ORDER_STEPS for pk in _orders(petition_ids)]
    return Draft.objects.filter(key__in=[*of_petitions, *of_orders])


def _forget_drafts(petition_ids: Ids, _at: datetime) -> int:
    return _drafts(petition_ids).delete()[0]


# ---- jobs on many rows ----


def _items(petition_ids: Ids) -> QuerySet[JobItem]:
    """Rows of jobs on these petitions or their orders; the jobs that remove the words and prove it are none of them."""
    kinds: dict[str, list[str]] = {"petition": [], "order": []}
    for kind in Job.objects.exclude(kind__in=[KIND, CHECK]).values_list("kind", flat=True).distinct():
        try:
            subject = handler_for(kind).subject
        except KeyError:
            continue
        if subject in kinds:
            kinds[subject].append(kind)
    mine = Q(job__kind__in=kinds["petition"], target_id__in=petition_ids)
    of_orders = Q(job__kind__in=kinds["order"], target_id__in=_orders(petition_ids))
    # A job on the parts of one case names it in its settings.
    return JobItem.objects.filter(mine | of_orders | Q(job__params__petition__in=list(petition_ids)))


def _full_items(petition_ids: Ids) -> QuerySet[JobItem]:
    return _items(petition_ids).filter(~Q(message="") | ~Q(error="") | ~Q(params={}) | ~Q(undo={}))


def without_words(value: Any) -> Any:
    """A job's settings with every longer text taken out."""
    if isinstance(value, dict):
        return {key: without_words(held) for key, held in value.items()}
    if isinstance(value, list):
        return [without_words(held) for held in value]
    return "" if isinstance(value, str) and len(value) > _LONG else value


def _jobs(petition_ids: Ids) -> list[Job]:
    """Jobs whose settings hold words still."""
    jobs = Job.objects.filter(pk__in=_items(petition_ids).values("job_id"))
    return [job for job in jobs if job.params != without_words(job.params)]


def _forget_jobs(petition_ids: Ids, _at: datetime) -> int:
    changed = 0
    for job in _jobs(petition_ids):
        changed += Job.objects.filter(pk=job.pk).update(params=without_words(job.params))
    keys = list(_full_items(petition_ids).values_list("pk", flat=True))
    return changed + JobItem.objects.filter(pk__in=keys).update(message="", error="", params={}, undo={})


def _jobs_left(petition_ids: Ids) -> int:
    return len(_jobs(petition_ids)) + _full_items(petition_ids).count()


# ---- what the archive wants complete ----


def archive_items(petition: Petition) -> list[ChecklistItem]:
    """No work and no period of a right may be open when a file is closed for good."""
    is_done = not WorkOrder.objects.filter(petition=petition, is_open=True).exists()
    rests = not Clock.objects.filter(petition=petition, state__in=[Clock.State.RUNNING, Clock.State.PAUSED]).exists()
    return [
        ChecklistItem("orders", _("Every work order has ended"), is_done),
        ChecklistItem("clocks", _("No deadline and no period for review or rating runs"), rests),
    ]


class Anonymise(Handler):
    """The nightly removal of words whose time is over: one petition a transaction."""

    subject = "petition"
    label = gettext_lazy("Remove personal words by law")
    icon = "eraser"

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str | None:
        anonymise(item.target_id, actor=actor, at=at)
        return None


class CheckErasure(Handler):
    """The proof, a night later: one petition a transaction, so that one that fails holds up no other."""

    subject = "petition"
    label = gettext_lazy("Prove that personal words were removed")
    icon = "eraser"

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str | None:
        left = check_erasure(item.target_id, at=at)
        return _("Found again and removed once more: %(copies)s.") % {"copies": _(", ").join(left)} if left else None


def register_copies() -> None:
    """Called when the room starts."""
    cover_room(
        "dispatch",
        keep={
            "WorkOrder.next_due_key",
            "ClockEvent.actor_label",
            "Notice.kind",
            "Proposal.facts",
            "SupervisionEvent.move",
            "SupervisionEvent.actor_label",
            "SuggestionEvent.move",
            "SuggestionEvent.actor_label",
            "Explanation.explained_by",
        },
    )
    register_drafts(_OF_PETITIONS, _sees_petition)
    register_drafts(ORDER_STEPS, _sees_order)
    register_copy("drafts", anonymise=_forget_drafts, find=lambda ids: _drafts(ids).count(), order=30)
    register_copy("jobs", anonymise=_forget_jobs, find=_jobs_left, order=40)


ARCHIVE_CHECKS.append(archive_items)
register(KIND, Anonymise())
register(CHECK, CheckErasure())
