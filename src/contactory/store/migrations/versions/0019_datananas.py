"""Names of users."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0019_datananas"
down_revision = "0018_everbridge"


def upgrade() -> None:
    run_file(revision)
