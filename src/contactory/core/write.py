"""The write: resolve, plan, apply, in one transaction. Every dialect's rows come through here."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.core.apply import apply
from contactory.core.digests import Digests, find_digests, find_repeated, written_as
from contactory.core.identities import find_targets
from contactory.core.outcomes import Part, collect
from contactory.core.parts import count_new, split
from contactory.core.plan import make_plan
from contactory.core.resolve import Names, find_names, resolve
from contactory.core.secrets import Seal
from contactory.model.bulk import BulkWrite, Outcomes
from contactory.store import records
from contactory.store.creation import NewRecords
from contactory.store.database import Transaction


def write(
    transaction: Transaction, bulk: BulkWrite, seal: Seal | None = None, *, alone: bool = False
) -> Outcomes:
    """Create or update every row that can be written, and say what became of each.

    Raises Contended when another write creates one of the keys, or locks the records, at the same moment.
    Done again in a new transaction, `alone` among the organization's writes, it finds what that one has
    left, and cannot be too late again.
    """
    records.take_turn(transaction, alone=alone)
    names = find_names(transaction, bulk)
    parts, repeated = _write_parts(transaction, bulk, names, seal)
    outcomes = collect(bulk.count, repeated, parts)
    transaction.settle()
    return outcomes


def _write_parts(
    transaction: Transaction, bulk: BulkWrite, names: Names, seal: Seal | None
) -> tuple[list[Part], dict[int, int]]:
    """What was written, and the rows that only repeat what was said, with their records' ids."""
    if bulk.read is None:
        new = NewRecords(transaction, bulk.kind)
        part = _write_part(transaction, bulk, range(bulk.count), names, None, seal, new)
        new.make_known()
        return [part], {}
    digests = find_digests(bulk, names.references)
    targets = find_targets(bulk, names.known, ())
    repeated = find_repeated(targets.records, names.known, digests)
    new = NewRecords(transaction, bulk.kind, count_new(names.known, targets))
    parts = [
        _write_part(transaction, bulk.read(rows), rows, names, digests, seal, new)
        for rows in split(bulk, names.known, targets, repeated)
    ]
    new.make_known()
    return parts, repeated


def _write_part(
    transaction: Transaction,
    bulk: BulkWrite,
    rows: Sequence[int],
    names: Names,
    digests: Digests | None,
    seal: Seal | None,
    new: NewRecords,
) -> Part:
    """Some `rows` of a call, which are all that `bulk` has."""
    resolved = resolve(transaction, bulk, names, seal)
    plan = make_plan(bulk, resolved)
    said = written_as(bulk, rows, digests)
    first_new, written = apply(transaction, bulk, resolved, plan, said, new)
    return Part(rows, resolved.targets.records, plan, first_new, written)
