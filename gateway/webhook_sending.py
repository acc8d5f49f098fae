"""One HTTP POST of a webhook: signed, bounded in time, never to a machine inside, never where a redirect leads."""

import ipaddress
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from standardwebhooks.webhooks import Webhook
from urllib3.connection import HTTPConnection, HTTPSConnection

# Seconds from the first byte sent to the last one read, whatever the receiver does.
TIMEOUT = 15.0
# Bytes of an answer that are read and kept; the rest is nobody's business.
READ_AT_MOST = 1000


@dataclass(frozen=True)
class Outgoing:
    """What a sending thread needs; no database rows, so that it asks for none."""

    message: int
    url: str
    msg_id: str
    body: str
    secrets: tuple[str, ...]
    # Of the task that sends, so that both sides find the same call in their logs; "" sends none.
    request_id: str = ""


@dataclass(frozen=True)
class Result:
    """How it went. `status` 0: no answer came. `retry_after` in seconds as the receiver asked, or None."""

    message: int
    status: int = 0
    error: str = ""
    answer: str = ""
    took_ms: int = 0
    retry_after: int | None = None

    @property
    def is_success(self) -> bool:
        """2xx only."""
        return 200 <= self.status < 300


class PrivateAddress(OSError):
    """The connected machine stands inside."""


def signatures(secrets: Sequence[str], msg_id: str, at: datetime, body: str) -> str:
    """The webhook-signature header: one signature per live secret, the newest first."""
    return " ".join(Webhook(secret).sign(msg_id, at.astimezone(UTC), body) for secret in secrets)


def check_url(url: str) -> str:
    """What is wrong with an address, as a sentence; "" for a usable one."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _("This is no web address.")
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None or parts.fragment:
        return _("Give an address such as https://host/path, without name, password or #.")
    return ""


def _refuse_inside(sock: socket.socket) -> None:
    """Raises PrivateAddress. The peer of the connected socket is asked: a name may resolve anew at each look."""
    if settings.WEBHOOKS_MAY_BE_PRIVATE:
        return
    address = ipaddress.ip_address(str(sock.getpeername()[0]).split("%", 1)[0])
    if not (getattr(address, "ipv4_mapped", None) or address).is_global:
        sock.close()
        raise PrivateAddress(f"{address} is not a public address")


class _Deadline:
    """Shuts the socket down when the time is over, so that a receiver that drips bytes ends too."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self._timer.cancel()

    def watch(self, sock: socket.socket) -> None:
        self._socket = sock

    def _end(self) -> None:
        self.is_over = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _pool(url: str, deadline: _Deadline, seconds: float) -> urllib3.HTTPConnectionPool:
    """A pool of one connection whose peer is looked at before a byte (TLS included) is sent."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            _refuse_inside(sock)
            deadline.watch(sock)
            return sock

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            _refuse_inside(sock)
            deadline.watch(sock)
            return sock

    parts = urlsplit(url)
    kind = urllib3.HTTPSConnectionPool if parts.scheme == "https" else urllib3.HTTPConnectionPool
    pool = kind(str(parts.hostname), parts.port, timeout=urllib3.Timeout(total=seconds), maxsize=1)
    pool.ConnectionCls = Secure if parts.scheme == "https" else Plain
    return pool


def send(sent: Outgoing, *, at: datetime, timeout: float = TIMEOUT) -> Result:
    """POST once; every failure is a Result, never an exception."""
    begun = monotonic()
    with _Deadline(timeout) as deadline:
        try:
            return _post(sent, at, deadline, timeout, begun)
        except Exception as error:
            words = _("No answer within %(seconds)s s.") % {"seconds": round(timeout)} if deadline.is_over else ""
            return Result(sent.message, error=(words or _cause(error))[:300], took_ms=_since(begun))


def _post(sent: Outgoing, at: datetime, deadline: _Deadline, timeout: float, begun: float) -> Result:
    parts = urlsplit(sent.url)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Yongqing-Webhooks/1",
        "webhook-id": sent.msg_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures(sent.secrets, sent.msg_id, at, sent.body),
    }
    if sent.request_id:
        headers["X-Request-ID"] = sent.request_id
    with _pool(sent.url, deadline, timeout) as pool:
        answer = pool.urlopen(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            body=sent.body.encode(),
            headers=headers,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            if deadline.is_over:
                # To the parser a socket shut down looks like the end of the headers.
                raise TimeoutError
            text, fault = _first_bytes(answer)
        finally:
            answer.close()
    wait = answer.headers.get("Retry-After", "")
    return Result(
        sent.message,
        status=answer.status,
        error=fault,
        answer=text,
        took_ms=_since(begun),
        # Seconds only; a date is not worth its parsing.
        retry_after=int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 9 else None,
    )


def _first_bytes(answer: urllib3.BaseHTTPResponse) -> tuple[str, str]:
    """What the receiver says in words, and how it broke off. The status has been told: whatever follows, it holds."""
    found, fault = b"", ""
    try:
        while len(found) < READ_AT_MOST and (part := answer.read1(READ_AT_MOST - len(found))):
            found += part
    except Exception as error:
        fault = _cause(error)[:300]
    return found.decode("utf8", "replace").replace("\0", "�"), fault


def _cause(error: BaseException) -> str:
    root: BaseException = error
    while root.__cause__ is not None:
        root = root.__cause__
    return f"{type(root).__name__}: {root}"


def _since(begun: float) -> int:
    return int((monotonic() - begun) * 1000)
