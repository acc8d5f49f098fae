"""The writers of how people and units are reached: unit channels, quiet hours, personal preferences."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Unit, User
from dispatch.channels import ChannelError, check_address, post
from dispatch.models import NoticePreference, NotificationChannel, QuietHours
from dispatch.notices import ALWAYS_INAPP
from petitions.states import Refused


@dataclass(frozen=True)
class ChannelData:
    """What a unit's channel is to be. An empty `url` on an edit keeps the one there is."""

    name: str
    url: str = ""
    kinds: Sequence[str] = ()
    rungs: Sequence[str] = ()
    is_active: bool = True


def _may_manage(user: User, unit: Unit) -> None:
    """Raises Refused unless the permission reaches this unit."""
    reach = NotificationChannel(unit=unit)
    scope = user.scope_for("dispatch.channels")
    is_own = user.unit is not None and reach.unit.path.startswith(user.unit.path)
    if scope is None or (scope != "city" and not is_own):
        raise Refused(_("A unit's channels are managed by its leader and by the city petition office."))


@transaction.atomic
def save_channel(
    user: User, unit: Unit, data: ChannelData, *, at: datetime, channel: NotificationChannel | None = None
) -> NotificationChannel:
    """Make or change a channel. Raises Refused with a sentence for an address that cannot be used."""
    _may_manage(user, unit)
    if data.url or channel is None:
        try:
            check_address(data.url)
        except ChannelError as error:
            raise Refused(str(error), field="url", code="address") from None
    row = channel or NotificationChannel(unit=unit, created_at=at, created_by=user)
    row.name, row.kinds, row.rungs = data.name, list(data.kinds), list(data.rungs)
    row.is_active = data.is_active
    if data.url:
        row.url = data.url
        row.last_success_at = row.last_error_at = None
        row.last_error = ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Refused(_("This unit has a channel of that name already."), field="name", code="name_taken") from None
    return row


def test_channel(user: User, channel: NotificationChannel, *, at: datetime) -> None:
    """Send a marked test over a channel at once, outside any transaction. Raises Refused with the channel's answer."""
    _may_manage(user, channel.unit)
    title = _("Yongqing: test of the channel “%(name)s”") % {"name": channel.name}
    body = _("Sent by %(person)s for %(unit)s. Nothing is to be done.") % {"person": user.name, "unit": channel.unit}
    rows = NotificationChannel.objects.filter(pk=channel.pk)
    try:
        post(channel.url, title, body)
    except ChannelError as error:
        rows.update(last_error_at=at, last_error=str(error)[:300])
        raise Refused(_("The test did not arrive: %(error)s") % {"error": error}, code="not_delivered") from None
    rows.update(last_success_at=at, last_error="")


@transaction.atomic
def remove_channel(user: User, channel: NotificationChannel) -> None:
    """Take a channel away for good, with its log. Raises Refused."""
    _may_manage(user, channel.unit)
    channel.delete()


def _check_pair(starts: time | None, ends: time | None, field_name: str) -> None:
    if (starts is None) != (ends is None):
        raise Refused(_("Give both times, or neither."), field=field_name)
    if starts is not None and starts == ends:
        raise Refused(_("Quiet hours cannot begin and end at the same moment."), field=field_name)


@transaction.atomic
def set_quiet_hours(user: User, unit: Unit | None, starts: time | None, ends: time | None) -> None:
    """Quiet hours of a unit, or (None) of the whole office. Both empty: deliveries go out at any hour."""
    if unit is None:
        if not user.may("dispatch.quiet_hours"):
            raise Refused(_("The office's quiet hours are set by the city petition office."))
    else:
        _may_manage(user, unit)
    _check_pair(starts, ends, "ends")
    QuietHours.objects.update_or_create(unit=unit, defaults={"starts": starts, "ends": ends})


@transaction.atomic
def follow_office(user: User, unit: Unit) -> None:
    """Drop a unit's own quiet hours: the office's apply again."""
    _may_manage(user, unit)
    QuietHours.objects.filter(unit=unit).delete()


@dataclass(frozen=True)
class Preferences:
    """What a person wants: kinds without mail, kinds without an inbox entry, one mail a day, own quiet hours."""

    no_mail: Sequence[str] = field(default_factory=list)
    no_inapp: Sequence[str] = field(default_factory=list)
    digest_at: time | None = None
    has_own_quiet: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None


@transaction.atomic
def set_preferences(user: User, wanted: Preferences) -> NoticePreference:
    """Store a person's own preferences. Raises Refused when a deadline or new work would reach the person nowhere."""
    if set(wanted.no_inapp) & set(ALWAYS_INAPP):
        raise Refused(_("Deadlines and new work always stand in the inbox."), field="inapp", code="always_inapp")
    if wanted.has_own_quiet:
        _check_pair(wanted.quiet_from, wanted.quiet_until, "quiet_until")
    row, _made = NoticePreference.objects.update_or_create(
        user=user,
        defaults={
            "no_mail": sorted(wanted.no_mail),
            "no_inapp": sorted(wanted.no_inapp),
            "digest_at": wanted.digest_at,
            "has_own_quiet": wanted.has_own_quiet,
            "quiet_from": wanted.quiet_from if wanted.has_own_quiet else None,
            "quiet_until": wanted.quiet_until if wanted.has_own_quiet else None,
        },
    )
    return row
