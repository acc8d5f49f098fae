"""Viruses: files wait in quarantine until ClamAV has looked at them, when an office runs one (YQ_CLAMAV)."""

import logging
from datetime import datetime, timedelta
from typing import Any

from clamdpy import ClamdNetworkSocket, ClamdUnixSocket
from clamdpy.exceptions import ClamdException
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.actors import Actor
from petitions import events
from petitions.actions import lock
from petitions.models import Attachment, Scan
from petitions.signals import attachment_infected

log = logging.getLogger(__name__)

# Seconds for one answer. A worker that waits longer holds up the others.
TIMEOUT = 20
# A worker that took a file and died leaves it to the next after so long.
CLAIM = timedelta(minutes=3)
AWAY, REFUSED = timedelta(seconds=30), timedelta(hours=1)
BATCH = 50
# How long the oldest may wait before the office should look at its scanner.
PATIENCE = timedelta(minutes=10)
_NO_ANSWER = (ClamdException, OSError, UnicodeDecodeError)


def scanner() -> ClamdNetworkSocket | None:
    """The configured scanner, "unix:/path/of/clamd.ctl" or "tcp:host:port"; None when there is none.

    Raises ImproperlyConfigured for an address of another form.
    """
    address = settings.CLAMAV
    if not address:
        return None
    kind, _colon, rest = address.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return ClamdUnixSocket(rest, timeout=TIMEOUT, max_chunk_size=64 * 1024, line_terminator="z")
    host, _colon, port = rest.rpartition(":")
    if kind == "tcp" and host and port.isdecimal():
        return ClamdNetworkSocket(host, int(port), timeout=TIMEOUT, max_chunk_size=64 * 1024, line_terminator="z")
    raise ImproperlyConfigured("YQ_CLAMAV is unix:/path/of/clamd.ctl or tcp:host:port.")


def waiting() -> "QuerySet[Attachment]":
    """Files that stand in quarantine and no scanner has judged."""
    return Attachment.objects.filter(scan__in=[Scan.WAITING, Scan.UNSCANNED], erased_at=None)


def due(at: datetime) -> "QuerySet[Attachment]":
    """Files to ask the scanner about now, in the order of the index `attachment_to_scan`."""
    rows = waiting().filter(Q(scan_after=None) | Q(scan_after__lte=at))
    return rows.order_by("scan_after", "pk")


def scan_waiting(*, at: datetime) -> int:
    """Have the scanner look at files that wait, until none does or it is away. Returns how many it judged.

    With a scanner newly configured, files from before are looked at too; with none configured, nothing waits.
    """
    found = scanner()
    if found is None:
        return 0
    judged = 0
    for pk in list(due(at).values_list("pk", flat=True)[:BATCH]):
        row = _claim(pk, at)
        if row is None:
            continue
        try:
            scan, finding = _ask(found, row)
        except _NO_ANSWER as error:
            log.warning("The virus scanner does not answer (%s); files wait", type(error).__name__)
            _again(row, at + AWAY)
            break
        if scan == Scan.WAITING:
            _again(row, at + REFUSED, finding)
            continue
        mark(row.pk, scan, finding=finding, at=at)
        judged += 1
    return judged


def _claim(pk: int, at: datetime) -> Attachment | None:
    """Take a file so that no second worker scans it as well; no lock is held while the scanner looks."""
    mine = waiting().filter(Q(scan_after=None) | Q(scan_after__lte=at), pk=pk).update(scan_after=at + CLAIM)
    return Attachment.objects.get(pk=pk) if mine else None


def _again(row: Attachment, after: datetime, finding: str = "") -> None:
    waiting().filter(pk=row.pk).update(scan_after=after, scan_finding=finding[:120])


def _ask(found: ClamdNetworkSocket, row: Attachment) -> tuple[Scan, str]:
    """What the scanner says: a judgement, or WAITING with the reason why it gave none about this file."""
    try:
        with row.file.open("rb") as file:
            answer = found.instream(file)
    except FileNotFoundError:
        return Scan.WAITING, "the file is missing in the storage"
    except ClamdException as error:
        if "size limit" not in str(error):
            raise
        return Scan.WAITING, "larger than the scanner's StreamMaxLength"
    if answer.status == "FOUND":
        return Scan.INFECTED, str(answer.reason or "unnamed")
    if answer.status == "OK":
        return Scan.CLEAN, ""
    return Scan.WAITING, str(answer.reason or "the scanner reports an error")


@transaction.atomic
def mark(attachment_id: int, scan: Scan, *, finding: str = "", at: datetime) -> Attachment:
    """Write what the scanner said: the only writer of a judgement. A virus is told to uploader and office, once."""
    petition = lock(Attachment.objects.values_list("petition_id", flat=True).get(pk=attachment_id))
    row = Attachment.objects.select_for_update().get(pk=attachment_id)
    was_infected = row.scan == Scan.INFECTED
    row.scan, row.scan_finding, row.scanned_at = scan, finding[:120], at
    if scan == Scan.INFECTED:
        row.preview = Attachment.Preview.NONE
    row.save(update_fields=["scan", "scan_finding", "scanned_at", "preview"])
    if scan == Scan.INFECTED and not was_infected:
        actor = Actor.system("scanner")
        events.record(petition.pk, "infected", actor=actor, at=at, data={"file": row.pk, "finding": finding[:120]})
        attachment_infected.send(Attachment, attachment=row, petition=petition, at=at)
    return row


def report(*, at: datetime) -> dict[str, Any]:
    """How the scanner does, for /healthz and the administrators: no names, only numbers.

    {"configured", "ok", "detail", "waiting", "infected"}; `ok` is True where none is configured.
    """
    infected = Attachment.objects.filter(scan=Scan.INFECTED).count()
    try:
        found = scanner()
    except ImproperlyConfigured as error:
        return {"configured": True, "ok": False, "detail": str(error), "waiting": None, "infected": infected}
    if found is None:
        return {"configured": False, "ok": True, "detail": "none configured", "waiting": 0, "infected": infected}
    found.timeout = 1
    rows = waiting()
    count, oldest = rows.count(), rows.order_by("uploaded_at").values_list("uploaded_at", flat=True).first()
    try:
        answers = found.ping() == "PONG"
        detail = "answers" if answers else "does not answer as ClamAV does"
    except _NO_ANSWER as error:
        answers, detail = False, f"no answer ({type(error).__name__}), files wait in quarantine"
    is_late = oldest is not None and at - oldest > PATIENCE
    if count:
        detail += f", {count} waiting"
    return {"configured": True, "ok": answers and not is_late, "detail": detail, "waiting": count, "infected": infected}
