"""Structured logs on standard error: a line of JSON each, or text on a terminal.

A line about a request has its `request_id`, which is also the header `x-request-id` of the response. No line
has another value that a client sent: all errors are described by `failures.py`.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor

from contactory.telemetry.failures import describe, trace

_log: Final = logging.getLogger(__name__)
_calls: Final = logging.getLogger("contactory.calls")

GRANIAN_LOGGING: Final = {
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"propagate": True}, "granian.access": {"propagate": True}},
}
"""Logging settings for Granian, with which its own lines are formatted here too."""

call_context = bound_contextvars
"""A context in which every line has the given fields."""


def configure(level: str) -> None:
    """Set up logging. All lines logged with `logging`, and all uncaught errors, go through here.

    `level`: debug, info, warning or error.
    """
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        last = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    handler = _Handler()
    handler.addFilter(_without_values)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _format_error, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _log_uncaught_errors()


class _Handler(logging.StreamHandler[Any]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (a name of the library)
        """Write that a line could not be formatted, without its values."""
        self.stream.write(
            f"a line of {record.name} could not be logged ({record.pathname}:{record.lineno})\n"
        )


def _without_values(record: logging.LogRecord) -> bool:
    """Describe errors among the arguments of a line, and keep only the first line of a message of asyncio,
    behind which it shows objects."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            describe(value) if isinstance(value, BaseException) else value for value in record.args
        )
    if record.name == "asyncio" and isinstance(record.msg, str):
        record.msg = record.msg.partition("\n")[0]
    return True


def _format_error(_: object, __: str, event: EventDict) -> EventDict:
    """Format the traceback of a line's error here, since renderers would show values of variables."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = trace(error)
    return event


def _log_uncaught_errors() -> None:
    def log(text: str) -> Callable[[Any], None]:
        def hook(info: Any) -> None:
            error = info.exc_value or info.exc_type()
            if not isinstance(error, SystemExit):
                _log.error(text, exc_info=error)

        return hook

    def log_uncaught(kind: type[BaseException], error: BaseException, _: object) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        _log.critical("an error was not caught", exc_info=error)

    threading.excepthook = log("a thread ended with an error")
    sys.unraisablehook = log("an error could not be raised")
    sys.excepthook = log_uncaught


def log_call(**fields: Any) -> None:
    """Log a request, with its route as a pattern, never the path or the query, which may name people."""
    _calls.info("call", extra=fields)
