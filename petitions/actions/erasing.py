"""Removing the personal words of a case when its time is over, in every copy, with a proof (PIPL 19, 47)."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import erasure, events
from petitions.actions.archiving import IN_ARCHIVE, K, keep_until, rules, standing_holds
from petitions.actions.moves import lock, move, require, touch
from petitions.actions.registration import CITY_TIME
from petitions.copies import erase_files
from petitions.models import ArchiveRecord, Attachment, Erasure, Petition
from petitions.retention import copies, find_words
from petitions.states import Refused

log = logging.getLogger(__name__)

RECORDINGS = 200


# Later rooms say which petitions they still work on: a condition, given the path to the petition's key.
STILL_NEEDED: list[Callable[[str], Exists]] = []


def due(*, at: datetime) -> "QuerySet[ArchiveRecord]":
    """Archived cases whose time is over and that nothing holds back, longest due first.

    One that was taken up again is not among them, also when it has ended anew, until it is archived anew.
    """
    today = at.astimezone(CITY_TIME).date()
    held = Exists(standing_holds(at).filter(petition=OuterRef("petition")))
    done = Exists(Erasure.objects.filter(petition=OuterRef("petition")))
    rows = ArchiveRecord.objects.filter(IN_ARCHIVE, ~held, ~done, keep_until__lt=today, petition__is_open=False)
    for needed in STILL_NEEDED:
        rows = rows.filter(~needed("petition"))
    return rows.order_by("keep_until", "pk")


@transaction.atomic
def anonymise(petition_id: int, *, actor: User | Actor, at: datetime) -> Erasure:
    """Remove the personal words of a case whose time is over, in every registered copy, in one transaction.

    Files go from the storage once the transaction stands; `check_erasure` proves it afterwards and repeats what
    failed. Raises Refused for a case that is not archived, not due, held back, or done already.
    """
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.anonymise", who)
    record = ArchiveRecord.objects.filter(IN_ARCHIVE, petition=petition).first()
    if Erasure.objects.filter(petition=petition).exists():
        raise Refused(_("The personal words of this case have been removed already."), code="erased")
    if record is None or petition.is_open:
        raise Refused(_("Only a case in the archive can lose its words."), code="not_archived")
    if standing_holds(at).filter(petition=petition).exists():
        raise Refused(_("A legal hold stands on this case."), code="held")
    if any(Petition.objects.filter(needed("pk"), pk=petition_id).exists() for needed in STILL_NEEDED):
        raise Refused(_("This case is on a file that is still worked on."), code="needed")
    today = at.astimezone(CITY_TIME).date()
    if record.keep_until is None or record.keep_until >= today:
        until = record.keep_until.isoformat() if record.keep_until else _("for ever")
        raise Refused(_("This case is to be kept: %(until)s.") % {"until": until}, code="not_due")
    before = erasure.fingerprint(petition_id)
    until_day = record.keep_until
    data = {"rule": record.rule, "months": record.months, "keep_until": until_day.isoformat(), "before": before}
    move(petition_id, events.ANONYMISE, actor=who, at=at, data=data)
    counts = _empty([petition_id], at)
    return Erasure.objects.create(
        petition=petition,
        rule=record.rule,
        months=record.months,
        keep_until=until_day,
        at=at,
        by=who.user,
        counts=counts,
        before=before,
    )


def _empty(petition_ids: Sequence[int], at: datetime) -> dict[str, int]:
    return {copy.name: copy.anonymise(petition_ids, at) for copy in copies()}


def unproved() -> "QuerySet[Erasure]":
    """Removals nobody has proved yet, the oldest first."""
    return Erasure.objects.filter(checked_at=None).order_by("pk")


def check_erasure(petition_id: int, *, at: datetime) -> dict[str, int]:
    """Search every copy of a case again for what was removed; what is found is removed once more.

    Returns what was found, by copy; nothing found is the proof, and is written down.
    """
    # The storage is searched before anything is locked.
    left = find_words([petition_id])
    with transaction.atomic():
        petition = lock(petition_id)
        row = Erasure.objects.select_for_update().get(petition=petition)
        if left:
            _empty([petition_id], at)
        row.left = left
        row.after = erasure.fingerprint(petition_id)
        row.checked_at = None if left else at
        row.save(update_fields=["left", "after", "checked_at"])
    return left


def erase_recordings(*, at: datetime) -> int:
    """Remove sound and video of archived cases whose shorter time is over. Returns how many files went."""
    months = rules()[K.RECORDINGS].months
    if months is None:
        return 0
    held = Exists(standing_holds(at).filter(petition=OuterRef("petition")))
    rows = ArchiveRecord.objects.filter(~held, recordings_erased_at=None, petition__is_open=False)
    # A coarse bound first, so that the archive of today is not read every night.
    rows = (
        rows.filter(archived_at__lt=at - timedelta(days=28 * months)).select_related("petition").order_by("archived_at")
    )
    today, gone = at.astimezone(CITY_TIME).date(), 0
    for record in rows[:RECORDINGS]:
        ended = (record.petition.closed_at or record.archived_at).astimezone(CITY_TIME).date()
        until = keep_until(ended, months)
        if until is not None and until < today:
            gone += _tried(record.pk, at)
    return gone


def _tried(record_id: int, at: datetime) -> int:
    """One case that fails is left for the next night and keeps no other waiting."""
    try:
        return _erase_recordings(record_id, at)
    except Exception:
        log.exception("The recordings of archive record %s are set aside", record_id)
        return 0


@transaction.atomic
def _erase_recordings(record_id: int, at: datetime) -> int:
    record = ArchiveRecord.objects.get(pk=record_id)
    petition = lock(record.petition_id)
    rows = Attachment.objects.filter(petition=petition, erased_at=None)
    rows = rows.filter(content_type__startswith="audio/") | rows.filter(content_type__startswith="video/")
    digests = list(rows.values_list("sha256", flat=True))
    gone = erase_files(Attachment.objects.filter(pk__in=list(rows.values_list("pk", flat=True))), at)
    if gone:
        data = {"rule": K.RECORDINGS.value, "files": digests}
        events.record(petition.pk, "erase_recordings", actor=Actor.system("retention"), at=at, data=data)
        touch(petition, at)
    ArchiveRecord.objects.filter(pk=record.pk).update(recordings_erased_at=at)
    return gone
