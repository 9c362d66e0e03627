"""Look up the keys of unread rows slice by slice: the database searches for those of one slice while the next
one is scanned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from contactory.columns.column import RowNumbers, RowSelection
from contactory.core.attributes import Definitions
from contactory.core.awaited import find_awaited
from contactory.core.digests import Digests, find_digests, find_repeated, no_digests
from contactory.core.identities import build_lookup, find_targets, start_key_lookup
from contactory.core.references import find_references, missing
from contactory.core.resolve import Names
from contactory.core.scheme_matches import SchemeMatches
from contactory.core.targets import Targets, pending_ids
from contactory.model.bulk import BulkWrite, Keys, Reference, References, UnreadRows
from contactory.model.problems import Problem
from contactory.store.database import Transaction
from contactory.store.schemes import StoredKeys

_LAG: Final = 2  # slices that are scanned while the database searches for one
_DIGESTS_EVERY: Final = 8  # slices, of which one is looked up with digests where no rows are repeated
_SAMPLE: Final = 200  # rows


class KeyLookup(NamedTuple):
    """Result of the lookup. `bulk`: the write with the keys and references of all its rows, and no values.
    `repeated`: per row whether it repeats what its record's last writer gave."""

    bulk: BulkWrite
    names: Names
    targets: Targets
    repeated: npt.NDArray[np.bool_]

    def targets_of(self, rows: RowSelection) -> Targets | None:
        """Return the targets of some rows, or None where rows may depend on each other."""
        return self.targets.take(rows) if self.names.lookup.rows_independent else None

    def creating_rows(self) -> RowNumbers:
        """Return the first row for each new record; none if rows depend on each other or may not create."""
        records = self.targets.records
        creates = self.bulk.may_create and self.names.lookup.rows_independent
        return np.flatnonzero(records == pending_ids(np.arange(len(records))) if creates else ())


@dataclass(frozen=True)
class _SliceLookup:
    """Lookup of the keys of some rows, and of their records' digests where `has_stored_digests`."""

    rows: BulkWrite
    wait: Callable[[], StoredKeys]
    row_digests: Callable[[RowSelection], bytes]
    references: Mapping[Reference, int | Problem]
    has_stored_digests: bool
    expects_repeated: bool

    @cached_property
    def stored_keys(self) -> StoredKeys:
        return self.wait()

    @cached_property
    def digests(self) -> Digests:
        return self._digests_of(range(self.rows.count))

    @cached_property
    def has_repeated(self) -> bool:
        """Tell whether rows are repeated: by a sample of them, and by all where that is expected."""
        stored = self.stored_keys.digests
        if not len(stored):
            return False
        # Not each n-th row: changed rows may be each n-th, too.
        sample = np.random.default_rng(0).permutation(self.rows.count)[:_SAMPLE]
        digests = self.digests if self.expects_repeated else self._digests_of(sample)
        return bool(np.isin(digests[:, 0], stored[:, 0]).any())

    def _digests_of(self, rows: RowSelection) -> Digests:
        return find_digests(self.rows.take(rows), self.row_digests(rows), self.references)


def look_up_unread(transaction: Transaction, bulk: BulkWrite, unread: UnreadRows) -> KeyLookup:
    """Look up the references, keys and digests of all rows of `unread`.

    Raises Refusal where a slice cannot be scanned.
    """
    scheme_matches = SchemeMatches(transaction, bulk.kind)
    references: dict[Reference, int | Problem] = {}
    slices = list[_SliceLookup]()
    for rows, row_digests in unread.scan_keys():
        named = set(filter(None, chain.from_iterable(column.named for column in rows.references.values())))
        references |= find_references(transaction, named - references.keys())
        expects_repeated = _expects_repeated(slices)
        with_digests = expects_repeated or len(slices) < _LAG or len(slices) % _DIGESTS_EVERY == 0
        wait = start_key_lookup(transaction, rows, scheme_matches, digests=with_digests)
        slice_ = _SliceLookup(rows, wait, row_digests, references, with_digests, expects_repeated)
        slices.append(slice_)
        if expects_repeated:
            # They will be needed; compute them now, while the database is busy and the rows are in the cache.
            _ = slice_.digests
    joined = concatenate(bulk, [slice_.rows for slice_ in slices])
    stored_keys = StoredKeys.concatenate([slice_.stored_keys for slice_ in slices])
    lookup = build_lookup(joined, scheme_matches, lambda: stored_keys)
    awaited = find_awaited(joined, lookup)
    if awaited:  # The targets, and even the digests, of rows with such references are not known beforehand.
        lookup = lookup._replace(rows_independent=False)
        references |= {reference: missing(reference) for reference in awaited}
    targets = find_targets(joined, lookup, ())
    repeated = np.zeros(joined.count, bool)
    if any(slice_.has_repeated for slice_ in slices):
        digested = [
            slice_.digests if slice_.has_repeated else no_digests(slice_.rows.count) for slice_ in slices
        ]
        repeated = find_repeated(targets.records, stored_keys, np.concatenate(digested))
    for column in joined.references.values() if awaited else ():
        repeated &= ~np.array([named in awaited for named in column.named], bool)[column.number_of]
    return KeyLookup(joined, Names(references, lookup, Definitions(), awaited), targets, repeated)


def _expects_repeated(slices: Sequence[_SliceLookup]) -> bool:
    """Tell whether the last slice with digests that the database has had time for has repeated rows.

    Digests take the database longer than keys; so where no rows are repeated, only every eighth slice is
    looked up with digests.
    """
    done = [slice_ for slice_ in slices[: max(len(slices) - _LAG + 1, 0)] if slice_.has_stored_digests]
    return bool(done) and done[-1].has_repeated


def concatenate(bulk: BulkWrite, slices: Sequence[BulkWrite]) -> BulkWrite:
    """Return `bulk` with the keys and references of all slices, one after the other."""
    fields = dict.fromkeys(chain.from_iterable(rows.references for rows in slices))
    references = {
        field: References.concatenate(
            [rows.references.get(field) or References.none(rows.count) for rows in slices]
        )
        for field in fields
    }
    keys = Keys.concatenate([rows.keys for rows in slices if rows.keys])
    return replace(bulk, count=sum(rows.count for rows in slices), keys=keys, references=references)
