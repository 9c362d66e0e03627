"""The records that rows refer to, and what the write looks up to find them."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from contactory.columns.column import Ids, RowNumbers, RowSelection, StringColumn, take
from contactory.columns.jit import Ints
from contactory.core.write.scheme_matches import SchemeMatch
from contactory.model.problems import Problem
from contactory.store.schemes import StoredKeys

SchemeKey: TypeAlias = tuple[str, int]
"""A key and the id of its scheme."""

KeyRow: TypeAlias = tuple[int, int, str]
"""A record (its index in Targets, or the id of a stored one), the id of a scheme, and a key."""


class NewKeys(NamedTuple):
    """Keys of new records: the index of the record in Targets, the id of a scheme, and a key."""

    record_of: Ints
    scheme_ids: Ints
    keys: StringColumn

    @classmethod
    def of(cls, rows: Sequence[KeyRow]) -> NewKeys:
        records, schemes, keys = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(records, np.int32), np.array(schemes, np.int32), StringColumn.from_values(keys))

    @classmethod
    def concatenate(cls, parts: Sequence[NewKeys]) -> NewKeys:
        records, schemes, keys = zip(*parts, strict=True)
        return cls(np.concatenate(records), np.concatenate(schemes), StringColumn.concatenate(keys))


class KeyChanges(NamedTuple):
    """Keys as they are after the last row, where rows add, change and remove keys.

    own: keys of new records.
    taken: keys of new records that a stored record gives up.
    added: keys of stored records, by their ids.
    dropped: ids of stored records, each with a scheme in which it loses the keys that it had.
    """

    own: NewKeys
    taken: Sequence[KeyRow] = ()
    added: Sequence[KeyRow] = ()
    dropped: Sequence[tuple[int, int]] = ()


class Targets(NamedTuple):
    """The records that rows refer to: each stored one, and each new one, has an index.

    record_of: [row] the index of its record. A row with a problem may have one of its own, which is new and
    never created.
    ids: [record] its id, 0 for a new one until an id is reserved.
    is_new: [record] whether it is new.
    scheme_ids: [row] the scheme that the row's first key belongs to; empty where rows have no keys.
    changes: None where each new record gets the key of the row that creates it, and no other key changes.
    foreign: rows and fields that show a key of another record.
    settled: rows that share no key and no record with another row, and whose keys all belong to their stored
    record; None where each row has one key only.
    """

    record_of: Ints
    ids: Ids
    is_new: npt.NDArray[np.bool_]
    scheme_ids: Ints
    problems: dict[int, Problem]
    changes: KeyChanges | None = None
    foreign: Sequence[tuple[int, str]] = ()
    settled: npt.NDArray[np.bool_] | None = None

    @property
    def row_ids(self) -> Ids:
        """Return the id of each row's record."""
        return self.ids[self.record_of]

    @property
    def rows_of_new(self) -> npt.NDArray[np.bool_]:
        """Tell for each row whether its record is new."""
        return self.is_new[self.record_of]

    def creating_rows(self) -> RowNumbers:
        """Return the first row for each new record, in the order of rows."""
        rows = np.flatnonzero(self.rows_of_new)
        _, firsts = np.unique(self.record_of[rows], return_index=True)
        return rows[np.sort(firsts)]

    def take(self, rows: RowSelection) -> Targets:
        """Return the targets of some rows, which must be independent of the others. Records are shared."""
        return Targets(take(self.record_of, rows), self.ids, self.is_new, take(self.scheme_ids, rows), {})


def index_records(stored: Ids, creators: RowNumbers) -> tuple[Ints, Ids, npt.NDArray[np.bool_]]:
    """Return the columns `record_of`, `ids` and `is_new` of Targets.

    stored: [row] the id of the stored record, 0 where it is new. creators: [row] the row that creates the new
    record. New records follow the stored ones, in the order of the rows that create them.
    """
    record_of = np.empty(len(stored), np.int32)
    rows = np.flatnonzero(stored)
    ids, record_of[rows] = np.unique(stored[rows], return_inverse=True)
    new = np.flatnonzero(stored == 0)
    first_rows, indices = np.unique(creators[new], return_inverse=True)
    record_of[new] = indices + len(ids)
    is_new = np.arange(len(ids) + len(first_rows)) >= len(ids)
    return record_of, np.concatenate([ids, np.zeros(len(first_rows), np.int64)]), is_new


class Lookup(NamedTuple):
    """Stored state of the ids and keys that some rows give.

    ids: those of the rows' ids that are stored.
    matches: for each scheme of the rows' keys.
    fallback_matches: for each scheme of each column of fallback keys.
    stored_keys, owners: the keys found, as columns and as a dictionary.
    have_first_key: records found by a fallback key that have a first key.
    hidden: records of another user than the one to whom the write is limited.
    held: records, with the schemes that they have keys in; a query at the first call.
    """

    ids: Set[int]
    matches: Sequence[SchemeMatch]
    fallback_matches: Sequence[Sequence[SchemeMatch]]
    stored_keys: StoredKeys
    owners: Callable[[], dict[SchemeKey, int]]
    have_first_key: Set[int]
    hidden: Set[int]
    held: Callable[[], Set[tuple[int, int]]]

    @property
    def is_exact(self) -> bool:
        """Tell whether each key may be found in one scheme only."""
        return all(
            len(match.accepted) == 1
            for matches in (self.matches, *self.fallback_matches)
            for match in matches
        )
