"""Explicit scopes, disabled users and clients, and ownership by row-level security."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0011_rights"
down_revision = "0010_order"


def upgrade() -> None:
    run_file(revision)
