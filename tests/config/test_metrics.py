"""GET /metrics: figures for Prometheus, for nobody else; rules and panels name only what exists."""

import gc
import json
import re
from datetime import timedelta

import pytest
import yaml
from django.conf import settings as project
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config.metrics import readings
from dispatch.models import Job, Notice, PendingRung
from gateway.actions import create_client, webhooks
from gateway.models import WebhookMessage
from gateway.webhook_sending import Result
from tests.city import City

DEPLOY = project.BASE_DIR / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = DEPLOY / "grafana" / "yongqing.json"


def figures(**headers: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Sample name → values of its labels, by the names of the labels → figure."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels[name] for name in sorted(sample.labels))] = (
                sample.value
            )
    return found


@pytest.mark.django_db
def test_this_machine_may_read_without_a_token():
    assert figures()["yongqing_database_up"] == {(): 1}


@pytest.mark.django_db
@pytest.mark.parametrize("extra", [{"REMOTE_ADDR": "10.1.2.3"}, {"HTTP_X_FORWARDED_FOR": "10.1.2.3"}])
def test_others_and_those_behind_a_proxy_find_nothing(extra):
    assert Client().get("/metrics", **extra).status_code == 404


@pytest.mark.django_db
def test_with_a_token_only_the_token_counts(settings):
    settings.METRICS_TOKEN = "s3cret"
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert (
        Client().get("/metrics", headers={"Authorization": "Bearer s3cret"}, REMOTE_ADDR="10.1.2.3").status_code == 200
    )


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_not_by_address():
    def count() -> float:
        return figures().get("yongqing_requests_total", {}).get(("GET", "unmatched", "404"), 0)

    before = count()
    for number in range(3):
        Client().get(f"/no-such-page-{number}")
    assert count() == before + 3


@pytest.mark.django_db
def test_the_lag_is_that_of_the_oldest_rung():
    PendingRung.objects.create(fire_at=timezone.now() - timedelta(seconds=400), clock_id=1, generation=1, rung=1)
    assert 400 <= figures()["yongqing_sweep_lag_seconds"][()] <= 410


@pytest.mark.django_db
def test_what_waits_fails_or_was_given_up_is_told_by_channel(city: City):
    at = timezone.now() - timedelta(minutes=10)
    for number, attempts in enumerate((0, 3, 12)):
        Notice.objects.create(
            recipient=city.officer,
            channel="email",
            kind="deadline",
            dedupe_key=str(number),
            created_at=at,
            deliver_after=at,
            attempts=attempts,
        )
    found = figures()
    assert found["yongqing_outbox_waiting"][("email",)] == 2
    assert found["yongqing_outbox_failing"][("email",)] == 1
    assert found["yongqing_outbox_given_up"][("email",)] == 1
    assert 600 <= found["yongqing_outbox_age_seconds"][("email",)] <= 610
    assert found["yongqing_outbox_waiting"][("sms",)] == 0


@pytest.mark.django_db
def test_a_message_of_the_morning_is_not_late_at_night(city: City):
    now = timezone.now()
    Notice.objects.create(
        recipient=city.officer,
        channel="email",
        kind="deadline",
        dedupe_key="1",
        created_at=now,
        deliver_after=now + timedelta(hours=8),
    )
    assert figures()["yongqing_outbox_waiting"][("email",)] == 0


@pytest.mark.django_db
def test_webhooks_tell_what_is_due_and_what_failed_unless_nobody_is_to_hear_it(city: City):
    at = timezone.now()
    client = create_client("a", channel="hotline", unit=city.units["hotline"], scopes=["petitions:read"], at=at)
    who = {"types": ["petition.closed"], "actor": client.actor, "at": at}
    heard, off = (webhooks.create_endpoint(client, url="https://a.example/", **who) for _n in range(2))
    for row in (heard, off):
        for _n in range(3):
            webhooks.test_endpoint(row, at=at - timedelta(minutes=10))
    webhooks.change_endpoint(off, url=off.url, is_active=False, **who)
    first = WebhookMessage.objects.filter(endpoint=heard).first()
    WebhookMessage.objects.filter(pk=first.pk).update(attempts=2, deliver_after=at + timedelta(hours=1))
    found = figures()
    assert found["yongqing_webhook_waiting"][()] == 2
    assert found["yongqing_webhook_failing"][()] == 1
    assert 600 <= found["yongqing_webhook_age_seconds"][()] < 700
    # A person's switch is no 410; what a 410 gave up is counted though its endpoint is off.
    assert (found["yongqing_webhook_given_up"][()], found["yongqing_webhook_closed"][()]) == (0, 0)
    webhooks._note(heard, Result(first.pk, status=410), at)
    found = figures()
    assert (found["yongqing_webhook_given_up"][()], found["yongqing_webhook_closed"][()]) == (3, 1)
    assert found["yongqing_webhook_waiting"][()] == 0


@pytest.mark.django_db
def test_jobs_are_told_by_state():
    Job.objects.create(kind="x", created_at=timezone.now() - timedelta(minutes=5))
    found = figures()
    assert found["yongqing_jobs"] == {("waiting",): 1, ("running",): 0}
    assert found["yongqing_job_age_seconds"][()] >= 300


@pytest.mark.django_db
def test_a_dead_broker_leaves_the_other_figures(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = figures()
    assert found["yongqing_broker_up"] == {(): 0}
    assert "yongqing_queue_length" not in found
    assert found["yongqing_database_up"] == {(): 1}


@pytest.mark.django_db
def test_a_reading_that_fails_is_named_and_the_others_go_on(monkeypatch):
    def broken(at):
        raise ValueError("no figure")

    monkeypatch.setattr(readings, "clocks", broken)
    found = figures()
    assert found["yongqing_reading_up"][("clocks",)] == 0
    assert found["yongqing_reading_up"][("jobs",)] == 1
    assert "yongqing_clocks_overdue" not in found


@pytest.mark.django_db
@pytest.mark.parametrize("path", [ALERTS, DASHBOARD], ids=["alerts", "dashboard"])
def test_rules_and_panels_name_only_figures_that_exist(path):
    Client().get("/sign-in/")
    named = set(re.findall(r"\byongqing_\w+", path.read_text()))
    assert named
    assert named <= set(figures())


def test_every_rule_says_what_to_do():
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    guide = (project.BASE_DIR / "docs" / "operations.md").read_text()
    headings = {line.removeprefix("## ").strip() for line in guide.splitlines() if line.startswith("## ")}
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
        assert rule["annotations"]["guide"] in headings, rule["alert"]


def test_every_panel_of_the_dashboard_asks_something():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(target["expr"] for panel in panels for target in panel["targets"])


def test_a_web_process_keeps_the_loaded_program_out_of_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    # The module names the folder of counts for the whole process.
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    from config.gunicorn import post_worker_init

    gc.unfreeze()
    post_worker_init(object())
    assert gc.get_freeze_count() > 100_000
