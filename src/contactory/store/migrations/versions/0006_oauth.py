"""Authorizations that users give clients."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0006_oauth"
down_revision = "0005_datananas"


def upgrade() -> None:
    run_file(revision)
