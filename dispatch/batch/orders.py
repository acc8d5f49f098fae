"""Steps on many work orders: sign for, assign."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions import orders, supervision
from dispatch.actions.take_back import UNDO_WITHIN
from dispatch.batch.base import Batch
from dispatch.forms.batch import BatchAssignForm, BatchRemindForm
from dispatch.models import Job, JobItem, WorkOrder
from dispatch.states import ORDER_MOVES
from petitions.states import Refused


class BatchSign(Batch):
    """Sign for many at once; each is its own step."""

    slug, subject, move, icon = "sign", "order", "sign", "pen-line"
    label, button = gettext_lazy("Sign for many"), pgettext_lazy("action", "Sign for")
    undo_words = gettext_lazy("Signing for cannot be undone; from then on the unit has the matter in hand.")

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        orders.sign(item.target_id, actor=actor, at=at)
        return _("Signed for.")


class BatchRemind(Batch):
    """Remind the units of many orders (批量催办); each is counted and refused for itself."""

    slug, subject, move, icon = "remind", "order", "remind", "bell-ring"
    label, button = gettext_lazy("Remind many units"), pgettext_lazy("action", "Remind")
    form = BatchRemindForm
    reader = gettext_lazy("Handlers and leaders of these units read this; deadlines do not change.")
    undo_words = gettext_lazy(
        "A reminder cannot be taken back; the same order is not reminded again before its term ends."
    )

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        order = supervision.remind(item.target_id, text=job.params.get("text", ""), actor=actor, at=at)
        return _("Reminded, no. %(n)d.") % {"n": order.reminder_count}


class BatchAssign(Batch):
    """Give many orders of one's unit to one person."""

    slug, subject, move, icon = "assign", "order", "assign", "user-check"
    label, button = gettext_lazy("Assign many"), pgettext_lazy("action", "Assign")
    form, can_undo = BatchAssignForm, True
    undo_words = gettext_lazy("For half an hour it can go back to who had it before, where somebody had.")

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        handler = User.objects.filter(pk=job.params.get("handler")).first()
        if handler is None:
            raise Refused(_("Choose the handler."), field="handler")
        before = WorkOrder.objects.select_related("handler").get(pk=item.target_id).handler
        if before == handler:
            raise Refused(_("%(name)s has it already.") % {"name": handler}, code="same")
        orders.assign(item.target_id, handler=handler, actor=actor, at=at)
        item.undo = {"handler": before.pk if before else None, "now": handler.pk}
        names = {"before": before.name if before else "–", "after": handler.name}
        return _("%(before)s → %(after)s") % names

    def undoable(self, job: Job, items: Sequence[JobItem], at: datetime) -> set[int]:
        fresh: dict[int, JobItem] = {
            item.target_id: item
            for item in items
            if item.result == JobItem.Result.DONE
            and item.at is not None
            and at - item.at <= UNDO_WITHIN
            and item.undo.get("handler")
        }
        if not fresh:
            return set()
        states: Any = ORDER_MOVES["assign"].sources
        rows = WorkOrder.objects.filter(pk__in=fresh, state__in=states).values_list("pk", "handler_id")
        return {fresh[pk].pk for pk, handler in rows if handler == fresh[pk].undo.get("now")}

    def undo_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        before = User.objects.filter(pk=item.undo.get("handler"), is_active=True).first()
        if before is None:
            raise Refused(_("Nobody had it before; hand it over instead."), code="final")
        orders.assign(item.target_id, handler=before, actor=actor, at=at)
        return _("Back with %(name)s.") % {"name": before}
