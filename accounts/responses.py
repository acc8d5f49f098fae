"""Answers that are right for a full page and for an htmx request alike."""

import json
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.functional import Promise
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh, trigger_client_event


def is_htmx(request: HttpRequest) -> bool:
    """True for a request htmx made; read from the header, because some middleware runs before django_htmx's."""
    return request.headers.get("HX-Request") == "true"


def in_dialog(request: HttpRequest) -> bool:
    """True when the answer goes into the shared dialog and must be a fragment."""
    return is_htmx(request) and request.headers.get("HX-Target") == "dlg"


def go_to(request: HttpRequest, to: str, **kwargs: object) -> HttpResponse:
    """Leave for another page: a redirect, or HX-Redirect when htmx asked (it would swap the page into the dialog).

    To the very address the browser shows, anchor included, it would only scroll: then the page is loaded anew.
    """
    url = resolve_url(to, **kwargs)
    if not is_htmx(request):
        return HttpResponseRedirect(url)
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    is_here = "#" in url and url == urlunsplit(("", "", *shown[2:]))
    return HttpResponseClientRefresh() if is_here else HttpResponseClientRedirect(url)


def with_toast(response: HttpResponse, text: str | Promise, level: str = "success") -> HttpResponse:
    """Have the page show a short message after an htmx swap. `level`: success, info, warning or error."""
    trigger_client_event(response, "toast", {"text": str(text), "level": level})
    # Header values must be ASCII; django_htmx writes JSON, which is, as long as nobody turns ensure_ascii off.
    json.loads(response.headers["HX-Trigger"])
    return response
