"""The outbox: rows written with the event, delivered afterwards, at most once per person and channel."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation

from accounts.models import User
from dispatch.models import Notice, WorkOrder
from dispatch.notices import sentence
from petitions.models import Petition

# After the n-th failure wait this long; the last value repeats until MAX_ATTEMPTS.
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
MAX_ATTEMPTS = 12
# While a sender holds a batch outside any transaction, nobody else takes it for this long.
LEASE = timedelta(minutes=5)


def notify(
    users: Iterable[User],
    *,
    kind: str,
    petition: Petition | None = None,
    order: WorkOrder | None = None,
    key: str,
    at: datetime,
    params: dict[str, Any] | None = None,
) -> None:
    """Write one notice per person and channel, in the caller's transaction. The same key twice changes nothing."""
    people = list({user.pk: user for user in users}.values())
    if petition is not None and petition.is_restricted:
        # Class A: not even the number goes to somebody who is not named (domain-facts §1.17).
        named = set(petition.involvements.filter(unit__isnull=True).values_list("user_id", flat=True))
        people = [user for user in people if user.pk in named]
    rows = [
        Notice(
            recipient=user,
            channel=channel,
            kind=kind,
            petition=petition,
            order=order,
            params=params or {},
            dedupe_key=key,
            created_at=at,
            deliver_after=at,
            delivered_at=at if channel == Notice.Channel.INAPP else None,
        )
        for user in people
        for channel in (Notice.Channel.INAPP, Notice.Channel.EMAIL)
        if channel == Notice.Channel.INAPP or user.email
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def claim(*, at: datetime, limit: int = 200) -> list[Notice]:
    """Take a batch of due mails for sending: a short transaction that leases them, no network call in it."""
    with transaction.atomic():
        ids = list(
            Notice.objects.select_for_update(skip_locked=True)
            .filter(
                channel=Notice.Channel.EMAIL,
                delivered_at__isnull=True,
                deliver_after__lte=at,
                attempts__lt=MAX_ATTEMPTS,
            )
            .order_by("deliver_after", "id")
            .values_list("pk", flat=True)[:limit]
        )
        Notice.objects.filter(pk__in=ids).update(deliver_after=at + LEASE)
    return list(Notice.objects.filter(pk__in=ids).select_related("recipient", "petition", "order__petition"))


def deliver(*, at: datetime, limit: int = 200) -> tuple[int, int]:
    """Send due mails; (sent, failed). A failed delivery stays in the outbox with its error and is tried again later."""
    batch = claim(at=at, limit=limit)
    sent = failed = 0
    connection = get_connection()
    for notice in batch:
        try:
            mail = _mail(notice)
            mail.connection = connection
            mail.send()
        except Exception as error:
            failed += 1
            _failed(notice, str(error) or type(error).__name__, at)
        else:
            sent += 1
            Notice.objects.filter(pk=notice.pk).update(delivered_at=at, last_error="")
    return sent, failed


def _failed(notice: Notice, error: str, at: datetime) -> None:
    wait = BACKOFF[min(notice.attempts, len(BACKOFF) - 1)]
    Notice.objects.filter(pk=notice.pk).update(
        attempts=notice.attempts + 1, last_error=error[:300], deliver_after=at + wait
    )


def _mail(notice: Notice) -> EmailMessage:
    with translation.override(notice.recipient.language):
        text = sentence(notice)
        link = f"{settings.PUBLIC_URL}/petitions/{notice.petition_id}/" if notice.petition_id else settings.PUBLIC_URL
        return EmailMessage(
            subject=text.title,
            body=f"{text.body}\n\n{link}\n",
            to=[notice.recipient.email],
            # Stable over retries, so that a mail server drops what it has seen.
            headers={"Message-ID": f"<notice-{notice.pk}@yongqing>"},
        )


def mark_read(user: User, *, at: datetime, ids: Iterable[int] | None = None) -> int:
    """Mark a person's own notices read: the given ones, or all. Returns how many changed."""
    rows = Notice.objects.visible_to(user).filter(read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(Q(pk__in=list(ids)))
    return rows.update(read_at=at)


def settle(*, before: datetime, petitions: Iterable[int] | None = None) -> int:
    """Count what was written before a moment as delivered and read, without sending it: for a past brought in at once.

    `petitions` narrows it to notices on these. Returns how many changed.
    """
    rows = Notice.objects.filter(created_at__lt=before)
    if petitions is not None:
        rows = rows.filter(petition__in=list(petitions))
    unsent = rows.filter(channel=Notice.Channel.EMAIL, delivered_at__isnull=True)
    unread = rows.filter(channel=Notice.Channel.INAPP, read_at__isnull=True)
    return unsent.update(delivered_at=F("created_at")) + unread.update(read_at=F("created_at"))
