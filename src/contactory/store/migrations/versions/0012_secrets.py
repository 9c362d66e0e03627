"""Guessing counted for all processes, and a proof of the secret key."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0012_secrets"
down_revision = "0011_rights"


def upgrade() -> None:
    run_file(revision)
