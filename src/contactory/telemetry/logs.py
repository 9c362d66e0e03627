"""Structured logs on standard error: a line of JSON each, or text on a terminal.

A line about a call bears its `request_id`, which the answer bears as `x-request-id`. No line bears another
value that a client sent: errors are info by `failures.py`, wherever they were raised and whoever logs them.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars, merge_contextvars
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
"""For Granian, whose own lines then go the same way."""

call_context = bound_contextvars
"""A context in which every line bears what is given."""

call_fields = get_contextvars
"""What every line bears in the context that this is asked in."""


def configure(level: str) -> None:
    """level: debug, info, warning or error. All that is logged by way of `logging` goes through here, and so
    does what nobody catches."""
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
    _log_what_nobody_catches()


class _Handler(logging.StreamHandler[Any]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (a name of the library)
        """Say that a line could not be made, without what it was to be made of."""
        self.stream.write(
            f"a line of {record.name} could not be logged ({record.pathname}:{record.lineno})\n"
        )


def _without_values(record: logging.LogRecord) -> bool:
    """Errors among the arguments of a line are described; asyncio shows objects behind its first line."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            describe(value) if isinstance(value, BaseException) else value for value in record.args
        )
    if record.name == "asyncio" and isinstance(record.msg, str):
        record.msg = record.msg.partition("\n")[0]
    return True


def _format_error(_: object, __: str, event: EventDict) -> EventDict:
    """The traceback of a line's error, made here: renderers show values of variables."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = trace(error)
    return event


def _log_what_nobody_catches() -> None:
    def log(what: str) -> Callable[[Any], None]:
        def hook(info: Any) -> None:
            error = info.exc_value or info.exc_type()
            if not isinstance(error, SystemExit):
                _log.error(what, exc_info=error)

        return hook

    def log_uncaught(kind: type[BaseException], error: BaseException, _: object) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        _log.critical("an error was not caught", exc_info=error)

    threading.excepthook = log("a thread ended with an error")
    sys.unraisablehook = log("an error could not be raised")
    sys.excepthook = log_uncaught


def log_call(**fields: Any) -> None:
    """One line for a call: its route as a pattern, never the path or the query, which may name people."""
    _calls.info("call", extra=fields)
