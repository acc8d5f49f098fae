"""Taking the rows of a job back: a job of its own, each row a real step with an event of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import User
from dispatch.jobs import Handler, Row, handler_for, title_of
from dispatch.models import Job, JobItem
from petitions.states import Refused


class Undo(Handler):
    """Its targets are those of the parent job; each row of the parent is taken back at most once."""

    label, icon = gettext_lazy("Undo"), "undo-2"

    def title(self, job: Job) -> str:
        return _("Undo: %(title)s") % {"title": title_of(job.parent)} if job.parent else str(self.label)

    def rows(self, job: Job, items: Sequence[JobItem], user: User) -> Mapping[int, Row]:
        return handler_for(job.parent.kind).rows(job.parent, items, user) if job.parent else {}

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str | None:
        parent = job.parent
        if parent is None:
            raise Refused(_("This cannot be undone."), code="final")
        done = JobItem.objects.select_for_update().get(job=parent, target_id=item.target_id)
        if done.result != JobItem.Result.DONE:
            raise Refused(_("There is nothing to undo: %(result)s.") % {"result": done.get_result_display()})
        handler = handler_for(parent.kind)
        # The window may have closed since it was asked for.
        if done.pk not in handler.undoable(parent, [done], at):
            raise Refused(_("This cannot be undone any more."), code="final")
        words = handler.undo_one(parent, done, at=at, actor=actor)
        done.result = JobItem.Result.UNDONE
        done.save(update_fields=["result"])
        return words
