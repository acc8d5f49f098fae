"""The guide is open, complete, and its examples run as they stand."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import Unit
from gateway import actions, changes
from gateway.demo import SANDBOX_KEY, Sandbox
from gateway.examples import verify_webhook
from gateway.guide import EXAMPLES
from gateway.models import ApiClient, ApiKey
from gateway.problems import PROBLEMS
from gateway.scopes import ApiScope
from petitions.models import Petition
from tests.city import City

PROGRAMS = {"sh": ["sh"], "mjs": ["node"], "py": [sys.executable]}


@pytest.mark.parametrize(("language", "rule"), [("zh-hans", "目前没有计划取消的内容"), ("en", "Nothing is deprecated")])
def test_everybody_reads_it_with_every_error_scope_and_change(db: None, language: str, rule: str) -> None:
    answer = Client().get("/developers/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    text = answer.content.decode()
    for word in (
        *PROBLEMS,
        *ApiScope.values,
        "Idempotency-Key",
        "webhook-id",
        "/api/v1/docs/",
        "http://testserver",
        rule,
    ):
        assert word in text


def test_an_engineer_finds_it_from_the_portal_and_from_the_viewer(db: None) -> None:
    assert 'href="/developers/"' in Client().get("/portal/").content.decode()
    assert "(/developers/)" in Client().get("/api/v1/schema/").content.decode()


def test_the_changelog_says_the_same_number_of_things_in_both_languages() -> None:
    english, chinese = (
        Counter(kind for kind, _runs in changes.parts(changes.text_of(code))) for code in ("en", "zh-hans")
    )
    assert english == chinese


def test_the_changelog_is_read_line_by_line() -> None:
    text = "# Title\n\n- one `a`\n  more\n- two\n\nA word\nand another.\n"
    assert list(changes.parts(text)) == [
        ("title", [(False, "Title")]),
        ("item", [(False, "one "), (True, "a"), (False, " more")]),
        ("item", [(False, "two")]),
        ("p", [(False, "A word and another.")]),
    ]


@pytest.mark.parametrize("ending", ["py", "mjs", "sh"])
@pytest.mark.django_db(transaction=True)
def test_the_examples_register_and_read(ending: str, live_server: Any, hotline: Any, tmp_path: Path) -> None:
    if any(shutil.which(name) is None for name in (PROGRAMS[ending][0], *(["curl"] if ending == "sh" else []))):
        pytest.skip("the program is not installed here")
    ran = subprocess.run(
        [*PROGRAMS[ending], str(EXAMPLES / f"first_petition.{ending}")],
        env={**os.environ, "YQ_URL": live_server.url, "YQ_KEY": hotline.key},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    petition = Petition.objects.get()
    assert petition.number in ran.stdout
    # The whole way: the last line is of the feed, and the list before it had the petition.
    listed = f'"items":[{{"id":{petition.pk},' if ending == "sh" else "listed 1"
    assert listed in ran.stdout
    assert ('"resume":' if ending == "sh" else "go on from") in ran.stdout


def test_the_webhook_example_tells_true_from_forged_and_new_from_repeated() -> None:
    secret, at, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.now(UTC), '{"type":"ping"}'
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("m1", at, body),
    }
    database, handled = sqlite3.connect(":memory:"), []
    database.execute("CREATE TABLE webhooks_seen (id TEXT PRIMARY KEY)")
    for _attempt in range(2):
        verify_webhook.receive(secret, headers, body, database, handled.append)
    assert handled == [{"type": "ping"}]
    with pytest.raises(WebhookVerificationError):
        verify_webhook.receive(secret, headers, body.replace("ping", "pong"), database, handled.append)


# ---- the sandbox of the demo ----


@pytest.fixture
def sandbox(city: City) -> ApiClient:
    assert actions.create_sandbox(Sandbox(), at=timezone.now()) == 1
    return ApiClient.objects.get()


def knock() -> int:
    return Client().get("/api/v1/petitions", headers={"Authorization": f"Bearer {SANDBOX_KEY}"}).status_code


def test_the_demo_shows_a_key_that_works(sandbox: ApiClient, settings: Any) -> None:
    settings.DEMO = True
    assert SANDBOX_KEY in Client().get("/developers/").content.decode()
    assert knock() == 200
    # Once: who revoked it finds it revoked, and the page no longer offers it.
    assert actions.create_sandbox(Sandbox(), at=timezone.now()) == 0
    actions.revoke_key(ApiKey.objects.get(), at=timezone.now())
    assert SANDBOX_KEY not in Client().get("/developers/").content.decode()


def test_outside_the_demo_it_is_neither_shown_nor_let_in(sandbox: ApiClient, settings: Any) -> None:
    settings.DEMO = False
    assert SANDBOX_KEY not in Client().get("/developers/").content.decode()
    assert knock() == 401


def test_the_sandbox_reads_no_identities(sandbox: ApiClient) -> None:
    assert ApiScope.IDENTITIES_READ not in sandbox.scopes
    assert sandbox.unit == Unit.objects.get(code="NB-12345")
