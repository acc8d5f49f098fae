"""What each web process counts for itself; with several processes, through files they share (config/gunicorn.py)."""

from prometheus_client import Counter, Histogram

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Seconds. Few, because each route has a row of its own for each.
_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

REQUESTS = Counter("yongqing_requests", "Answered requests.", ["route", "method", "status"])
SECONDS = Histogram("yongqing_request_seconds", "Time from request to answer.", ["route"], buckets=_BUCKETS)


def note_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer. Labels come from finite sets: names of addresses, known methods, statuses."""
    REQUESTS.labels(route, method if method in _METHODS else "other", str(status)).inc()
    SECONDS.labels(route).observe(seconds)
