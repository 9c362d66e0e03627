"""Addresses of companies and customers."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0020_addresses"
down_revision = "0018_everbridge"


def upgrade() -> None:
    run_file(revision)
