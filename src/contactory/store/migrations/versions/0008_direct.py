"""New rows go straight into their table."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0008_direct"
down_revision = "0007_operations"


def upgrade() -> None:
    run_file(revision)
