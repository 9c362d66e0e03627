"""Nulls in empty fields of contacts that only other APIs have."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0009_sparse"
down_revision = "0008_direct"


def upgrade() -> None:
    run_file(revision)
