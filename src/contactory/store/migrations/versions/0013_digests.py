"""Digests of rows with personal numbers forgotten."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0013_digests"
down_revision = "0012_secrets"


def upgrade() -> None:
    run_file(revision)
