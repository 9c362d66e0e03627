"""Customers, and what the rest of Propeller's API keeps."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0002_customers"
down_revision = "0001_first"


def upgrade() -> None:
    run_file(revision)
