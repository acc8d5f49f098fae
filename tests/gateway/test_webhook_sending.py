"""What a receiver sees, and what a bad one can do: real sockets on this machine."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from gateway.webhook_sending import READ_AT_MOST, Outgoing, check_url, send, signatures

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


class Receiver(ThreadingHTTPServer):
    """Answers each path in its own bad way; `got` holds (path, headers, body)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], str]] = []
        self.closing = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def messages(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(body) for where, _headers, body in self.got if where == f"/{path}"]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def log_message(self, *_words: Any) -> None:
        """Nothing on the screen."""

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, text))
        kind = self.path.strip("/")
        if kind == "slow" or (kind == "holds-once" and len(self.server.got) == 1):
            self.server.closing.wait(20)
            return
        if kind == "hangs-up":
            return
        if kind == "babbles":
            self.wfile.write(b"200 OK, all is well\r\n\r\n")
            return
        if kind == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            with contextlib.suppress(OSError):
                while not self.server.closing.is_set():
                    self.wfile.write(b"x" * 4096)
            return
        if kind == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.server.closing.wait(0.05):
                self.wfile.write(b"X-Filler: 1\r\n")
            return
        status = {"fails": 500, "moved": 302, "gone": 410, "busy": 503}.get(kind, 200)
        sent = {"long": b"x" * 50_000, "denies": b'{"status": 500, "ok": false}'}.get(kind, b"thanks")
        self.send_response(status)
        if kind == "moved":
            self.send_header("Location", self.server.url("elsewhere"))
        if kind == "busy":
            self.send_header("Retry-After", "3600")
        # Liars promise more than they send, or less.
        self.send_header("Content-Length", str(len(sent) + {"lies": 10, "stints": -4}.get(kind, 0)))
        self.end_headers()
        self.wfile.write(sent)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_MAY_BE_PRIVATE = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()


def outgoing(url: str, *secrets: str) -> Outgoing:
    return Outgoing(1, url, "msg_1", '{"type":"ping","data":{"字":1}}', secrets or (SECRET,))


def test_the_signature_is_that_of_the_contract() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    body = '{"test": 2432232314}'
    found = signatures([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_arrives_verifies_with_either_secret_of_a_rotation(receiver: Receiver) -> None:
    result = send(outgoing(receiver.url("ok?a=1"), SECRET, OTHER), at=timezone.now())
    assert (result.status, result.answer, result.is_success) == (200, "thanks", True)
    path, headers, body = receiver.got[0]
    assert (path, headers["content-type"], headers["webhook-id"]) == ("/ok?a=1", "application/json", "msg_1")
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(body, headers) == json.loads(body)


def test_the_code_of_the_docs_tells_ours_from_anothers(receiver: Receiver) -> None:
    """What a vendor copies from docs/api.md, run as it stands there."""
    text = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf8")
    [code] = [block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "is_from_yongqing" in block]
    shelf: dict[str, Any] = {}
    exec(code, shelf)
    check = shelf["is_from_yongqing"]
    for at in (timezone.now(), timezone.now() - timedelta(minutes=6)):
        send(outgoing(receiver.url("ok"), SECRET, OTHER), at=at)
    (_path, headers, body), (_path, old, _body) = receiver.got
    assert check(SECRET, headers, body.encode()) and check(OTHER, headers, body.encode())
    assert not check(SECRET, headers, body.encode() + b" ")
    assert not check("whsec_" + "A" * 32, headers, body.encode())
    assert not check(SECRET, old, body.encode())


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    result = send(outgoing(receiver.url("moved")), at=timezone.now())
    assert (result.status, result.is_success) == (302, False)
    assert [path for path, _headers, _body in receiver.got] == ["/moved"]


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_a_receiver_that_never_ends_is_cut_off(receiver: Receiver, kind: str) -> None:
    result = send(outgoing(receiver.url(kind)), at=timezone.now(), timeout=0.4)
    assert result.status == 0
    assert result.error


@pytest.mark.parametrize(
    ("kind", "status", "answer"),
    [
        ("lies", 200, "thanks"),
        ("stints", 200, "th"),
        ("endless", 200, "x" * READ_AT_MOST),
        ("denies", 200, '{"status": 500, "ok": false}'),
        ("fails", 500, "thanks"),
        ("hangs-up", 0, ""),
        ("babbles", 0, ""),
    ],
)
def test_a_liar_is_taken_by_its_status_and_by_nothing_else(
    receiver: Receiver, kind: str, status: int, answer: str
) -> None:
    result = send(outgoing(receiver.url(kind)), at=timezone.now())
    assert (result.status, result.answer, result.is_success) == (status, answer, status == 200)
    assert bool(result.error) == (status == 0 or kind == "lies")


def test_no_more_of_an_answer_is_kept_than_needed(receiver: Receiver) -> None:
    assert len(send(outgoing(receiver.url("long")), at=timezone.now()).answer) == READ_AT_MOST


def test_a_failure_and_its_patience_are_told(receiver: Receiver) -> None:
    result = send(outgoing(receiver.url("busy")), at=timezone.now())
    assert (result.status, result.retry_after) == (503, 3600)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_machine_inside_is_refused_before_a_byte_is_sent(receiver: Receiver, settings: Any, host: str) -> None:
    settings.WEBHOOKS_MAY_BE_PRIVATE = False
    result = send(outgoing(receiver.url("ok").replace("127.0.0.1", host)), at=timezone.now())
    assert result.status == 0
    assert "not a public address" in result.error
    assert receiver.got == []


@pytest.mark.parametrize(
    "url", ["", "ftp://a.example/x", "https://", "https://u:p@a.example/", "https://a.example/#x", "http://a:99999/"]
)
def test_an_address_that_cannot_be_used_is_named(url: str) -> None:
    assert check_url(url)
    assert check_url("https://hooks.example/a?b=1") == ""
