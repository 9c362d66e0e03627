"""Jobs in turns between organizations, and a sweep."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0015_jobs"
down_revision = "0014_limits"


def upgrade() -> None:
    run_file(revision)
