"""Sending over a unit's channel through apprise, and what addresses are let through."""

import ipaddress
import socket
from urllib.parse import urlsplit

import apprise
from django.conf import settings
from django.utils.translation import gettext as _

# Schemes that would leave the office's control: local programs, desktops, files, or the mail server we have already.
_LOCAL_SCHEMES = {"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows", "file", "mailto", "mailtos"}


class ChannelError(Exception):
    """An address that cannot be used, or a message that was not taken. The text is for the officer."""


def check_address(url: str) -> None:
    """Raises ChannelError with a sentence when apprise does not know the address or it leads to a private machine."""
    _target(url)


def masked(url: str) -> str:
    """The address without its secrets, for the screen; "…" when it cannot be read."""
    try:
        found = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    except Exception:
        found = None
    return str(found.url(privacy=True)).split("?", 1)[0] if found else "…"


def post(url: str, title: str, body: str) -> None:
    """Send one message. Raises ChannelError with the reason; never anything else."""
    target = _target(url)
    try:
        with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as said:
            taken = target.notify(title=title, body=body)
            words = said.getvalue().strip()
    except Exception as error:
        raise ChannelError(f"{type(error).__name__}: {error}"[:300]) from error
    if not taken:
        # The last line names the cause; addresses in it are masked by apprise.
        raise ChannelError(words.splitlines()[-1][:300] if words else _("The channel did not take the message."))


def _target(url: str) -> "apprise.NotifyBase":
    scheme = url.split("://", 1)[0].lower() if "://" in url else ""
    if not scheme:
        raise ChannelError(_("This is no address of a channel. It begins with a scheme such as dingtalk://."))
    if scheme in _LOCAL_SCHEMES:
        raise ChannelError(_("Channels of the kind %(scheme)s:// are not allowed here.") % {"scheme": scheme})
    target = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if target is None:
        raise ChannelError(_("Apprise does not understand this address. Compare it with the examples."))
    refuse_private(url)
    # Seconds; ours win over what an address brings along.
    target.socket_connect_timeout, target.socket_read_timeout = 4.0, 6.0
    return target


def refuse_private(url: str) -> None:
    """Raises ChannelError for an address of this machine or of an inner network, unless the office allows them.

    The name is resolved each time before sending, so a name that is turned inwards later is refused then.
    """
    if settings.CHANNELS_MAY_BE_PRIVATE:
        return
    host = urlsplit(url).hostname
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)} if host else set()
    except (OSError, UnicodeError):
        # A token in the place of the host (dingtalk://token): the service's own public address is used.
        return
    for address in found:
        ip = ipaddress.ip_address(str(address).split("%", 1)[0])
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        if not mapped.is_global:
            raise ChannelError(
                _("%(host)s leads to a machine inside (%(address)s). Only public addresses are allowed.")
                % {"host": host, "address": address}
            )
