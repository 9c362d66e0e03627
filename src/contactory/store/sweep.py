"""Removing what is kept no longer, of all organizations."""

from __future__ import annotations

from contactory.model.limits import JOB_DAYS, SWEEP_ROWS
from contactory.store.database import Database


def sweep(database: Database, purge_days: int | None) -> int:
    """A part of it; answers how many rows of the kind that had most: with SWEEP_ROWS there may be more. None:
    deleted records stay."""
    return int(database.row("sweep", most=SWEEP_ROWS, job_days=JOB_DAYS, purge_days=purge_days)[0])


def sweep_all(database: Database, purge_days: int | None) -> None:
    while sweep(database, purge_days) == SWEEP_ROWS:
        pass
