"""The write: look up, plan, resolve and apply in one transaction. Rows of all dialects take this way."""

from __future__ import annotations

from typing import Final

import numpy as np

from contactory.columns.column import RowSelection
from contactory.core.write.apply import all_updates, apply, renew_digests
from contactory.core.write.batches import make_batches
from contactory.core.write.digests import find_digests, stored_digests
from contactory.core.write.keys import reserve
from contactory.core.write.lookup import KeyLookup, look_up
from contactory.core.write.outcomes import WriteBatch, collect
from contactory.core.write.plan import make_plan
from contactory.core.write.quotas import check_total
from contactory.core.write.resolve import resolve
from contactory.core.write.secrets import Encrypt
from contactory.model.bulk import Outcomes, RowSource, WriteOptions
from contactory.store import records
from contactory.store.creation import Identities, NewRecords
from contactory.store.database import Transaction
from contactory.store.errors import Contended

_SAMPLE: Final = 100  # rows


def write(
    transaction: Transaction,
    options: WriteOptions,
    source: RowSource,
    encrypt: Encrypt | None = None,
    *,
    exclusive: bool = False,
) -> Outcomes:
    """Create or update every row that can be written, and return the outcome of each.

    Raises Contended when another write creates one of the keys or locks the records at the same moment; the
    conflict may also surface when the transaction ends. Retry in a new transaction with `exclusive`: the
    retry sees the other write and cannot conflict. A write that takes keys from stored records is always
    exclusive.
    """
    records.lock_organization(transaction, exclusive=exclusive)
    found = look_up(transaction, options, source)
    reserved = _reserve(transaction, options, source, found)
    batches = [
        _write_batch(transaction, options, source, found, rows, encrypt, exclusive=exclusive)
        for rows in make_batches(found)
    ]
    _release(transaction, options, reserved, batches)
    if source.renews_digests:
        renew_digests(transaction, options.kind, all_updates(batch.applied for batch in batches))
    check_total(transaction, options.kind, sum(len(batch.plan.creates) for batch in batches))
    return collect(found, batches)


def _reserve(
    transaction: Transaction, options: WriteOptions, source: RowSource, found: KeyLookup
) -> Identities:
    """Reserve ids and keys of the records that will be created, as far as they are known before rows are
    read. Attributes of a sample of rows, which are probably those of all rows, are looked up before that:
    nothing can be looked up while the COPY of keys runs."""
    if found.targets is None or not options.may_create or found.keys.given_ids is not None:
        return Identities.of(())
    creating = found.targets.creating_rows()
    if len(creating) and source.has_attributes:
        sample = creating[:_SAMPLE]
        rows = source.read(sample, found.keys.take(sample))
        found.names.definitions.look_up(transaction, rows.attributes.values())
    return reserve(NewRecords(transaction, options.kind), found.keys, found.targets, creating)


def _write_batch(
    transaction: Transaction,
    options: WriteOptions,
    source: RowSource,
    found: KeyLookup,
    selection: RowSelection,
    encrypt: Encrypt | None,
    *,
    exclusive: bool,
) -> WriteBatch:
    """Read, plan and apply a batch."""
    rows = source.read(selection, found.keys.take(selection))
    targets = found.targets and found.targets.take(selection)
    resolved = resolve(transaction, options, rows, found.names, encrypt, targets)
    if resolved.targets.changes and resolved.targets.changes.dropped and not exclusive:
        raise Contended  # A concurrent lookup of a dropped key must run before or after this write.
    plan = make_plan(options, rows, resolved)
    digests = find_digests(rows, source.digests(selection), found.names.references)
    applied = apply(transaction, options, rows, resolved, plan, stored_digests(rows, digests))
    return WriteBatch(selection, resolved.targets, plan, applied)


def _release(
    transaction: Transaction, options: WriteOptions, reserved: Identities, batches: list[WriteBatch]
) -> None:
    """Delete the reserved keys of records that were not created, since their rows failed."""
    if any(batch.plan.problems for batch in batches):
        created = np.concatenate([batch.created() for batch in batches])
        failed = np.flatnonzero(~np.isin(reserved.record_ids, created))
        NewRecords(transaction, options.kind).release_keys(reserved.take(failed))
