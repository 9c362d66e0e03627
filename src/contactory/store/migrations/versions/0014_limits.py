"""Quiet times are kept in one pass over the paths of a contact."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0014_limits"
down_revision = "0013_digests"


def upgrade() -> None:
    run_file(revision)
