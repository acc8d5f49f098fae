"""GET /metrics, for Prometheus: with the token, or from this machine itself."""

import os
from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from config.metrics.readings import Readings


def _may_read(request: HttpRequest) -> bool:
    """The token where one is set; otherwise loopback, unless a proxy passed the request on for somebody else."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures in Prometheus' text format. Raises Http404 for whoever may not read them."""
    if not _may_read(request):
        raise Http404
    readings = CollectorRegistry()
    readings.register(Readings())
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    body = generate_latest(readings) + generate_latest(counted)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)
