"""The write: resolve, plan and apply in one transaction. Rows of all dialects take this way."""

from __future__ import annotations

from itertools import chain
from typing import Final

import numpy as np

from contactory.columns.column import Ids, RowNumbers, RowSelection
from contactory.core.apply import apply, renew_digests, reserve_keys
from contactory.core.batches import make_batches
from contactory.core.digests import Digests, find_digests, no_digests, stored_digests
from contactory.core.key_lookup import KeyLookup, look_up_unread
from contactory.core.outcomes import WriteBatch, collect
from contactory.core.plan import make_plan
from contactory.core.quotas import check_total
from contactory.core.resolve import Resolved, find_names, resolve
from contactory.core.secrets import Encrypt
from contactory.model.bulk import BulkWrite, Outcomes, UnreadRows
from contactory.store import records
from contactory.store.creation import NewRecords
from contactory.store.database import Transaction
from contactory.store.errors import Contended

SAMPLE: Final = 100  # rows


def write(
    transaction: Transaction, bulk: BulkWrite, encrypt: Encrypt | None = None, *, exclusive: bool = False
) -> Outcomes:
    """Create or update every row that can be written, and return the outcome of each.

    Raises Contended when another write creates one of the keys or locks the records at the same moment; the
    conflict may also surface when the transaction ends. Retry in a new transaction with `exclusive`: the
    retry sees the other write and cannot conflict. A write that takes keys from stored records is always
    exclusive.
    """
    records.lock_organization(transaction, exclusive=exclusive)
    targets, batches = _write_batches(transaction, bulk, encrypt, exclusive=exclusive)
    check_total(transaction, bulk.kind, sum(len(batch.plan.creates) for batch in batches))
    return collect(targets, batches)


def _write_batches(
    transaction: Transaction, bulk: BulkWrite, encrypt: Encrypt | None, *, exclusive: bool
) -> tuple[Ids, list[WriteBatch]]:
    """Write all rows; return their targets, and the batches in which they were written."""
    if bulk.unread is None:
        new = NewRecords(transaction, bulk.kind, bulk.count)
        resolved = resolve(transaction, bulk, find_names(transaction, bulk), encrypt)
        digests = no_digests(bulk.count)
        if resolved.targets.changes and resolved.targets.changes.dropped and not exclusive:
            raise Contended  # A concurrent lookup of a dropped key must run before or after this write.
        batch = _write_batch(transaction, bulk, range(bulk.count), resolved, digests, new)
        return resolved.targets.records, [batch]
    found = look_up_unread(transaction, bulk, bulk.unread)
    new, creating = NewRecords(transaction, bulk.kind, found.bulk.count), found.creating_rows()
    if len(creating) and bulk.unread.has_attributes:
        _look_up_attributes(transaction, bulk.unread, found, creating[:SAMPLE])
    identities = reserve_keys(found.bulk, found.targets, creating, new)
    new.insert_identities(identities)
    batches = []
    for rows in make_batches(found):
        rows_read = bulk.unread.read(rows, found.bulk.take(rows))
        resolved = resolve(transaction, rows_read, found.names, encrypt, found.targets_of(rows))
        digests = find_digests(rows_read, bulk.unread.digests(rows), found.names.references)
        stored = stored_digests(rows_read, digests)
        batches.append(_write_batch(transaction, rows_read, rows, resolved, stored, new))
    if any(batch.plan.problems for batch in batches):
        created = np.concatenate([batch.created() for batch in batches])
        new.release_keys(identities.take(np.flatnonzero(~np.isin(identities.record_ids, created))))
    if bulk.unread.renews_digests:
        updates = chain.from_iterable(batch.applied.updates for batch in batches)
        renew_digests(transaction, bulk.kind, updates)
    return found.targets.records, batches


def _look_up_attributes(
    transaction: Transaction, unread: UnreadRows, found: KeyLookup, rows: RowNumbers
) -> None:
    """Look up the attributes of a sample of rows, which are probably those of all rows. This must happen
    before keys are inserted: nothing can be looked up while that COPY runs."""
    sample = unread.read(rows, found.bulk.take(rows))
    found.names.definitions.look_up(transaction, sample.attributes.values())


def _write_batch(
    transaction: Transaction,
    bulk: BulkWrite,
    rows: RowSelection,
    resolved: Resolved,
    digests: Digests,
    new: NewRecords,
) -> WriteBatch:
    """Plan and apply a batch. `bulk` has the rows of the batch only; `rows` are their indices in the call."""
    plan = make_plan(bulk, resolved)
    applied = apply(transaction, bulk, resolved, plan, digests, new)
    return WriteBatch(rows, resolved.targets.records, plan, new.ids, applied)
