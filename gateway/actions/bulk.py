"""Bulk intake: a table becomes a job, its parts land one transaction each, and what is left over goes in time.

The results of a part are written in the transaction of its petitions, under the lease of the job
(dispatch.actions.jobs): killed at any moment, a part has landed whole with its results, or not at all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch.actions import jobs
from dispatch.jobs import Handler, Row
from dispatch.models import Job, JobItem
from gateway.bulk.landing import KNOWN, REFUSED, TAKEN, take_lines
from gateway.bulk.packing import pack, unpack
from gateway.bulk.reading import Sheet
from gateway.models import ApiClient, BulkIntake, BulkPart
from petitions.states import Refused

KIND = "bulk_intake"
# Lines of one transaction: about a second's work, so that a kill loses little and a lease is never near its end.
PART = 1000
KEEP_REFUSED = timedelta(days=30)


def start_for_client(client: ApiClient, sheet: Sheet, *, name: str, at: datetime) -> BulkIntake:
    """Begin to take in what another system sent: all of it comes in by the client's channel for its unit."""
    return _start(sheet, client=client, channel=client.channel, unit=client.unit, name=name, actor=client.actor, at=at)


def start_for_person(user: User, sheet: Sheet, *, channel: str, name: str, at: datetime) -> BulkIntake:
    """Begin to take in a person's table, for their unit. Raises Refused without the permission or without a unit."""
    if not user.may("gateway.bulk"):
        raise Refused(_("Your role may not take in tables of petitions."), code="forbidden")
    if user.unit is None:
        raise Refused(_("Your account belongs to no unit; an administrator can set one."), code="no_unit")
    return _start(sheet, client=None, channel=channel, unit=user.unit, name=name, actor=user, at=at)


@transaction.atomic
def _start(
    sheet: Sheet,
    *,
    client: ApiClient | None,
    channel: str,
    unit: Unit,
    name: str,
    actor: User | Actor,
    at: datetime,
) -> BulkIntake:
    chunks = [sheet.lines[start : start + PART] for start in range(0, len(sheet.lines), PART)]
    job = jobs.start(KIND, range(1, len(chunks) + 1), params={"file": name[:120]}, actor=actor, at=at)
    intake = BulkIntake.objects.create(
        job=job,
        client=client,
        channel=channel,
        unit=unit,
        name=name[:120],
        form=sheet.form,
        columns=sheet.columns,
        total=len(sheet.lines),
        created_at=at,
    )
    BulkPart.objects.bulk_create(
        (
            BulkPart(intake=intake, number=number, last_row=chunk[-1].number, lines=pack(chunk))
            for number, chunk in enumerate(chunks, start=1)
        ),
        batch_size=20,
    )
    return intake


class BulkHandler(Handler):
    """Takes in one part of a table after another."""

    label = gettext_lazy("Bulk intake")
    icon = "table"

    def title(self, job: Job) -> str:
        name = job.params.get("file", "")
        return _("Bulk intake: %(file)s") % {"file": name} if name else str(self.label)

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        """Take in one part; the job's row says how many lines became what."""
        rows = BulkPart.objects.select_related("intake__client__unit", "intake__unit__area")
        part = rows.get(intake__job=_first(job), number=item.target_id)
        intake = part.intake
        if intake.client is not None:
            if not intake.client.is_active:
                raise Refused(_("The client that sent this has been closed."), code="forbidden")
            actor = intake.client.actor
        return _take_part(part, actor=actor, at=at)

    def rows(self, job: Job, items: Sequence[JobItem], user: User) -> Mapping[int, Row]:
        """Each row is a part of the table, open to who may see the table."""
        intake = BulkIntake.objects.visible_to(user).filter(job=_first(job)).first()
        if intake is None:
            return {}
        numbers = [item.target_id for item in items]
        parts = intake.parts.filter(number__in=numbers).values_list("number", "last_row")
        url = reverse("gateway_bulk_intake", args=[intake.pk])
        return {number: Row(_("up to line %(line)s") % {"line": last}, str(intake), url) for number, last in parts}


def _first(job: Job) -> Job:
    """The job that came with the table; one that tries its parts again follows it."""
    while job.parent is not None:
        job = job.parent
    return job


def _take_part(part: BulkPart, *, actor: Actor, at: datetime) -> str:
    lines = unpack(part.lines)
    results = take_lines(part.intake, lines, actor=actor, at=at)
    bad = {row[0] for row in results if row[1] == REFUSED}
    counts = {outcome: sum(row[1] == outcome for row in results) for outcome in (TAKEN, KNOWN, REFUSED)}
    part.results, part.refused = results, len(bad)
    part.lines = pack([line for line in lines if line.number in bad]) if bad else ""
    part.save(update_fields=["results", "refused", "lines"])
    BulkIntake.objects.filter(pk=part.intake_id).update(**{name: F(name) + count for name, count in counts.items()})
    return _("new %(taken)s, known %(known)s, refused %(refused)s") % counts


@transaction.atomic
def clear(*, at: datetime) -> int:
    """Forget the lines of tables that ended or were stopped, thirty days after they came. Returns how many tables."""
    old = BulkIntake.objects.filter(cleared_at=None, created_at__lt=at - KEEP_REFUSED)
    ended = [Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED]
    ids = list(old.filter(job__state__in=ended).order_by("pk").values_list("pk", flat=True)[:1000])
    BulkPart.objects.filter(intake__in=ids).exclude(lines="").update(lines="")
    return BulkIntake.objects.filter(pk__in=ids).update(cleared_at=at)


def line_kinds() -> dict[str, Any]:
    """The words for what became of a line."""
    return {TAKEN: _("Registered"), KNOWN: _("Known already"), REFUSED: _("Not taken in")}
