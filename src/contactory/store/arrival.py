"""Waiting for a database that is still on its way, such as one that boots at the same time."""

from __future__ import annotations

import logging
import time
from typing import Final

import psycopg

from contactory.model.limits import CONNECT_SECONDS

_PAUSE: Final = 0.25  # seconds
# What no waiting changes. The driver tells no code of what happens before a session is there.
_FINAL: Final = ("authentication failed", "does not exist", "no pg_hba.conf entry", "not permitted to log in")

logger = logging.getLogger(__name__)


class AwayError(Exception):
    """The database did not come in time."""


def await_database(url: str, seconds: float) -> None:
    """Answers when it takes connections. Raises AwayError, or the driver's error that no waiting mends."""
    over, has_told = time.monotonic() + seconds, False
    while True:
        try:
            psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
        except psycopg.OperationalError as error:
            said = " ".join(str(error).split())
            if any(words in said for words in _FINAL):
                raise
            if time.monotonic() > over:
                raise AwayError(f"The database has not come within {seconds:g} seconds: {said}") from error
            if not has_told:
                logger.warning("waiting for the database, %g seconds at most: %s", seconds, said)
                has_told = True
            time.sleep(_PAUSE)
        else:
            return
