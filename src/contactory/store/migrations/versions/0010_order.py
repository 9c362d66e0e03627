"""The columns of contacts in another order."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0010_order"
down_revision = "0009_sparse"


def upgrade() -> None:
    run_file(revision)
