"""What operations need."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0005_operations"
down_revision = "0004_datananas"


def upgrade() -> None:
    run_file(revision)
