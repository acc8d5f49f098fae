"""Texts to petitioners: rows first, sent afterwards, at least once, each key once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch.channels import ChannelError
from dispatch.models import Clock
from petitions import actions as petitions
from petitions.models import Document, Petition, Petitioner
from petitions.states import Refused
from portal import sms
from portal.actions import bookings
from portal.actions.links import issue
from portal.actions.quiet import awake
from portal.models import Link, Message

LEASE = timedelta(minutes=5)
BACKOFF = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
MAX_ATTEMPTS = 6
# The reminder goes out when the window has this long to run.
REMIND_BEFORE = timedelta(days=3)


def phone_of(petition: Petition) -> str:
    """The telephone of the main petitioner; empty when there is none, or the person wants to stay unknown."""
    if petition.is_anonymous:
        return ""
    person = petition.petitioners.order_by("-is_main", "pk").first()
    return person.phone if person else ""


def send_link(petition_id: int, goal: str, *, actor: User | Actor, at: datetime) -> Message:
    """Text a link to the petitioner. Raises Refused without a telephone, or where no gateway is set up."""
    if not sms.is_set_up():
        raise Refused(_("No gateway for text messages is set up. Show the link at the counter, or print the slip."))
    with transaction.atomic():
        petition = petitions.lock(petition_id)
        if not phone_of(petition):
            raise Refused(_("No telephone of the petitioner is known. Show the link at the counter."))
        return _queue(petition, goal, kind=goal, key="", actor=actor, at=at)


def _queue(petition: Petition, goal: str, *, kind: str, key: str, actor: User | Actor, at: datetime) -> Message:
    link, token = issue(petition.pk, goal, actor=actor, at=at)
    return Message.objects.create(
        petition=petition,
        link=link,
        kind=kind,
        phone=phone_of(petition),
        token=token,
        dedupe_key=key or f"link:{link.pk}",
        created_at=at,
        deliver_after=awake(at),
    )


def _invite(petition: Petition, goal: str, *, key: str, kind: str, at: datetime) -> Message | None:
    """Text a link, once a key; nothing where there is no telephone, no gateway, or no wish for it."""
    if not sms.is_set_up() or not phone_of(petition) or Message.objects.filter(dedupe_key=key).exists():
        return None
    return _queue(petition, goal, kind=kind, key=key, actor=Actor.system("portal"), at=at)


def answered(petition: Petition, *, at: datetime) -> None:
    """The matter has been answered, or a bad rating put right: ask for the rating, where texts go out by themselves."""
    if settings.SMS_AUTOMATIC:
        key = f"rate:{petition.pk}:{petition.version}"
        _invite(petition, Link.Goal.RATE, key=key, kind=Message.Kind.RATE, at=at)


def letter_issued(document: Document, *, at: datetime) -> None:
    """A letter to the petitioner is out: say so, where texts go out by themselves. Reading it is its delivery."""
    petition = document.petition
    if not settings.SMS_AUTOMATIC or petition.is_restricted:
        return
    if Document.objects.for_citizen(petition).filter(pk=document.pk).exists():
        _invite(petition, Link.Goal.DOCUMENTS, key=f"letter:{document.pk}", kind=Message.Kind.DOCUMENTS, at=at)


def remind(*, at: datetime, limit: int = 200) -> int:
    """Remind of windows that close soon, once each. Safe to repeat; returns how many texts were laid out."""
    if not settings.SMS_AUTOMATIC:
        return 0
    reminded = Message.objects.filter(
        kind=Message.Kind.REMINDER, petition=OuterRef("petition"), created_at__gte=OuterRef("started_at")
    )
    people = Petitioner.objects.filter(petition=OuterRef("petition")).order_by("-is_main", "pk")
    # Only whom a text can reach (see `phone_of`): a row that never can would stand in front of the others for ever.
    soon = Clock.objects.alias(telephone=Subquery(people.values("phone_index")[:1])).filter(
        ~Exists(reminded),
        telephone__gt="",
        petition__is_anonymous=False,
        policy__key="R_window",
        state=Clock.State.RUNNING,
        due_at__gt=at,
        due_at__lte=at + REMIND_BEFORE,
    )
    laid = 0
    for pk, petition_id in list(soon.order_by("due_at", "pk").values_list("pk", "petition")[:limit]):
        with transaction.atomic():
            petition = petitions.lock(petition_id or 0)
            made = _invite(petition, Link.Goal.RATE, key=f"remind:{pk}", kind=Message.Kind.REMINDER, at=at)
            laid += made is not None
    return laid


def deliver(*, at: datetime, limit: int = 100) -> tuple[int, int]:
    """Send what is due; (sent, failed). Claimed with a lease, sent outside every transaction, tried again later."""
    # What will not be sent any more needs no secret kept.
    Message.objects.filter(~Q(token=""), delivered_at=None, link__expires_at__lte=at).update(token="")
    bookings.give_up_late(at=at)
    if not sms.is_set_up():
        return 0, 0
    sent = failed = 0
    for message in _claim(at, limit):
        title, text = words_of(message)
        try:
            sms.send(message.phone, title, text)
        except (ChannelError, OSError) as error:
            wait = BACKOFF[min(message.attempts, len(BACKOFF) - 1)]
            Message.objects.filter(pk=message.pk).update(
                attempts=message.attempts + 1, last_error=str(error)[:300], deliver_after=at + wait
            )
            failed += 1
        else:
            Message.objects.filter(pk=message.pk).update(delivered_at=at, last_error="", token="")
            sent += 1
    return sent, failed


@transaction.atomic
def _claim(at: datetime, limit: int) -> Sequence[Message]:
    # A link that has died meanwhile is not worth a text.
    alive = Q(link__isnull=False, link__ended_at=None, link__expires_at__gt=at) & ~Q(token="")
    rows = Message.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        alive | bookings.worth_sending(),
        delivered_at=None,
        deliver_after__lte=at,
        attempts__lt=MAX_ATTEMPTS,
    )
    joined = rows.select_related("link", "booking__day__official")
    batch = list(joined.order_by("deliver_after", "pk")[:limit])
    Message.objects.filter(pk__in=[message.pk for message in batch]).update(deliver_after=at + LEASE)
    return batch


def words_of(message: Message) -> tuple[str, str]:
    """Title and text as they go out: no name, no number, nothing of the case."""
    with translation.override(settings.LANGUAGE_CODE):
        if message.booking is not None:
            return _("Ningbo petition office"), bookings.words_of(message, message.booking)
        if message.link is None:
            raise ValueError("a message without a link or a booking")
        asks = {
            Message.Kind.RATE: _("Your matter has been answered. Please tell us whether you are satisfied:"),
            Message.Kind.REMINDER: _("You can still rate how your matter was handled:"),
            Message.Kind.DOCUMENTS: _("A letter is ready for you:"),
            Message.Kind.TRACK: _("You can follow your matter here:"),
        }
        until = timezone.localtime(message.link.expires_at)
        valid = _("Valid until %(month)d/%(day)d; please do not pass it on.") % {"month": until.month, "day": until.day}
        return _("Ningbo petition office"), f"{asks[Message.Kind(message.kind)]} {address_of(message.token)} {valid}"


def address_of(token: str) -> str:
    """The public address of a link."""
    return f"{settings.PUBLIC_URL}{reverse('portal_link', args=[token])}"
