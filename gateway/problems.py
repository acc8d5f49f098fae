"""Errors as RFC 9457 `application/problem+json`, in the language the caller asked for."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from structlog.contextvars import get_contextvars

from gateway.actions.refusals import note_refusal
from gateway.models import ApiClient
from petitions.states import Refused

log = logging.getLogger("gateway")
CONTENT_TYPE = "application/problem+json"

# code → (status, title). The code is the last part of the problem's type and is what programs compare.
PROBLEMS: dict[str, tuple[int, Promise]] = {
    "malformed": (400, gettext_lazy("The request cannot be read")),
    "bad_cursor": (400, gettext_lazy("The cursor is not one of ours")),
    "idempotency_key_missing": (400, gettext_lazy("The Idempotency-Key header is missing or unusable")),
    "unauthenticated": (401, gettext_lazy("No valid key")),
    "forbidden": (403, gettext_lazy("Not allowed")),
    "missing_scope": (403, gettext_lazy("The key lacks a scope")),
    "not_found": (404, gettext_lazy("Not found")),
    "method_not_allowed": (405, gettext_lazy("Method not allowed")),
    "not_acceptable": (406, gettext_lazy("No such representation")),
    "conflict": (409, gettext_lazy("Not possible now")),
    "illegal_move": (409, gettext_lazy("This step is not possible in the present state")),
    "in_flight": (409, gettext_lazy("The first request with this key is still running")),
    "source_ref_taken": (409, gettext_lazy("This number is taken")),
    "stale": (412, gettext_lazy("Changed meanwhile")),
    "too_large": (413, gettext_lazy("The request is too large")),
    "unsupported_media_type": (415, gettext_lazy("This kind of body is not read here")),
    "invalid": (422, gettext_lazy("Some fields need correction")),
    "idempotency_key_reused": (422, gettext_lazy("This key was used with another body")),
    "if_match_missing": (428, gettext_lazy("The If-Match header is missing")),
    "rate_limited": (429, gettext_lazy("Too many requests")),
    "internal": (500, gettext_lazy("Our fault")),
    "unavailable": (503, gettext_lazy("Not available for the moment")),
}


class Problem(exceptions.APIException):
    """An answer other than success. `code` is a key of PROBLEMS; `extra` adds members such as the legal moves."""

    def __init__(
        self,
        code: str,
        detail: str | Promise,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ):
        super().__init__(str(detail), code)
        self.code = code
        self.status_code = PROBLEMS[code][0]
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = extra


def trace_id() -> str:
    """The id of this request on every line of the log and in the answer's X-Request-ID; a new one outside a request."""
    return str(get_contextvars().get("request_id") or uuid4().hex)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's hook: every exception becomes a problem; what nobody foresaw is logged with its trace id."""
    problem = as_problem(error)
    if isinstance(error, exceptions.UnsupportedMediaType):
        problem = _unsupported([kind.media_type for kind in getattr(context.get("view"), "parser_classes", ())])
    trace = trace_id()
    request = context.get("request")
    if problem.status_code >= 500:
        log.error("trace %s: %s", trace, type(error).__name__, exc_info=error)
    body = {
        "type": f"/problems/{problem.code}",
        "title": str(PROBLEMS[problem.code][1]),
        "status": problem.status_code,
        "detail": str(problem.detail),
        "instance": request.path if request is not None else "",
        "errors": problem.errors,
        "trace_id": trace,
        **problem.extra,
    }
    note(request, problem.status_code, problem.code, trace)
    response = Response(body, status=problem.status_code, headers=problem.headers, content_type=CONTENT_TYPE)
    # DRF turns a 401 without this header into a 403.
    if problem.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="yongqing"'
    return response


def note(request: Request | None, status: int, code: str, trace_id: str = "") -> None:
    """Count what a known client was refused; our own faults (500 and above) stand in the log."""
    # `request.auth` would ask for the key anew where nobody has asked for it yet.
    client = getattr(request, "_auth", None)
    if request is not None and isinstance(client, ApiClient) and status < 500:
        note_refusal(client, request._request, code, at=timezone.now(), trace_id=trace_id)


