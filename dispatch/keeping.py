"""What the archive shows: the card beside a case, the lists of /retention/, and the proof of a removal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.models import WorkOrder
from dispatch.panels import Panel, register_case_panel
from petitions import events
from petitions.actions.archiving import IN_ARCHIVE, standing_holds
from petitions.actions.erasing import due
from petitions.actions.registration import CITY_TIME
from petitions.models import ArchiveRecord, Erasure, Petition

SOON = timedelta(days=90)
# What the copies are called where people read how much of each was removed. A room's own copy shows its name.
COPY_LABELS: dict[str, Promise] = {
    "petition": _("The petition"),
    "event_words": _("Words of the history"),
    "files": _("Files and previews"),
    "search": _("Text index"),
    "saved_views": _("Saved views"),
    "access_log": _("Quotations in the access log"),
    "drafts": _("Drafts"),
    "jobs": _("Batch jobs"),
    "rows_petitions": _("Petitioners, documents, records, reviews"),
    "rows_dispatch": _("Work orders, contacts, supervision, notices"),
    "rows_portal": _("Messages to citizens"),
    "portal.messages": _("Telephones and secrets of messages"),
    "answers": _("Stored answers of the API"),
    "inbound": _("Messages of other systems"),
    "webhooks": _("Webhook messages"),
}


@register_case_panel
def archive_card(user: User, petition: Petition, _orders: list[WorkOrder], at: datetime) -> Panel | None:
    """Beside an ended case: its archive number and period, a hold that stands, a removal that was done."""
    # A case that goes on has no archive; a hold placed on it stands in its timeline and in the list of holds.
    if petition.is_open or not user.may("petitions.retention"):
        return None
    rows = Petition.objects.filter(pk=petition.pk).select_related("archive_record__unit", "erasure")
    found = rows.only("id", "archive_record", "erasure").annotate(
        is_held=Exists(standing_holds(at).filter(petition=OuterRef("pk")))
    )[0]
    record, erasure = getattr(found, "archive_record", None), getattr(found, "erasure", None)
    if record is None and erasure is None and not found.is_held:
        return None
    return Panel(
        "dispatch/archive_card.html",
        {"record": record, "erasure": erasure, "is_held": found.is_held, "may_hold": user.may("petitions.hold")},
    )


def scoped(user: User) -> QuerySet[Petition]:
    """The petitions whose archive this person may read."""
    return Petition.objects.within(user, "petitions.retention")


@dataclass(frozen=True)
class Shelf:
    """One list of /retention/."""

    key: str
    label: Promise
    template: str
    empty: Promise


SHELVES = (
    Shelf(
        "due",
        _("Due soon"),
        "dispatch/retention_records.html",
        _("No case reaches the end of its time within 90 days."),
    ),
    Shelf("all", _("In the archive"), "dispatch/retention_records.html", _("No case is in the archive yet.")),
    Shelf("held", _("On hold"), "dispatch/retention_holds.html", _("No legal hold stands.")),
    Shelf("done", _("Words removed"), "dispatch/retention_proofs.html", _("No personal words have been removed yet.")),
)


def rows_of(shelf: str, user: User, at: datetime) -> QuerySet[Any]:
    """The rows of one list, within what this person may read."""
    mine = scoped(user).values("pk")
    if shelf == "held":
        holds = standing_holds(at).filter(petition__in=mine)
        return holds.select_related("petition", "placed_by").order_by("-placed_at", "-pk")
    if shelf == "done":
        return Erasure.objects.filter(petition__in=mine).select_related("petition__archive_record__unit", "by")
    rows = ArchiveRecord.objects.filter(petition__in=mine, petition__erasure=None)
    rows = rows.select_related("petition", "unit", "archived_by")
    # Asked for the rows of one page only.
    shown: QuerySet[Any] = rows.annotate(is_held=Exists(standing_holds(at).filter(petition=OuterRef("petition"))))
    if shelf == "due":
        until = (at + SOON).astimezone(CITY_TIME).date()
        return shown.filter(IN_ARCHIVE, keep_until__lt=until, petition__is_open=False).order_by("keep_until", "pk")
    return shown.order_by("-archived_at", "-pk")


def due_count(user: User, at: datetime) -> int:
    """How many of the cases this person reads are due now and not held."""
    return due(at=at).filter(petition__in=scoped(user).values("pk")).count()


def proof_of(erasure: Erasure) -> dict[str, Any]:
    """The proof of a removal as plain data without personal words: what, when, by which rule, how much, checked how."""
    petition = erasure.petition
    record = getattr(petition, "archive_record", None)
    broken = events.verify(petition.pk)
    return {
        "petition": petition.number,
        "archive_number": record.number if record else "",
        "rule": erasure.rule,
        "rule_label": str(erasure.get_rule_display()),
        "months": erasure.months,
        "keep_until": erasure.keep_until.isoformat() if erasure.keep_until else None,
        "removed_at": erasure.at.isoformat(),
        "removed_by": "system" if erasure.by_id is None else str(erasure.by),
        "copies": dict(sorted(erasure.counts.items())),
        "digest_before": erasure.before,
        "digest_after": erasure.after,
        "checked_at": erasure.checked_at.isoformat() if erasure.checked_at else None,
        "left": erasure.left,
        "chain": "intact" if broken is None else f"broken at {broken.seq}: {broken.reason}",
        "words_removed_from_events": events.removed_words(petition.pk),
    }
