"""Sending what waits in the outbox: claimed with a lease, sent outside every transaction, tried again with patience.

At least once per person and channel: a sender that dies after the network call and before its note sends again when
the lease ends; mails carry a stable Message-ID for that. Each channel is sent by itself and within a time of its own,
and one dead unit channel or mail server holds nobody else up.
"""

import smtplib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.utils import translation

from accounts.models import User
from dispatch.actions.gathering import gather_outbox
from dispatch.channels import ChannelError, post
from dispatch.models import Notice, NotificationChannel
from dispatch.notices import digest_text, link_of, sentence

# After the n-th failure wait this long; the last value repeats until MAX_ATTEMPTS.
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
MAX_ATTEMPTS = 12
# While a sender holds a batch outside any transaction, nobody else takes it for this long.
LEASE = timedelta(minutes=5)
# A task's own limit is 50 s (CELERY_TASK_SOFT_TIME_LIMIT); what is left over waits for the next run.
BUDGET_SECONDS = 30.0
# One claimer a channel at a time, for the short moment of claiming; sending runs side by side.
CLAIM_LOCK = 0x4F555442
# Every error of smtplib is an OSError; these mean the server, the others the message or its address.
_SERVER_DOWN = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError)
_LOCK_OF = {Notice.Channel.EMAIL.value: 1, Notice.Channel.APPRISE.value: 2}


@dataclass
class Delivery:
    """What one run sent. `left` were put back untried, because their server did not answer or time ran out."""

    sent: int = 0
    failed: int = 0
    left: list[Notice] = field(default_factory=list)


def claim(channel: str, *, at: datetime, limit: int = 200) -> list[Notice]:
    """Gather digests, then take a batch of what is due: a short transaction that leases it, no network call in it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CLAIM_LOCK, _LOCK_OF[channel]])
        gather_outbox(channel, at=at)
        ids = list(
            Notice.objects.select_for_update(skip_locked=True)
            .filter(
                channel=channel,
                delivered_at__isnull=True,
                digest__isnull=True,
                deliver_after__lte=at,
                attempts__lt=MAX_ATTEMPTS,
            )
            .order_by("deliver_after", "id")
            .values_list("pk", flat=True)[:limit]
        )
        Notice.objects.filter(pk__in=ids).update(deliver_after=at + LEASE)
    joined = Notice.objects.select_related("recipient", "target__unit", "petition", "order__petition")
    found = joined.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def deliver(*, at: datetime, limit: int = 200) -> tuple[int, int]:
    """Send due mails; (sent, failed). A failed delivery stays in the outbox with its error and is tried again later."""
    batch = claim(Notice.Channel.EMAIL, at=at, limit=limit)
    done = _send_mails(batch, at) if batch else Delivery()
    return done.sent, done.failed


def deliver_to_units(*, at: datetime, limit: int = 200) -> tuple[int, int]:
    """Send what is due over the units' channels; (sent, failed). A channel that fails is left alone until later."""
    done, until = Delivery(), monotonic() + BUDGET_SECONDS
    dead: dict[int, str] = {}
    for notice in claim(Notice.Channel.APPRISE, at=at, limit=limit):
        target = notice.target
        assert target is not None
        if monotonic() > until:
            done.left.append(notice)
            continue
        if target.pk in dead:
            _failed(notice, dead[target.pk], at)
            done.failed += 1
            continue
        try:
            post(target.url, *_words(notice, settings.LANGUAGE_CODE))
        except ChannelError as error:
            dead[target.pk] = str(error)
            _failed(notice, str(error), at)
            _note_channel(target, at, str(error))
            done.failed += 1
        else:
            _sent(notice, at)
            _note_channel(target, at)
            done.sent += 1
    _put_back(done.left, at)
    return done.sent, done.failed