def as_problem(error: Exception) -> Problem:
    """The problem an exception stands for."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return of_refusal(error)
    if isinstance(error, exceptions.ValidationError):
        return invalid(pointers(error.detail))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, Http404):
        return not_found()
    if isinstance(error, PermissionDenied):
        return Problem("forbidden", _("This key may not do that."))
    if isinstance(error, RequestDataTooBig):
        return too_large()
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        # Thousands of parameters, or a sender that went away in mid-body: its fault, and no alarm of ours.
        return Problem("malformed", _("The request is cut off or has too many parameters."))
    if _is_of_the_connection(error):
        return Problem(
            "unavailable", _("The database does not answer. Please repeat the request."), headers={"Retry-After": "5"}
        )
    return Problem(
        "internal",
        _("Something went wrong on our side. Please repeat the request later and name the trace id if it stays."),
    )


def _unsupported(types: Sequence[str]) -> Problem:
    detail = _("Please send the body as %(types)s.") % {"types": ", ".join(types)}
    return Problem("unsupported_media_type", detail)


def _is_of_the_connection(error: Exception) -> bool:
    """Whether the database went away: also what libpq gives no class of its own, and what fails after it."""
    if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
        return True
    earlier = error.__context__
    return isinstance(error, DatabaseError) and isinstance(earlier, Exception) and _is_of_the_connection(earlier)


def _of_framework(error: exceptions.APIException) -> Problem:
    if isinstance(error, exceptions.Throttled):
        wait = str(max(1, round(getattr(error, "wait", None) or 1)))
        detail = _("Your system has used up its requests for this minute. Please wait %(seconds)s s.") % {
            "seconds": wait
        }
        return Problem("rate_limited", detail, headers={"Retry-After": wait})
    if isinstance(error, exceptions.NotAcceptable):
        return Problem("not_acceptable", _("We answer application/json; please accept it."))
    if isinstance(error, exceptions.UnsupportedMediaType):
        return _unsupported(["application/json"])
    if isinstance(error, exceptions.MethodNotAllowed):
        return Problem("method_not_allowed", _("This address does not know the method; see the Allow header."))
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Problem("unauthenticated", str(error.detail))
    if isinstance(error, exceptions.NotFound):
        return not_found()
    if isinstance(error, exceptions.PermissionDenied):
        return Problem("forbidden", str(error.detail))
    return Problem("malformed", str(error.detail))


def of_refusal(refusal: Refused) -> Problem:
    """A step the domain refuses: at fault is a field (422), the version (412), the permission (403), else the state."""
    if refusal.code == "stale":
        return Problem("stale", str(refusal))
    if refusal.code == "forbidden":
        return Problem("forbidden", str(refusal))
    if refusal.field:
        return invalid([{"pointer": f"/{refusal.field}", "code": refusal.code, "detail": str(refusal)}])
    code = refusal.code if refusal.code in PROBLEMS else "conflict"
    return Problem(code, str(refusal), reason=refusal.code, legal=refusal.legal)


def invalid(errors: Sequence[Mapping[str, str]]) -> Problem:
    """422 with one entry for each bad field."""
    return Problem(
        "invalid", _("Please correct the fields named in “errors” and send the request again."), errors=errors
    )


def not_found() -> Problem:
    """404, the same for what does not exist and for what the key does not reach."""
    return Problem("not_found", _("There is nothing here that your key can see."))


def too_large() -> Problem:
    return Problem("too_large", _("The body is larger than 1 MiB. Please shorten the texts."))


def pointers(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Validation errors as a flat list with JSON pointers (RFC 6901) into the request's body."""
    if isinstance(detail, Mapping):
        found: list[dict[str, str]] = []
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            found += pointers(inner, path + step)
        return found
    if isinstance(detail, list):
        found = []
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            found += pointers(inner, f"{path}/{number}" if nested else path)
        return found
    return [{"pointer": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}]
