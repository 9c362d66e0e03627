"""Addresses of companies and customers."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0020_addresses"
down_revision = "0019_datananas"


def upgrade() -> None:
    run_file(revision)
