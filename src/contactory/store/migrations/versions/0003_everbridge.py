"""Fields and tables of Everbridge's API."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0003_everbridge"
down_revision = "0002_digests"


def upgrade() -> None:
    run_file(revision)
