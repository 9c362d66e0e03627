"""Identities as they are read now."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0017_identities"
down_revision = "0016_schemes"


def upgrade() -> None:
    run_file(revision)
