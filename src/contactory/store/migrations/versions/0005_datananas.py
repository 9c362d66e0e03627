"""Fields and tables of Datananas' API, and jobs."""

from __future__ import annotations

from contactory.store.migrations import run_file

revision = "0005_datananas"
down_revision = "0004_customers"


def upgrade() -> None:
    run_file(revision)
