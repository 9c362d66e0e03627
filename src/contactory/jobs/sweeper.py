"""The periodic removal of expired tokens and codes, of ended jobs and of deleted records."""

from __future__ import annotations

import logging
import time

from contactory.model.limits import SWEEP_ROWS, SWEEP_SECONDS
from contactory.store.database import Database
from contactory.store.errors import StoreError
from contactory.store.sweep import sweep

logger = logging.getLogger(__name__)


class Sweeper:
    """The removal at intervals. `purge_days`: how long deleted records are kept; 0: for ever."""

    def __init__(self, database: Database, purge_days: int, seconds: float = SWEEP_SECONDS) -> None:
        self._database = database
        self._purge_days = purge_days or None
        self._seconds = seconds
        self._due = time.monotonic() + seconds / 10

    def sweep_if_due(self) -> None:
        """Remove `SWEEP_ROWS` rows at most, which is quick enough to be done between chunks. If there may be
        more, the next removal is due at once."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + self._seconds
        try:
            if sweep(self._database, self._purge_days) == SWEEP_ROWS:
                self._due = 0
        except StoreError as error:
            logger.warning("expired rows could not be removed: %s", error.__cause__ or error)
