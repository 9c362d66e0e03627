"""Customers."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0004_customers"
down_revision = "0003_everbridge"


def upgrade() -> None:
    run_file(revision)
