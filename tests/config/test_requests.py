"""Every answer carries its request's id; the log says which route, who and how long, and nothing personal."""

import json
import logging
import logging.config
from types import SimpleNamespace

import pytest
import structlog
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.views.defaults import server_error
from django_structlog.celery.receivers import CeleryReceiver

from config.logs import WithoutPaths, logging_settings
from config.requests import RequestMiddleware, only_ids_travel
from tests.city import City


@pytest.fixture
def said(monkeypatch) -> list[dict]:
    """What the middleware logs."""
    from config import requests

    lines: list[dict] = []

    class Listener:
        def info(self, event: str, **values: object) -> None:
            lines.append({"event": event, **structlog.contextvars.get_contextvars(), **values})

    monkeypatch.setattr(requests, "logger", Listener())
    return lines


@pytest.mark.django_db
def test_a_decent_id_comes_back(said):
    answer = Client().get("/sign-in/", headers={"X-Request-ID": "probe-12345678"})
    assert answer["X-Request-ID"] == "probe-12345678"
    assert said[0]["request_id"] == "probe-12345678"


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "short", "x" * 65, "two words here", 'quote"quote"'])
def test_any_other_is_replaced(given, said):
    answer = Client().get("/sign-in/", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_a_line_names_the_route_and_the_person_by_number(said, city: City, client):
    client.force_login(city.officer)
    client.get("/petitions/?q=张三丰")
    line = said[-1]
    assert line["route"] and "/" not in line["route"]
    assert (line["method"], line["user_id"]) == ("GET", city.officer.pk)
    assert "张三丰" not in str(line)


@pytest.mark.django_db
def test_an_unknown_address_is_logged_without_its_path(said):
    Client().get("/secret-token-of-a-citizen")
    assert said[-1]["status"] in {302, 404}
    assert "secret-token" not in str(said)


@pytest.mark.django_db
def test_machines_that_ask_all_the_time_leave_no_line(said):
    Client().get("/healthz")
    assert said == []


def test_nothing_of_a_request_is_left_for_the_next():
    RequestMiddleware(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_a_request_nobody_could_answer_is_told_as_an_error_of_ours(said):
    def broken(request):
        raise ValueError("the page of errors fails too")

    with pytest.raises(ValueError):
        RequestMiddleware(broken)(RequestFactory().get("/"))
    assert said[0]["status"] == 500
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_the_page_of_errors_names_the_request_for_whoever_reads_the_log(said):
    with structlog.contextvars.bound_contextvars(request_id="office-0001"):
        assert b"office-0001" in server_error(RequestFactory().get("/")).content


def test_only_ids_travel_with_a_task():
    context = {"request_id": "a", "parent_task_id": "b", "user_id": "7", "name": "张三"}
    only_ids_travel(context=context)
    assert context == {"request_id": "a", "parent_task_id": "b"}


@pytest.mark.parametrize(("started_by", "named"), [({"request_id": "office-0001"}, "office-0001"), ({}, "task-1")])
def test_a_task_is_named_by_the_request_that_started_it_or_by_itself(started_by, named):
    request = SimpleNamespace(id="task-1", __django_structlog__=started_by)
    with structlog.contextvars.bound_contextvars():
        CeleryReceiver().receiver_task_prerun("task-1", SimpleNamespace(name="send", request=request))
        assert structlog.contextvars.get_contextvars()["request_id"] == named
        structlog.contextvars.clear_contextvars()


def _written(record: logging.LogRecord, *, as_json: bool) -> str:
    configured = logging.config.DictConfigurator(logging_settings(as_json=as_json))
    formatter = configured.configure_formatter(dict(configured.config["formatters"]["line"]))
    WithoutPaths().filter(record)
    return formatter.format(record)


def test_an_office_gets_json_with_the_id_on_lines_of_any_library():
    record = logging.LogRecord("celery.worker", logging.WARNING, "", 0, "lost %s", ("广播",), None)
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        line = json.loads(_written(record, as_json=True))
    assert (line["event"], line["request_id"]) == ("lost 广播", "abc")
    assert (line["logger"], line["level"]) == ("celery.worker", "warning")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_failed_request_is_told_without_its_path(as_json):
    args = ("Internal Server Error", "/r/token-of-a-citizen/")
    line = _written(logging.LogRecord("django.request", logging.ERROR, "", 0, "%s: %s", args, None), as_json=as_json)
    assert "Internal Server Error" in line
    assert "token-of-a-citizen" not in line
