"""Into the archive, and held back from erasure (domain-facts §1.18; own knowledge of the archive periods, verify)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from petitions import events
from petitions.actions.closing import ChecklistItem
from petitions.actions.moves import GUARDS, lock, move, require, touch
from petitions.actions.registration import CITY_TIME
from petitions.models import (
    ArchiveRecord,
    ArchiveRule,
    ArchiveSerial,
    Attachment,
    Channel,
    Erasure,
    LegalHold,
    Petition,
    Scan,
)
from petitions.states import MOVES, Refused, State
from petitions.states.keeping import ENDED

K = ArchiveRule.Key
# Months; None keeps for ever. The office sets them as data; these are what a new database begins with.
PERIODS: dict[str, tuple[int | None, str]] = {
    K.LEADER_RESULT: (None, "国家档案局令第8号"),
    K.RESULT: (360, "国家档案局令第8号"),
    K.NO_RESULT: (120, "国家档案局令第8号"),
    K.RECORDINGS: (24, "本地规定"),
}
# The record speaks of the case as it stands: one taken up again is in the archive once it has been put there anew.
IN_ARCHIVE = Q(petition__reopened_at=None) | Q(archived_at__gt=F("petition__reopened_at"))
# What the archive wants complete. Later rooms add what they know; each takes a petition and returns items.
ARCHIVE_CHECKS: list[Callable[[Petition], list[ChecklistItem]]] = []


def rules() -> dict[str, ArchiveRule]:
    """The archive periods by kind; those nobody has set yet are made with what is usual."""
    found = {rule.key: rule for rule in ArchiveRule.objects.all()}
    for key, (months, source) in PERIODS.items():
        if key not in found:
            found[key], _made = ArchiveRule.objects.get_or_create(
                key=key, defaults={"months": months, "source": source}
            )
    return {key: found[key] for key in PERIODS}


@transaction.atomic
def set_period(key: str, *, months: int | None, source: str, actor: User | Actor, at: datetime) -> ArchiveRule:
    """Change an archive period, for cases archived from now on; the row keeps its history. Raises Refused."""
    who = Actor.of(actor)
    if not who.may("petitions.archive_rules"):
        raise Refused(_("Your role may not set archive periods."), code="forbidden")
    if months is not None and months < 6:
        raise Refused(_("Nothing is kept for less than six months."), field="months", code="short")
    rules()
    row = ArchiveRule.objects.select_for_update().get(key=key)
    row.months, row.source = months, source.strip()
    row.save_as(who.user, at)
    return row


def kind_of(petition: Petition) -> str:
    """The kind of file a case makes, as the system proposes it: by result, and by who had it brought."""
    has_result = petition.state == State.CLOSED and petition.replied_at is not None
    if not has_result:
        return K.NO_RESULT
    is_important = petition.channel in {Channel.LEADER, Channel.SUPERIOR} or petition.is_priority
    return K.LEADER_RESULT if is_important else K.RESULT


def keep_until(ended: date, months: int | None) -> date | None:
    """The last day of a period that begins on 1 January after the year in which the case ended; None is for ever."""
    if months is None:
        return None
    year, month = divmod(ended.year * 12 + 12 + months, 12)
    return date(year, month + 1, 1) - timedelta(days=1)


def ended_on(petition: Petition, at: datetime) -> date:
    """The day (Asia/Shanghai) a case ended; for one without a closing, the day of its last change."""
    return (petition.closed_at or petition.updated_at or at).astimezone(CITY_TIME).date()


def archive_checklist(petition: Petition) -> list[ChecklistItem]:
    """What a complete file holds, in the order it is looked at."""
    files = Attachment.objects.filter(petition=petition, erased_at=None)
    is_scanned = not files.filter(scan=Scan.WAITING).exists()
    has_person = petition.is_anonymous or petition.petitioners.exists()
    own = [
        ChecklistItem("ended", _("The case has ended"), petition.state in ENDED, _("Close it first.")),
        ChecklistItem("person", _("The petitioner is recorded, or anonymous"), has_person),
        ChecklistItem(
            "scanned", _("No file waits for the virus scan"), is_scanned, _("Wait until the scanner is back.")
        ),
    ]
    return [*own, *(item for check in ARCHIVE_CHECKS for item in check(petition))]


@transaction.atomic
def archive(
    petition_id: int,
    *,
    rule: str,
    reason: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> ArchiveRecord:
    """Put an ended case into the archive of the actor's office, under the next number of its year.

    Another kind than the proposed one needs a reason. Raises Refused naming what the file lacks.
    """
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.archive", who)
    kept = ArchiveRecord.objects.filter(petition=petition).first()
    if kept is not None and ArchiveRecord.objects.filter(IN_ARCHIVE, pk=kept.pk).exists():
        raise Refused(_("It is in the archive already, as %(number)s.") % {"number": kept.number}, code="archived")
    missing = [str(item.label) for item in archive_checklist(petition) if not item.is_done]
    if missing:
        raise Refused(_("The file is not complete: %(items)s.") % {"items": _(", ").join(missing)}, code="incomplete")
    if rule not in {K.LEADER_RESULT, K.RESULT, K.NO_RESULT}:
        raise Refused(_("Please choose a kind of file."), field="rule", code="rule")
    if rule != kind_of(petition) and len(reason.strip()) < 4:
        raise Refused(_("Please say why the period differs from the proposed one."), field="reason", code="reason")
    if who.unit is None:
        raise Refused(_("Only somebody of an office may archive."), code="forbidden")
    record = kept or _numbered(petition, who.unit, at)
    months = rules()[rule].months
    record.rule, record.months, record.override_reason = rule, months, reason.strip()
    record.keep_until = keep_until(ended_on(petition, at), months)
    record.archived_at, record.archived_by, record.recordings_erased_at = at, who.user, None
    record.save()
    data = {
        "number": record.number,
        "rule": rule,
        "months": months,
        "keep_until": record.keep_until.isoformat() if record.keep_until else None,
    }
    move(petition_id, "archive", actor=who, at=at, data=data, text=reason.strip(), version=version)
    return record


def _numbered(petition: Petition, unit: Unit, at: datetime) -> ArchiveRecord:
    """A record under the office's next number; the serial's row stays locked, so a number is never skipped."""
    year = at.astimezone(CITY_TIME).year
    ArchiveSerial.objects.get_or_create(unit=unit, year=year)
    serial = ArchiveSerial.objects.select_for_update().get(unit=unit, year=year)
    serial.last += 1
    serial.save(update_fields=["last"])
    return ArchiveRecord(petition=petition, unit=unit, year=year, serial=serial.last)


# ---- legal holds ----


def standing_holds(at: datetime) -> "QuerySet[LegalHold]":
    """Holds that stand at a moment: not lifted, and not past their day."""
    today = at.astimezone(CITY_TIME).date()
    return LegalHold.objects.filter(released_at=None).exclude(until__lt=today)


@transaction.atomic
def hold(
    petition_id: int, *, reason: str, until: date | None = None, actor: User | Actor, at: datetime, **_more: object
) -> LegalHold:
    """Forbid the erasure of a case until somebody lifts the hold or its day has passed. Raises Refused."""
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.hold", who)
    if who.user is None:
        raise Refused(_("A hold is placed by a person."), code="forbidden")
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why the case must be kept."), field="reason", code="reason")
    if until is not None and until < at.astimezone(CITY_TIME).date():
        raise Refused(_("This day has passed."), field="until", code="past")
    if Erasure.objects.filter(petition=petition).exists():
        raise Refused(_("The personal words of this case have been removed already."), code="erased")
    row = LegalHold.objects.create(
        petition=petition, reason=reason.strip(), placed_by=who.user, placed_at=at, until=until
    )
    data = {"hold": row.pk, "until": until.isoformat() if until else None}
    events.record(petition_id, "hold", actor=who, at=at, data=data, text=reason.strip())
    touch(petition, at)
    return row


@transaction.atomic
def release_hold(petition_id: int, *, reason: str, actor: User | Actor, at: datetime, **_more: object) -> int:
    """Lift every hold that stands on a case, with the reason. Returns how many. Raises Refused when none stands."""
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.hold", who)
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why the hold is lifted."), field="reason", code="reason")
    rows = standing_holds(at).select_for_update().filter(petition=petition)
    count = rows.update(released_at=at, released_by=who.user, release_reason=reason.strip())
    if not count:
        raise Refused(_("No hold stands on this case."), code="no_hold")
    events.record(petition_id, "release_hold", actor=who, at=at, data={"holds": count}, text=reason.strip())
    touch(petition, at)
    return count


def refuse_erased(petition: Petition) -> None:
    """Raises Refused for a case whose words the law has removed: there is nothing left to work on."""
    if Erasure.objects.filter(petition=petition).exists():
        raise Refused(
            _("The personal words of this case have been removed by law; it is closed for good."), code="erased"
        )


for _name, _row in MOVES.items():
    if _row.sources & ENDED:
        GUARDS.setdefault(_name, []).append(refuse_erased)
