"""Every request gets an id, one line in the log, and a place in the figures.

The id comes from the caller's X-Request-ID where it has a decent shape, goes back in the answer, stands on every line
that is logged meanwhile and travels with every task the request starts. A task of the timetable begins with its own.
"""

import re
from collections.abc import Callable
from time import perf_counter
from typing import Any
from uuid import uuid4

import structlog
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django_structlog.celery.signals import bind_extra_task_metadata, modify_context_before_task_publish

from config.metrics.web import note_request

HEADER = "X-Request-ID"
# What other systems send: UUIDs, trace ids, numbers. Anything else could forge a line of the log.
_DECENT = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked every few seconds by machines; a line for each would hide the rest.
_QUIET_ROUTES = {"healthz", "metrics"}

logger = structlog.get_logger("yongqing.request")


def request_id_of(request: HttpRequest) -> str:
    """The caller's id when it has a decent shape, otherwise a new one."""
    given = request.headers.get(HEADER, "")
    return given if _DECENT.fullmatch(given) else uuid4().hex


def who(request: HttpRequest) -> dict[str, int]:
    """Number of the client or the person who asked; empty when nobody was looked up. It never asks the database."""
    client = getattr(request, "auth", None)
    if client is not None and getattr(client, "pk", None):
        return {"client_id": client.pk}
    # Only what the middleware of sign-in has already read: touching `request.user` would read the session.
    pk = getattr(getattr(request, "_cached_user", None), "pk", None)
    return {"user_id": pk} if pk else {}


def route_of(request: HttpRequest) -> str:
    """Name of the address, without its values; "unmatched" for an address that does not exist."""
    match = request.resolver_match
    return (match.view_name or "unnamed") if match else "unmatched"


class RequestMiddleware:
    """Stands first, so that it measures everything and whatever fails is still logged with its id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. Django turns errors into answers; what raises all the same is told as 500 and raised."""
        began = perf_counter()
        request_id = request_id_of(request)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                response = self.get_response(request)
            except Exception:
                # The page that tells of an error failed itself.
                self.note(request, 500, perf_counter() - began)
                raise
            response[HEADER] = request_id
            self.note(request, response.status_code, perf_counter() - began)
        return response

    def note(self, request: HttpRequest, status: int, seconds: float) -> None:
        """Count one answer and write its line."""
        route = route_of(request)
        note_request(route, request.method or "", status, seconds)
        if route not in _QUIET_ROUTES:
            said = {"method": request.method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
            logger.info("request", **said, **who(request))


@receiver(modify_context_before_task_publish)
def only_ids_travel(context: dict[str, str], **kwargs: object) -> None:
    """A task takes along the id of the request or of the task that started it, nothing else."""
    for name in set(context) - {"request_id", "parent_task_id"}:
        del context[name]


@receiver(bind_extra_task_metadata)
def the_timetable_begins_with_its_own(task: Any, **kwargs: object) -> None:
    """A task no request has started is named by its own id, on its lines and on the webhooks it sends."""
    if "request_id" not in structlog.contextvars.get_contextvars():
        structlog.contextvars.bind_contextvars(request_id=task.request.id)
