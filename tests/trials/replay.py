"""Eight clients post petitions as badly as networks make them: each must be there once, each key answered once.

    python -m tests.trials.replay [posts] [kills]

A system of its own is started as `make run` starts it. Of the posts about one in six repeats an earlier one under the
same key, often at the same time; others repeat its number under a new key or as another client, send another body under
a used key, or drop the connection in mid-body or before the answer. Meanwhile web processes are killed with SIGKILL.
Whoever got no answer asks again with the same key, as docs/api.md says. Figures are kept in docs/trials.md.
"""

import http.client
import json
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.texts import MESSAGE, SUMMARY, Writer
from tests.system import System, running, wait_for

CLIENTS = 8
POSTS = 10_000
KILLS = 2
PREFIX = "REPLAY-"
# What a careful client answers with patience; everything else is an answer.
PATIENCE = {409, 429, 502, 503}
SHARES = {"first": 60, "again": 15, "dropped": 10, "new key": 5, "other client": 5, "other body": 5}
# A repeat takes one of so many newest numbers: the first post of some is still running then.
RECENT = 12

FIND = """
import json
from django.db.models import Count, F, Q
from dispatch.models import Clock, PendingRung
from gateway.models import IdempotencyRecord
from petitions.models import Event, Petition
rows = Petition.objects.filter(source_ref__startswith="{prefix}")
running = Clock.objects.filter(state="running")
print(json.dumps({{
    "refs": dict(rows.values_list("source_ref").annotate(n=Count("pk")).filter(n__gt=1)),
    "ids": dict(rows.values_list("source_ref", "pk")),
    "records": IdempotencyRecord.objects.filter(key__startswith="{prefix}").count(),
    "without registration": rows.exclude(pk__in=Event.objects.filter(kind="register").values("petition")).count(),
    "without a clock": rows.exclude(pk__in=Clock.objects.values("petition")).count(),
    "clocks each": sorted(set(rows.annotate(n=Count("clocks")).values_list("n", flat=True))),
    "clocks without a next rung": running.exclude(pk__in=PendingRung.objects.values("clock_id")).count(),
    "rungs of no running clock": PendingRung.objects.exclude(clock_id__in=running.values("pk")).count(),
}}))
"""


@dataclass(frozen=True)
class Post:
    """One petition as one client sends it: the same body under the same key, however often."""

    client: int
    key: str
    ref: str
    body: bytes


