"""Functions for the operation of the service."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0007_operations"
down_revision = "0006_oauth"


def upgrade() -> None:
    run_file(revision)
