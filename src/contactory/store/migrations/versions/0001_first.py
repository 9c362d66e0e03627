"""The first schema."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    run_file(revision)
