"""Preview of a write: what it would do now, with nothing written."""

from __future__ import annotations

from typing import NamedTuple

from contactory.core.write.lookup import look_up
from contactory.core.write.plan import Plan, make_plan
from contactory.core.write.resolve import resolve
from contactory.model.bulk import Rows, RowSource, WriteOptions
from contactory.store import records
from contactory.store.database import Transaction


class Preview(NamedTuple):
    """All rows of a write, and the plan to write them now."""

    rows: Rows
    plan: Plan


def preview(
    transaction: Transaction, options: WriteOptions, source: RowSource, *, exclusive: bool = False
) -> Preview:
    """Plan a write without applying it."""
    records.lock_organization(transaction, exclusive=exclusive)
    found = look_up(transaction, options, source)
    rows = source.read(range(found.keys.count), found.keys)
    resolved = resolve(transaction, options, rows, found.names, None, found.targets)
    return Preview(rows, make_plan(options, rows, resolved))
