"""Sweep: removal of rows of all organizations that are past their time to be kept."""

from __future__ import annotations

from contactory.model.limits import JOB_DAYS, SWEEP_ROWS
from contactory.store.database import Database


def sweep(database: Database, purge_days: int | None) -> int:
    """Remove up to SWEEP_ROWS rows of each kind. Return the number of the kind with most rows: at SWEEP_ROWS
    there may be more. purge_days: None keeps deleted records."""
    return int(database.row("sweep", most=SWEEP_ROWS, job_days=JOB_DAYS, purge_days=purge_days)[0])


def sweep_all(database: Database, purge_days: int | None) -> None:
    """Sweep until nothing is left to remove."""
    while sweep(database, purge_days) == SWEEP_ROWS:
        pass
