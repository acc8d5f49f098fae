"""The guide is open, complete, and its Python example runs as it stands."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.examples import verify_webhook
from gateway.guide import EXAMPLES
from gateway.problems import PROBLEMS
from gateway.scopes import ApiScope
from petitions.models import Petition


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_everybody_reads_it_with_every_error_and_scope(db: None, language: str) -> None:
    answer = Client().get("/developers/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    text = answer.content.decode()
    for word in (*PROBLEMS, *ApiScope.values, "Idempotency-Key", "/api/v1/docs/"):
        assert word in text


@pytest.mark.django_db(transaction=True)
def test_the_python_example_registers_and_reads(live_server: Any, hotline: Any) -> None:
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / "first_petition.py")],
        env={**os.environ, "YQ_URL": live_server.url, "YQ_KEY": hotline.key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert Petition.objects.get().number in ran.stdout
    assert "listed 1" in ran.stdout


def test_the_webhook_example_tells_true_from_forged() -> None:
    secret, at, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.now(UTC), '{"type":"ping"}'
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("m1", at, body),
    }
    assert verify_webhook.read(secret, headers, body) == {"type": "ping"}
    with pytest.raises(WebhookVerificationError):
        verify_webhook.read(secret, headers, body.replace("ping", "pong"))
