"""The yearly report of each petition office (Regulation on Petition Work, art. 41): opened at new year, filed once."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch.actions.clocks import Subject, subject_moved
from dispatch.clocks import end_of_day
from dispatch.models import AnnualReport, Policy
from petitions.states import Refused

# Only in these months of the new year is a missing report opened: an office that starts in autumn owes none.
_MONTHS = range(1, 4)


def open_reports(*, at: datetime) -> int:
    """Open last year's report of every petition office that has none yet. Beat calls it; returns how many.

    The clock starts with the last second of the year, however late this runs. Safe to call twice and side by side.
    """
    today = localtime(at).date()
    if today.month not in _MONTHS:
        return 0
    year = today.year - 1
    offices = Unit.objects.filter(kind=Unit.Kind.PETITION_OFFICE, is_active=True)
    missing = offices.exclude(pk__in=AnnualReport.objects.filter(year=year).values("unit"))
    return sum(_open(unit, year, at) for unit in missing.order_by("pk"))


def _open(unit: Unit, year: int, at: datetime) -> bool:
    try:
        with transaction.atomic():
            report = AnnualReport(unit=unit, year=year, opened_at=at)
            report.save(force_insert=True)
            _moved(report, "year_ends", actor=Actor.system("calendar"), at=end_of_day(date(year, 12, 31)))
    except IntegrityError:
        # Another worker was quicker.
        return False
    return True


def _moved(report: AnnualReport, move: str, *, actor: Actor, at: datetime) -> None:
    subject_moved(Subject(Policy.Subject.OFFICE, report.pk, report.unit), move, actor=actor, at=at)


@transaction.atomic
def file_report(report_id: int, *, document: str, summary: str, actor: User, at: datetime) -> AnnualReport:
    """Record that the report was issued; meets its clock. Raises Refused for another office's, or the second time."""
    report = AnnualReport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=report_id)
    if not AnnualReport.objects.within(actor, "dispatch.file_report").filter(pk=report.pk).exists():
        raise Refused(_("Each office files its own report."), code="forbidden")
    if report.filed_at is not None:
        raise Refused(_("This report has been filed already."), code="filed")
    report.document, report.summary = document.strip(), summary.strip()
    report.filed_at, report.filed_by = at, actor
    report.save()
    _moved(report, "report_filed", actor=Actor.of(actor), at=at)
    return report