def _send_mails(batch: list[Notice], at: datetime) -> Delivery:
    done, until = Delivery(), monotonic() + BUDGET_SECONDS
    server = get_connection()
    for place, notice in enumerate(batch):
        if monotonic() > until:
            done.left = batch[place:]
            break
        try:
            mail = _mail(notice)
            mail.connection = server
            mail.send()
        except OSError as error:
            if isinstance(error, smtplib.SMTPException) and not isinstance(error, _SERVER_DOWN):
                done.failed += 1
                _failed(notice, str(error) or type(error).__name__, at)
                continue
            # The server is down, not the address: nobody's attempts are used up, and the others are not tried.
            done.left, done.failed = batch[place:], done.failed + 1
            words = f"{type(error).__name__}: {error}"
            # The mail it happened with comes last next time: were it the cause, it would hold the others up for ever.
            _put_back(batch[place + 1 :], at, wait=BACKOFF[0] - timedelta(microseconds=1), error=words)
            _put_back([notice], at, wait=BACKOFF[0], error=words)
            return done
        except Exception as error:
            done.failed += 1
            _failed(notice, str(error) or type(error).__name__, at)
        else:
            done.sent += 1
            _sent(notice, at)
    _put_back(done.left, at)
    return done


def _sent(notice: Notice, at: datetime) -> None:
    Notice.objects.filter(pk=notice.pk).update(delivered_at=at, last_error="")
    if notice.kind == "digest":
        notice.members.update(delivered_at=at)


def _failed(notice: Notice, error: str, at: datetime) -> None:
    wait = BACKOFF[min(notice.attempts, len(BACKOFF) - 1)]
    # A fifth more or less, the same for the same notice: what failed together does not come back together.
    jitter = wait * ((notice.pk % 41 - 20) / 100)
    Notice.objects.filter(pk=notice.pk).update(
        attempts=notice.attempts + 1, last_error=error[:300], deliver_after=at + wait + jitter
    )


def _put_back(notices: Iterable[Notice], at: datetime, *, wait: timedelta = timedelta(0), error: str = "") -> None:
    """Give the lease back for what was not tried."""
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices], delivered_at__isnull=True)
    if error:
        rows.update(deliver_after=at + wait, last_error=error[:300])
    else:
        rows.update(deliver_after=at + wait)


def _note_channel(target: NotificationChannel, at: datetime, error: str = "") -> None:
    rows = NotificationChannel.objects.filter(pk=target.pk)
    if error:
        rows.update(last_error_at=at, last_error=error[:300])
    else:
        rows.update(last_success_at=at, last_error="")


def _words(notice: Notice, language: str) -> tuple[str, str]:
    """Title and body as they leave the house, with the link."""
    with translation.override(language):
        if notice.kind == "digest":
            text = digest_text(notice)
            return text.title, text.body
        text = sentence(notice)
        return text.title, f"{text.body}\n\n{settings.PUBLIC_URL}{link_of(notice)}\n"


def _mail(notice: Notice) -> EmailMessage:
    person = notice.recipient
    assert person is not None
    title, body = _words(notice, person.language)
    return EmailMessage(
        subject=title,
        body=body,
        to=[person.email],
        # Stable over retries, so that a mail server drops what it has seen.
        headers={"Message-ID": f"<notice-{notice.pk}@yongqing>"},
    )


def resend(user: User, *, at: datetime, pk: int | None = None, channel: str = "", **narrow: Any) -> int:
    """Try failed deliveries of this person's log again, now and with fresh attempts: one, or all of a channel.

    A delivery that went out is not sent twice. Returns how many will be tried again.
    """
    rows = Notice.objects.logged_for(user).filter(delivered_at__isnull=True, digest__isnull=True, **narrow)
    rows = rows.filter(pk=pk) if pk is not None else rows.exclude(last_error="")
    if channel:
        rows = rows.filter(channel=channel)
    return Notice.objects.filter(pk__in=rows.values("pk")).update(attempts=0, deliver_after=at, last_error="")
