"""Wait for a database that is still starting, such as one that boots at the same time."""

from __future__ import annotations

import logging
import time
from typing import Final

import psycopg

from contactory.model.limits import CONNECT_SECONDS

_PAUSE: Final = 0.25  # seconds
# Errors that waiting does not end. The driver gives no code for errors before a session exists.
_FINAL: Final = ("authentication failed", "does not exist", "no pg_hba.conf entry", "not permitted to log in")

logger = logging.getLogger(__name__)


class AwayError(Exception):
    """The database did not start in time."""


def await_database(url: str, seconds: float) -> None:
    """Return when the database accepts connections. Raises AwayError, or the driver's error if waiting cannot
    end it."""
    over, has_logged = time.monotonic() + seconds, False
    while True:
        try:
            psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
        except psycopg.OperationalError as error:
            message = " ".join(str(error).split())
            if any(words in message for words in _FINAL):
                raise
            if time.monotonic() > over:
                raise AwayError(f"The database has not come within {seconds:g} seconds: {message}") from error
            if not has_logged:
                logger.warning("waiting for the database, %g seconds at most: %s", seconds, message)
                has_logged = True
            time.sleep(_PAUSE)
        else:
            return
