"""Data sets: asked for, counted month by month by a job, made k-anonymous, handed out under a log, forgotten in time.

Within one reach no two data sets overlap in time, and each is made once: so no file can be subtracted from another
(docs/adr/0047-a-data-set-is-one-partition.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import log_access
from accounts.actors import Actor
from accounts.models import AccessLog, Unit, User
from accounts.roles import Scope
from dispatch.actions import jobs
from dispatch.calendar import CITY_TIME
from dispatch.jobs import Handler, Row
from dispatch.models import Job, JobItem
from gateway.datasets import periods
from gateway.datasets.anonymity import METHOD, Place, release
from gateway.datasets.periods import Period
from gateway.datasets.reading import counts
from gateway.models import ApiClient, DatasetDownload, DatasetPart, DatasetRow, DatasetRun
from petitions.states import Refused

KIND = "dataset"
# Periods the schedule looks back for: a machine that was off for a while loses none.
CATCH_UP = 3
ROWS_AT_ONCE = 5000

S = DatasetRun.State
LEGAL: dict[str, frozenset[str]] = {
    S.WAITING: frozenset({S.MADE}),
    S.MADE: frozenset({S.EXPIRED}),
    S.EXPIRED: frozenset({S.WAITING}),
}


def move(run: DatasetRun, to: str, *, at: datetime) -> DatasetRun:
    """The only place that assigns `DatasetRun.state`. The row must be locked. Raises Refused for an illegal step."""
    if to not in LEGAL[run.state]:
        raise Refused(
            _("This data set is “%(state)s” already.") % {"state": run.get_state_display()}, code="illegal_move"
        )
    run.state = to
    if to == S.MADE:
        run.made_at = at
    run.save()
    return run


# ---- asking ----


def ask_for_person(user: User, period: str, *, at: datetime) -> DatasetRun:
    """The whole city's data set of a period, from now on being made unless it was before. Raises Refused."""
    if user.scope_for("gateway.datasets") != Scope.CITY:
        raise Refused(_("Your role may not make data sets."), code="forbidden")
    return _ask(period, None, client=None, actor=user, at=at)


def ask_for_client(client: ApiClient, period: str, *, at: datetime) -> DatasetRun:
    """The same for the units another system acts for. Raises Refused."""
    if not client.actor.may("gateway.datasets"):
        raise Refused(_("This key may not ask for data sets."), code="forbidden")
    reach = client.unit if client.unit.parent_id else None
    return _ask(period, reach, client=client, actor=client.actor, at=at)


def ask_as_scheduled(*, at: datetime) -> list[DatasetRun]:
    """The whole city's latest periods of the kind the office has set, none where it has set none.

    What overlaps something made by hand stays unmade: the rows are out already.
    """
    found = []
    if settings.DATASET_SCHEDULE in periods.KINDS:
        for period in islice(periods.ended(settings.DATASET_SCHEDULE, _today(at)), CATCH_UP):
            try:
                found.append(_ask(str(period), None, client=None, actor=Actor.system(_("By schedule")), at=at))
            except Refused:
                continue
    return found


@transaction.atomic
def _ask(text: str, reach: Unit | None, *, client: ApiClient | None, actor: User | Actor, at: datetime) -> DatasetRun:
    period = _ended_period(text, at)
    _one_at_a_time()
    rows = DatasetRun.objects.select_for_update(of=("self",)).select_related("job", "unit")
    run = rows.filter(unit=reach, period=str(period), k=settings.DATASET_K, method=METHOD).first()
    if run is not None and run.state != S.EXPIRED and not run.has_failed:
        return run
    _refuse_overlap(reach, period)
    job = _start(period, actor, at)
    if run is None:
        fields = {"unit": reach, "client": client, "k": settings.DATASET_K, "method": METHOD, "created_at": at}
        days = {"period": str(period), "since": period.since, "until": period.until}
        return DatasetRun.objects.create(job=job, **fields, **days)
    run.job = job
    if run.state == S.EXPIRED:
        return move(run, S.WAITING, at=at)
    run.save(update_fields=["job"])
    return run


def _today(at: datetime) -> date:
    return at.astimezone(CITY_TIME).date()


def _ended_period(text: str, at: datetime) -> Period:
    try:
        period = periods.parse(text)
    except ValueError:
        raise Refused(
            _("Give a month (2026-10), a quarter (2026-Q3) or a year (2025)."), field="period", code="invalid"
        ) from None
    if not period.has_ended(_today(at)):
        raise Refused(
            _("This period has not ended yet. Data sets are made of whole months, quarters and years only."),
            field="period",
            code="not_ended",
        )
    return period


