"""Digests of the last write of a record."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0002_digests"
down_revision = "0001_first"


def upgrade() -> None:
    run_file(revision)
