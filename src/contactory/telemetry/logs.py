"""Structured logs on standard error: a line of JSON each, or text on a terminal.

A line about a call bears its `request_id`, which the answer bears as `x-request-id`.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars, merge_contextvars
from structlog.typing import Processor

_calls: Final = logging.getLogger("contactory.calls")

OF_THE_SERVER: Final = {
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"propagate": True}, "granian.access": {"propagate": True}},
}
"""For Granian, whose own lines then go the same way."""

about_call = bound_contextvars
"""A context in which every line bears what is given."""

said_of_call = get_contextvars
"""What every line bears in the context that this is asked in."""


def configure(level: str) -> None:
    """level: debug, info, warning or error. All that is logged by way of `logging` goes through here."""
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [structlog.dev.ConsoleRenderer()]
    if not sys.stderr.isatty():
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def log_call(**said: Any) -> None:
    """One line for a call: its route as a pattern, never the path or the query, which may name people."""
    _calls.info("call", extra=said)
