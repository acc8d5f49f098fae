"""The virus scan, against a small clamd that speaks the real INSTREAM protocol on a socket."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from dispatch.models import Notice
from petitions import attachments, previews, scanning
from petitions.events import verify
from petitions.models import Attachment, Scan
from tests.city import City, make_order
from tests.dispatch.test_views_case import enter
from tests.files import EICAR


class Clamd:
    """clamd in thirty lines: PING and INSTREAM with either line ending. `mood` says how it behaves."""

    def __init__(self, family: int, address: Any) -> None:
        self.mood, self.streams = "well", 0
        self.server = socket.socket(family)
        self.server.bind(address)
        self.server.listen(8)
        self.address = self.server.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _peer = self.server.accept()
                threading.Thread(target=self._meet, args=[connection], daemon=True).start()

    def _meet(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._answer(connection.makefile("rwb"))

    def _answer(self, wire: Any) -> None:
        mark = wire.read(1)
        end = b"\0" if mark == b"z" else b"\n"
        command = b""
        while not command.endswith(end):
            command += wire.read(1)
        if command == b"PING" + end:
            wire.write(b"PONG" + end)
        elif command == b"INSTREAM" + end:
            self.streams += 1
            if self.mood == "hangs up":
                return
            content = b""
            while size := struct.unpack("!L", wire.read(4))[0]:
                content += wire.read(size)
            wire.write(self._judge(content) + end)
        wire.flush()

    def _judge(self, content: bytes) -> bytes:
        if self.mood == "too large":
            return b"INSTREAM size limit exceeded. ERROR"
        if self.mood == "slow":
            threading.Event().wait(0.6)
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"

    def leave(self) -> None:
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()


@pytest.fixture
def clamd(settings: Any) -> Iterator[Clamd]:
    fake = Clamd(socket.AF_INET, ("127.0.0.1", 0))
    settings.CLAMAV = f"tcp:127.0.0.1:{fake.address[1]}"
    yield fake
    fake.leave()


def keep(city: City, content: bytes = b"clean words") -> Attachment:
    order = make_order(city)
    upload = SimpleUploadedFile("机密线索.txt", content)
    return attachments.store(order.petition_id, upload=upload, actor=city.officer, at=city.at)


def download(city: City, row: Attachment) -> int:
    return int(enter(city.handler).get(f"/attachments/{row.pk}/").status_code)


def test_a_file_is_locked_until_it_is_found_clean(city: City, clamd: Clamd) -> None:
    row = keep(city)
    assert row.scan == Scan.WAITING
    assert download(city, row) == 423
    assert previews.make_waiting(at=city.at) == 0
    assert scanning.scan_waiting(at=city.at) == 1
    row.refresh_from_db()
    assert (row.scan, row.scanned_at) == (Scan.CLEAN, city.at)
    assert download(city, row) == 200
    assert scanning.scan_waiting(at=city.at) == 0


def test_a_virus_is_never_served_and_uploader_and_office_hear_it_without_its_words(city: City, clamd: Clamd) -> None:
    row = keep(city, b"x" * 200_000 + EICAR)
    scanning.scan_waiting(at=city.at)
    row.refresh_from_db()
    assert (row.scan, row.scan_finding) == (Scan.INFECTED, "Eicar-Test-Signature")
    assert download(city, row) == 423
    told = Notice.objects.filter(kind="infected", channel="inapp")
    assert {notice.recipient for notice in told} >= {city.officer}
    assert not [notice for notice in told if "机密" in str(notice.params)]
    # It stays locked when the office gives up its scanner, and is not told twice.
    count = told.count()
    scanning.mark(row.pk, Scan.INFECTED, finding="Eicar-Test-Signature", at=city.at)
    assert told.count() == count
    assert verify(row.petition_id) is None


def test_an_infected_file_stays_locked_without_a_scanner(city: City, clamd: Clamd, settings: Any) -> None:
    row = keep(city, EICAR)
    scanning.scan_waiting(at=city.at)
    settings.CLAMAV = ""
    assert download(city, row) == 423


def test_a_city_of_files_is_looked_through_by_an_index(city: City) -> None:
    infected = Attachment.objects.filter(scan=Scan.INFECTED)
    with connection.cursor() as cursor:
        # Four files are read faster without one; what counts is that the query fits it.
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "attachment_to_scan" in scanning.due(city.at).values("pk")[:50].explain()
    assert "attachment_to_scan" in scanning.waiting().values("pk").explain()
    assert "attachment_infected" in infected.values("pk").explain()


@pytest.mark.parametrize("mood", ["hangs up", "slow"])
def test_files_wait_while_the_scanner_fails_and_are_tried_again(
    city: City, clamd: Clamd, mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "TIMEOUT", 0.2)
    row, clamd.mood = keep(city), mood
    assert scanning.scan_waiting(at=city.at) == 0
    row.refresh_from_db()
    assert row.scan == Scan.WAITING
    assert download(city, row) == 423
    # Not at once again: a scanner in trouble is not asked by every file.
    asked = clamd.streams
    scanning.scan_waiting(at=city.at + timedelta(seconds=10))
    assert clamd.streams == asked
    clamd.mood = "well"
    assert scanning.scan_waiting(at=city.at + timedelta(seconds=31)) == 1


def test_files_wait_while_the_scanner_is_away(city: City, clamd: Clamd) -> None:
    row = keep(city)
    clamd.leave()
    assert scanning.scan_waiting(at=city.at) == 0
    row.refresh_from_db()
    assert row.scan == Scan.WAITING
    report = scanning.report(at=city.at + timedelta(minutes=11))
    assert (report["ok"], report["waiting"]) == (False, 1)
    assert "机密" not in str(report)


def test_a_file_beyond_the_scanners_own_limit_waits_with_the_reason(city: City, clamd: Clamd) -> None:
    row, clamd.mood = keep(city), "too large"
    other = keep(city, b"another")
    scanning.scan_waiting(at=city.at)
    row.refresh_from_db()
    assert (row.scan, row.scan_finding) == (Scan.WAITING, "larger than the scanner's StreamMaxLength")
    other.refresh_from_db()
    assert other.scan_finding


def test_a_unix_socket_is_spoken_to_as_well(city: City, settings: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "clamd.ctl")
    fake = Clamd(socket.AF_UNIX, path)
    settings.CLAMAV = f"unix:{path}"
    keep(city)
    assert scanning.scan_waiting(at=city.at) == 1
    assert scanning.report(at=city.at) == {
        "configured": True,
        "ok": True,
        "detail": "answers",
        "waiting": 0,
        "infected": 0,
    }
    fake.leave()


def test_without_a_scanner_files_are_open_and_marked_as_not_scanned(city: City) -> None:
    row = keep(city)
    assert row.scan == Scan.UNSCANNED
    assert download(city, row) == 200
    assert scanning.scan_waiting(at=city.at) == 0
    assert scanning.report(at=city.at)["ok"]


def test_a_scanner_configured_later_looks_at_what_came_before(city: City, request: Any) -> None:
    row = keep(city)
    fake: Clamd = request.getfixturevalue("clamd")
    assert download(city, row) == 423
    assert scanning.scan_waiting(at=city.at) == 1
    assert fake.streams == 1
    assert download(city, row) == 200


@pytest.mark.parametrize("address", ["clamd", "tcp:host", "unix:relative", "http://x:1"])
def test_a_misspelt_address_says_how_it_is_written(settings: Any, address: str) -> None:
    settings.CLAMAV = address
    with pytest.raises(ImproperlyConfigured, match="YQ_CLAMAV"):
        scanning.scanner()


def test_two_workers_do_not_scan_one_file_twice(city: City, clamd: Clamd) -> None:
    row = keep(city)
    claim: Callable[..., Any] = scanning._claim
    assert claim(row.pk, city.at) is not None
    assert claim(row.pk, city.at) is None