def _one_at_a_time() -> None:
    """Two who ask at once wait for each other: what overlaps is found by looking, no constraint says it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gateway_datasetrun'))")


def _refuse_overlap(reach: Unit | None, period: Period) -> None:
    """Raises Refused when rows of another period with some of the same days are out, or about to be."""
    out = Q(made_at__isnull=False) | Q(job__state__in=[Job.State.WAITING, Job.State.RUNNING])
    rows = DatasetRun.objects.filter(out, unit=reach, since__lte=period.until, until__gte=period.since)
    other = rows.exclude(period=str(period)).order_by("since").values_list("period", flat=True).first()
    if other is not None:
        raise Refused(
            _(
                "The data set %(other)s covers some of these days. One could be subtracted from the other and show "
                "single matters; take the periods made so far and add them up."
            )
            % {"other": other},
            field="period",
            code="overlap",
        )


def _start(period: Period, actor: User | Actor, at: datetime) -> Job:
    # A row for each month, and one for what is made of them.
    targets = range(1, len(period.months()) + 2)
    return jobs.start(KIND, targets, params={"period": str(period)}, actor=actor, at=at)


# ---- making ----


class DatasetHandler(Handler):
    """Counts one month after another, then makes the rows of all of them."""

    label = gettext_lazy("Data set")
    icon = "table"

    def title(self, job: Job) -> str:
        return _("Data set %(period)s") % {"period": job.params.get("period", "")}

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str:
        """Count a month, or make the rows. What was made already is left as it is."""
        period = periods.parse(job.params["period"])
        months, number = period.months(), item.target_id
        is_last = number > len(months)
        if is_last:
            # Before the row: whoever asks takes them in this order too.
            _one_at_a_time()
        rows = DatasetRun.objects.select_for_update(of=("self",)).select_related("unit")
        run = rows.filter(job=_first(job)).first()
        if run is None:
            raise Refused(_("Another job makes this data set now."), code="replaced")
        if run.state != S.WAITING:
            return _("It was ready before.")
        if is_last:
            _make(run, period, at=at)
        else:
            _count(run, number, *months[number - 1])
        # No number beside a row: a month's true total could be subtracted from the rows.
        return ""

    def rows(self, job: Job, items: Sequence[JobItem], user: User) -> Mapping[int, Row]:
        """Each row is a month, the last one the whole; for who may see the data set."""
        run = DatasetRun.objects.visible_to(user).filter(job=_first(job)).first()
        if run is None:
            return {}
        labels = [since.strftime("%Y-%m") for since, _until in periods.parse(run.period).months()]
        return {
            number: Row(label, "", "") for number, label in enumerate([*labels, _("Rows of the data set")], start=1)
        }


def _first(job: Job) -> Job:
    """The job the data set was asked for with; one that tries its rows again follows it."""
    while job.parent is not None:
        job = job.parent
    return job


def _count(run: DatasetRun, number: int, since: date, until: date) -> None:
    found = [
        [place.town, place.district, place.klass, place.parent, place.year, place.month, count]
        for place, count in counts(run.unit, since=since, until=until)
    ]
    DatasetPart.objects.update_or_create(run=run, number=number, defaults={"counts": found})


def _places(run: DatasetRun) -> Iterator[tuple[Place, int]]:
    for found in run.parts.order_by("number").values_list("counts", flat=True).iterator(chunk_size=1):
        for *place, count in found:
            yield Place(*place), count


def _make(run: DatasetRun, period: Period, *, at: datetime) -> None:
    if run.parts.count() != len(period.months()):
        raise Refused(_("A month could not be counted. Ask for the data set again."), code="incomplete")
    _refuse_overlap(run.unit, period)
    released = release(_places(run), k=run.k, widest=period.kind)
    names = ("step", "district", "town", "parent", "klass", "period", "count")
    DatasetRow.objects.bulk_create(
        (
            DatasetRow(run=run, position=place, **{name: getattr(group, name) for name in names})
            for place, group in enumerate(released.groups, start=1)
        ),
        batch_size=ROWS_AT_ONCE,
    )
    run.parts.all().delete()
    for name in ("total", "exact", "generalised", "suppressed"):
        setattr(run, name, getattr(released, name))
    run.row_count = len(released.groups)
    move(run, S.MADE, at=at)


# ---- handing out ----


@transaction.atomic
def log_download(run: DatasetRun, form: str, *, by: User | ApiClient, ip: str | None, at: datetime) -> DatasetDownload:
    """Write down who takes a file; no record, no file. Raises Refused while there are no rows, or no longer any."""
    if run.state == S.EXPIRED:
        raise Refused(_("The rows of this data set have been removed; ask for it again."), code="expired")
    if not run.is_made:
        raise Refused(_("This data set is still being made."), code="not_made")
    who = Actor.of(by) if isinstance(by, User) else by.actor
    detail, target = f"{run.period} {form}", f"dataset:{run.pk}"
    log_access(user=who, action=AccessLog.Action.EXPORT, target=target, detail=detail, ip=ip, at=at)
    return DatasetDownload.objects.create(
        run=run,
        user=who.user,
        client=by if isinstance(by, ApiClient) else None,
        who=who.label[:60],
        form=form,
        at=at,
        ip=ip,
    )


def purge(*, at: datetime, keep: timedelta) -> int:
    """Remove the rows of data sets made longer ago; figures and downloads stay. Returns how many data sets."""
    old = DatasetRun.objects.filter(state=S.MADE, made_at__lt=at - keep).order_by("pk").values_list("pk", flat=True)
    gone = 0
    for pk in list(old[:100]):
        with transaction.atomic():
            run = DatasetRun.objects.select_for_update().get(pk=pk)
            if run.state == S.MADE:
                run.rows.all().delete()
                move(run, S.EXPIRED, at=at)
                gone += 1
    return gone
