"""How processes write their logs: one event a line, JSON in an office, coloured words in the demo.

What a line may hold: the request's id, the route's name, ids of a user, a client, a task. Never a name, a form, a query
string or the path itself: a path may carry the token of a petitioner's link.
"""

import logging
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Both kinds of loggers go through these: structlog's own, and those of Django, Celery and the libraries.
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class WithoutPaths(logging.Filter):
    """Django names the path of a failed request in its message; the route's name stands in our own line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, that of a failed request with its reason alone ("Internal Server Error")."""
        if record.name == "django.request" and isinstance(record.args, tuple) and len(record.args) == 2:
            record.msg, record.args = str(record.args[0]), ()
        return True


def _without_meta(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)


def _renderers(as_json: bool) -> list[Processor]:
    if as_json:
        # The stack without values of variables: they would be what people wrote.
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]


def configure_structlog() -> None:
    """Send what structlog's loggers say through the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_settings(*, as_json: bool) -> dict[str, Any]:
    """The LOGGING setting."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [_without_meta, *_renderers(as_json)],
                "foreign_pre_chain": _SHARED,
            }
        },
        "filters": {"without_paths": {"()": WithoutPaths}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_paths"]},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {"axes": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
    }
