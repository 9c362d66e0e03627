"""Everbridge: quiet times of paths that are alike, accounts as numbers, delivery paths as the vendor's."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0018_everbridge"
down_revision = "0017_identities"


def upgrade() -> None:
    run_file(revision)
