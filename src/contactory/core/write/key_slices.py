"""Slices of rows whose keys are looked up while the next ones are scanned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from contactory.columns.column import RowSelection, StringColumn
from contactory.core.write.digests import Digests, find_digests, no_digests
from contactory.core.write.matched import Record
from contactory.core.write.scheme_matches import SchemeMatches
from contactory.model.bulk import RowDigests, RowKeys, WriteOptions
from contactory.model.keys import Reference
from contactory.model.problems import Problem
from contactory.store import schemes
from contactory.store.database import Transaction
from contactory.store.schemes import Found

_LAG: Final = 2  # slices that are scanned while the database searches for one
_DIGESTS_EVERY: Final = 8  # slices, of which one is looked up with digests where no rows are repeated
_SAMPLE: Final = 200  # rows


@dataclass(frozen=True)
class KeySlice:
    """Lookup of the keys of some rows, and of their records' digests where `has_stored_digests`."""

    keys: RowKeys
    wait: Callable[[], Found]
    row_digests: RowDigests | None
    references: Mapping[Reference, Record | Problem]
    has_stored_digests: bool
    expects_repeated: bool

    @cached_property
    def found(self) -> Found:
        return self.wait()

    @cached_property
    def digests(self) -> Digests:
        return self._digests_of(range(self.keys.count))

    @cached_property
    def has_repeated(self) -> bool:
        """Tell whether rows are repeated: by a sample of them, and by all where that is expected."""
        stored = self.found.keys.digests
        if not len(stored):
            return False
        # Not each n-th row: changed rows may be each n-th, too.
        sample = np.random.default_rng(0).permutation(self.keys.count)[:_SAMPLE]
        digests = self.digests if self.expects_repeated else self._digests_of(sample)
        return bool(np.isin(digests[:, 0], stored[:, 0]).any())

    def _digests_of(self, rows: RowSelection) -> Digests:
        if self.row_digests is None:
            return no_digests(len(rows))
        return find_digests(self.keys.take(rows), self.row_digests(rows), self.references)


def expects_repeated(slices: Sequence[KeySlice]) -> bool:
    """Tell whether the last slice with digests that the database has had time for has repeated rows.

    Digests take the database longer than keys; so where no rows are repeated, only every eighth slice is
    looked up with digests.
    """
    done = [slice_ for slice_ in slices[: max(len(slices) - _LAG + 1, 0)] if slice_.has_stored_digests]
    return bool(done) and done[-1].has_repeated


def wants_digests(slices: Sequence[KeySlice], *, expects: bool) -> bool:
    """Tell whether the next slice is looked up with the digests of its records."""
    return expects or len(slices) < _LAG or len(slices) % _DIGESTS_EVERY == 0


def start_lookup(
    transaction: Transaction,
    options: WriteOptions,
    keys: RowKeys,
    scheme_matches: SchemeMatches,
    *,
    digests: bool,
) -> Callable[[], Found]:
    """Send a query for the stored keys, and with `digests` for the digests of their records. Return a
    function that waits for them."""
    if keys.keys is None:
        return Found.nothing
    columns = [keys.keys, *keys.fallback_keys]
    accepted = {
        id_
        for column in columns
        for scheme_match in scheme_matches.find(column.schemes)
        for id_ in scheme_match.accepted
    }
    if not keys.fallback_keys:
        return schemes.find_keys(transaction, options.kind, keys.keys.keys, accepted, digests=digests)
    texts = StringColumn.concatenate([column.texts for column in columns])
    named_by = {
        scheme_match.default
        for column in keys.fallback_keys
        for scheme_match in scheme_matches.find(column.schemes)
    }
    return schemes.find_keys_and_states(
        transaction,
        options.kind,
        texts.take(np.flatnonzero(texts.lengths > 0)),
        accepted,
        named=keys.keys.field,
        named_by=named_by,
        digests=digests,
    )
