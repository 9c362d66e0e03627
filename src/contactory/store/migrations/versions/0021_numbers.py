"""Ids that are given, beside those that are handed out."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0021_numbers"
down_revision = "0020_addresses"


def upgrade() -> None:
    run_file(revision)
