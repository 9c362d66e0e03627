"""Who made and who changed a record."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0023_authors"
down_revision = "0020_addresses"


def upgrade() -> None:
    run_file(revision)
