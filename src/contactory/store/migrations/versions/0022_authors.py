"""Authors of records and entries."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0022_authors"
down_revision = "0021_numbers"


def upgrade() -> None:
    run_file(revision)
