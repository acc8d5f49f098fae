"""The job that prints or packs the whole file of a case: one row a part, the last one binds."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import log_access
from accounts.actors import Actor
from accounts.models import AccessLog, User
from dispatch.actions import jobs
from dispatch.jobs import Handler, Row, register
from dispatch.models import Job, JobItem
from petitions import watermark
from petitions.copies import files_below
from petitions.documents.book import Leaf, bind, leaf_of, parts_of
from petitions.documents.packing import check_total, package_of
from petitions.models import Petition
from petitions.retention import register_copy
from petitions.states import Refused

KIND = "file_book"
_FACTS = ("title", "number", "date", "note")
# A copy that was taken out lies ready so long; then it is made anew.
KEPT = timedelta(days=3)
FOLDER = "exports"


def start(petition: Petition, *, reason: str, actor: User, at: datetime, ip: str | None = None) -> Job:
    """Begin to print and pack the file, with a reason, on the record. Raises Refused when the role may not."""
    reason = reason.strip()
    if len(reason) < 4:
        raise Refused(_("Please say what for; the reason is logged."), field="reason")
    seen = Petition.objects.filter(pk=petition.pk)
    if not seen.within(actor, "petitions.export_file").exists():
        raise Refused(_("Your role may not export this file."), code="forbidden")
    parts = parts_of(petition, actor)
    params = {
        "petition": petition.pk,
        "number": petition.number,
        "parts": parts,
        "reason": reason,
        "is_masked": not seen.within(actor, "petitions.reveal").exists(),
    }
    if not params["is_masked"]:
        check_total(petition)
    with transaction.atomic():
        log_access(
            user=actor,
            action=AccessLog.Action.EXPORT,
            target=f"petition:{petition.pk}",
            detail=_("Whole file"),
            reason=reason,
            ip=ip,
            at=at,
        )
        return jobs.start(KIND, range(1, len(parts) + 2), params=params, actor=actor, at=at)


def folder(job_id: int) -> str:
    """Where the outcome of a job lies in the storage."""
    return f"{FOLDER}/{job_id}"


class FileBookHandler(Handler):
    """Each row sets a part; the last one binds them and packs the whole."""

    label = gettext_lazy("Print or export the whole file")
    icon = "printer"

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str | None:
        params = job.params
        user = actor.user
        reached = Petition.objects.filter(pk=params["petition"])
        if user is None or not reached.within(user, "petitions.export_file").exists():
            raise Refused(_("Your role may not export this file."), code="forbidden")
        is_last = item.target_id > len(params["parts"])
        if not is_last:
            leaf = self._set(job, item.target_id, at)
            item.undo = {name: getattr(leaf, name) for name in _FACTS}
            return f"{leaf.title} {leaf.note}".strip()
        leaves = [self._leaf(job, place, at) for place in range(1, len(params["parts"]) + 1)]
        book, entries = bind(params["petition"], leaves, is_masked=params["is_masked"], at=at)
        book = watermark.for_pdf(book, user=user, at=at, label=params["number"])
        with TemporaryFile() as packed:
            package_of(
                params["petition"],
                packed,
                book=book,
                entries=entries,
                user=user,
                reason=params["reason"],
                is_masked=params["is_masked"],
                at=at,
            )
            packed.seek(0)
            digest = hashlib.file_digest(packed, "sha256").hexdigest()
            packed.seek(0)
            for name, content in (("file.pdf", ContentFile(book)), ("file.zip", File(packed))):
                _put(f"{folder(job.pk)}/{name}", content)
        for place in range(1, len(params["parts"]) + 1):
            default_storage.delete(f"{folder(job.pk)}/{place}.pdf")
        item.undo = {"zip": digest}
        pages = entries[-1]["page"] + entries[-1]["pages"] - 1 if entries else 0
        return _("Bound: %(pages)s pages, %(parts)s parts") % {"pages": pages, "parts": len(entries)}

    def _set(self, job: Job, place: int, at: datetime) -> Leaf:
        leaf = leaf_of(job.params["parts"][place - 1], is_masked=job.params["is_masked"], at=at)
        if leaf.pdf:
            _put(f"{folder(job.pk)}/{place}.pdf", ContentFile(leaf.pdf))
        return leaf

    def _leaf(self, job: Job, place: int, at: datetime) -> Leaf:
        """A part set before; set anew where it is missing (a job tried again has only the rows that failed)."""
        item = JobItem.objects.filter(job=job, target_id=place, result=JobItem.Result.DONE).first()
        path = f"{folder(job.pk)}/{place}.pdf"
        if item is None or not item.undo:
            return leaf_of(job.params["parts"][place - 1], is_masked=job.params["is_masked"], at=at)
        content = None
        if default_storage.exists(path):
            with default_storage.open(path, "rb") as file:
                content = file.read()
        return Leaf(**{name: item.undo[name] for name in _FACTS}, pdf=content)

    def rows(self, job: Job, items: Sequence[JobItem], user: User) -> Mapping[int, Row]:
        petition = Petition.objects.visible_to(user).filter(pk=job.params.get("petition")).first()
        if petition is None:
            return {}
        # The number stands here, behind the check, and not in the title: that somebody exports an accusation is itself
        # confidential (domain-facts §1.17).
        url, number = reverse("file_export", args=[petition.pk]), petition.short_number
        words = {"sheet": "登记表", "document": "文书", "receipt": "送达回证", "record": "工作记录簿",
                 "attachment": "附件", "course": "办理过程"}  # fmt: skip
        parts = job.params["parts"]
        return {
            item.target_id: Row(
                number,
                words[parts[item.target_id - 1]["type"]] if item.target_id <= len(parts) else _("Bind and pack"),
                url,
            )
            for item in items
        }


def _put(path: str, content: File) -> None:
    if default_storage.exists(path):
        default_storage.delete(path)
    default_storage.save(path, content)


register(KIND, FileBookHandler())


def _files_of(jobs_: Sequence[Job]) -> list[str]:
    """All that lies in the folders of these jobs: the copies, and parts of one that was stopped halfway."""
    return [name for job in jobs_ for name in files_below(folder(job.pk))]


def _exports_of(petition_ids: Sequence[int]) -> list[Job]:
    return list(Job.objects.filter(kind=KIND, params__petition__in=list(petition_ids)))


def _forget(petition_ids: Sequence[int], _at: datetime) -> int:
    names = _files_of(_exports_of(petition_ids))
    for name in names:
        default_storage.delete(name)
    return len(names)


register_copy("exports of the file", anonymise=_forget, find=lambda ids: len(_files_of(_exports_of(ids))))


def purge_exports(*, at: datetime) -> int:
    """Delete what has lain ready long enough, of every job that ended or is gone. Returns how many files went."""
    # Listed before the jobs are: what a job begun meanwhile puts down is not taken for the rest of one that is gone.
    lying = files_below(FOLDER)
    kept = Job.objects.filter(kind=KIND).exclude(finished_at__lt=at - KEPT).values_list("pk", flat=True)
    living = {str(pk) for pk in kept}
    names = [name for name in lying if name.split("/")[1] not in living]
    for name in names:
        default_storage.delete(name)
    return len(names)
