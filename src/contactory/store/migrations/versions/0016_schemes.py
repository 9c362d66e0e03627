"""Schemes numbered by each organization."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0016_schemes"
down_revision = "0015_jobs"


def upgrade() -> None:
    run_file(revision)