@dataclass
class Trial:
    """What was sent, what was answered, and what stands in the database afterwards."""

    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    answers: dict[tuple[int, str], set[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(set))
    ids: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    strange: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    broken: int = 0
    killed: int = 0
    seconds: float = 0.0
    stored: dict[str, object] = field(default_factory=dict)
    chain: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def faults(self) -> list[str]:
        """All that should not be so, in words."""
        stored = self.stored
        found = [f"strange answer: {text}" for text in self.strange]
        found += [f"{key}: {len(given)} different answers" for key, given in self.answers.items() if len(given) != 1]
        found += [f"{ref}: answered as {sorted(ids)}" for ref, ids in self.ids.items() if len(ids) != 1]
        found += [f"{ref}: {count} petitions" for ref, count in stored["refs"].items()]  # type: ignore[attr-defined]
        told = {ref: min(ids) for ref, ids in self.ids.items()}
        if told != stored["ids"]:
            found.append(f"{len(told)} numbers answered, {len(stored['ids'])} stored")  # type: ignore[arg-type]
        if stored["records"] != len(self.answers):
            found.append(f"{len(self.answers)} keys answered, {stored['records']} kept")
        for name in ("without registration", "without a clock", "clocks without a next rung"):
            if stored[name]:
                found.append(f"{name}: {stored[name]}")
        if stored["rungs of no running clock"] or len(stored["clocks each"]) != 1:  # type: ignore[arg-type]
            found.append(f"clocks: {stored}")
        if "intact" not in self.chain:
            found.append(self.chain)
        return found

    def report(self) -> str:
        """The figures."""
        sent, ordered = sum(self.statuses.values()) + self.broken, sorted(self.waits)
        p95 = ordered[int(len(ordered) * 0.95)] * 1000
        return "\n".join(
            [
                f"{sent} POSTs in {self.seconds:.0f} s, {sent / self.seconds:.0f}/s: {dict(self.kinds)}",
                f"answers {dict(sorted(self.statuses.items()))}, {self.broken} without one, {self.killed} web kills",
                f"an answer: p50 {statistics.median(ordered) * 1000:.0f} ms, p95 {p95:.0f} ms",
                f"{len(self.ids)} numbers, {len(self.answers)} keys, chain: {self.chain.strip()}",
            ]
        )


def bodies(count: int) -> Iterator[tuple[str, bytes]]:
    """Numbers at the source and bodies, the same each time; texts are made up."""
    writer = Writer(seed=6)
    for number in range(count):
        body = {
            "source_ref": f"{PREFIX}{number}",
            "summary": writer.write(SUMMARY)[:60],
            "content": writer.write(MESSAGE),
            "category": "0303",
            "area": ("330203", "330225")[number % 2],
            "petitioner": {"name": "周小琴", "phone": f"138{number:08d}"},
        }
        yield body["source_ref"], json.dumps(body, ensure_ascii=False).encode()  # type: ignore[misc]


def plan(count: int) -> list[tuple[str, Post]]:
    """So many steps: a kind of SHARES and the post it is about."""
    chance, fresh = random.Random(6), bodies(count)
    steps: list[tuple[str, Post]] = []
    firsts: list[Post] = []
    for number in range(count):
        kind = chance.choices(list(SHARES), list(SHARES.values()))[0] if len(firsts) > RECENT else "first"
        if kind in {"first", "dropped"}:
            ref, body = next(fresh)
            post = Post(number % CLIENTS, f"{ref}-a", ref, body)
            firsts.append(post)
        else:
            post = chance.choice(firsts[-RECENT:])
            if kind == "new key":
                post = Post(post.client, f"{post.ref}-n{number}", post.ref, post.body)
            elif kind == "other client":
                post = Post((post.client + 1) % CLIENTS, post.key, post.ref, post.body)
        steps.append((kind, post))
    return steps


class Sender:
    """One thread's connection, kept alive as long as the server keeps it."""

    def __init__(self, url: str, keys: list[str], trial: Trial, seed: int) -> None:
        where = urlsplit(url)
        self.host, self.port = str(where.hostname), int(where.port or 80)
        self.keys, self.trial, self.chance = keys, trial, random.Random(seed)
        self.connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=15)

    def take(self, kind: str, post: Post) -> None:
        """One step of the plan."""
        if kind == "dropped":
            self.drop(post)
        self.until_answered(post)
        if kind == "other body":
            self.other_body(post)
        with self.trial.lock:
            self.trial.kinds[kind] += 1

    def headers(self, post: Post) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.keys[post.client]}",
            "Content-Type": "application/json",
            "Idempotency-Key": post.key,
        }

    def ask(self, post: Post, body: bytes) -> tuple[int, bytes]:
        """One request; (0, b"") when the connection broke."""
        began = time.perf_counter()
        try:
            self.connection.request("POST", "/api/v1/petitions", body, self.headers(post))
            answer = self.connection.getresponse()
            found = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = self._connect()
            found = 0, b""
        with self.trial.lock:
            if found[0]:
                self.trial.statuses[found[0]] += 1
                self.trial.waits.append(time.perf_counter() - began)
            else:
                self.trial.broken += 1
        return found

    def until_answered(self, post: Post) -> None:
        """Ask until an answer comes, at most for a minute, and write it down."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            status, text = self.ask(post, post.body)
            if status in {200, 201}:
                return self.note(post, status, text)
            if status and status not in PATIENCE:
                break
            time.sleep(self.chance.uniform(0.02, 0.2))
        with self.trial.lock:
            self.trial.strange.append(f"{post.key}: {status} {text[:300]!r}")
        return None

    def note(self, post: Post, status: int, text: bytes) -> None:
        with self.trial.lock:
            self.trial.answers[post.client, post.key].add((status, text))
            self.trial.ids[post.ref].add(json.loads(text)["id"])

    def other_body(self, post: Post) -> None:
        """A key that was used refuses another body, whatever happened meanwhile."""
        status, text = 0, b""
        for _attempt in range(100):
            status, text = self.ask(post, post.body.replace(b'"0303"', b'"0304"'))
            if status and status not in PATIENCE:
                break
            time.sleep(0.1)
        if status != 422 or b"idempotency_key_reused" not in text:
            with self.trial.lock:
                self.trial.strange.append(f"{post.key}, another body: {status} {text[:300]!r}")

    def drop(self, post: Post) -> None:
        """Send the request whole or in part and go away."""
        whole = self.chance.random() < 0.6
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers(post).items())
        head = f"POST /api/v1/petitions HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {len(post.body)}\r\n\r\n"
        with suppress(OSError), socket.create_connection((self.host, self.port), timeout=5) as sock:
            sock.sendall(head.encode() + (post.body if whole else post.body[: len(post.body) // 2]))
            time.sleep(self.chance.uniform(0, 0.05))
        with self.trial.lock:
            self.trial.broken += 1


def run(system: System, *, posts: int = POSTS, kills: int = KILLS) -> Trial:
    """The whole trial on a running system."""
    keys = [system.new_key(f"Replay {n}", "petitions:write", "petitions:read") for n in range(CLIENTS)]
    system.shell("from gateway.models import ApiClient as C; C.objects.update(rate_per_minute=10_000_000)")
    trial, steps = Trial(), plan(posts)
    waiting, began = iter(steps), time.monotonic()

    def work(number: int) -> None:
        sender = Sender(system.url, keys, trial, number)
        while True:
            with trial.lock:
                step = next(waiting, None)
            if step is None:
                return
            sender.take(*step)

    with ThreadPoolExecutor(CLIENTS) as pool:
        threads = [pool.submit(work, n) for n in range(CLIENTS)]
        for kill in range(kills):
            mark = posts * (kill + 1) // (kills + 1)
            wait_for(lambda mark=mark: sum(trial.kinds.values()) >= mark, 3600, f"{mark} posts")  # type: ignore[misc]
            system.kill_web_worker()
            trial.killed += 1
        for thread in threads:
            thread.result()
    trial.seconds = time.monotonic() - began
    trial.stored = json.loads(system.shell(FIND.format(prefix=PREFIX)))
    trial.chain = system.manage("verify_chain", seconds=600)
    return trial


def main() -> None:
    """Run by hand; ends with 1 when anything is wrong."""
    numbers = [int(word) for word in sys.argv[1:3]]
    posts, kills = [*numbers, *(POSTS, KILLS)[len(numbers) :]]
    with tempfile.TemporaryDirectory(prefix="yq-trial-") as folder, running(Path(folder), patience=900) as system:
        trial = run(system, posts=posts, kills=kills)
    print(trial.report())
    faults = trial.faults()
    print("\n".join(faults) or "Nothing wrong.")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
