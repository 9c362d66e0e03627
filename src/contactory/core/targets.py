"""Targets of rows: the record that each row refers to, and who has which keys when all rows are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import NamedTuple, TypeAlias

from contactory.columns.column import Ids, RowNumbers, RowSelection, take
from contactory.columns.jit import Ints
from contactory.core.scheme_matches import SchemeMatch
from contactory.model.problems import Problem
from contactory.store.schemes import StoredKeys

SchemeKey: TypeAlias = tuple[str, int]
"""A key and the id of its scheme."""

KeyRow: TypeAlias = tuple[int, int, str]
"""A record (its id, or a pending id), the id of a scheme, and a key."""


class KeyChanges(NamedTuple):
    """Keys as they are after the last row, where rows add, change and remove keys.

    own: keys of new records.
    taken: keys of new records that a stored record gives up.
    added: keys of stored records.
    dropped: stored records, each with a scheme in which it loses the keys that it had.
    """

    own: Sequence[KeyRow] = ()
    taken: Sequence[KeyRow] = ()
    added: Sequence[KeyRow] = ()
    dropped: Sequence[tuple[int, int]] = ()


class Targets(NamedTuple):
    """Targets of rows, one per row.

    records: the id of a stored record, the pending id of a new one (see `pending_ids`), or 0 for none, in
    which case the row has a problem.
    scheme_ids: the scheme that the row's key belongs to.
    changes: None where each new record gets the key of the row that creates it, and no other key changes.
    foreign: rows and fields that show a key of another record.
    """

    records: Ids
    scheme_ids: Ints
    problems: dict[int, Problem]
    changes: KeyChanges | None = None
    foreign: Sequence[tuple[int, str]] = ()

    def take(self, rows: RowSelection) -> Targets:
        """Return the targets of some rows, which must be independent of each other."""
        return Targets(take(self.records, rows), take(self.scheme_ids, rows), {})


def pending_ids(rows: RowNumbers) -> Ids:
    """Return the pending ids, -1 - row, of the records that rows create, where each is the first for its
    record."""
    return -1 - rows


def creating_rows(pending: Ids) -> RowNumbers:
    """Return the rows that create the records of pending ids: the reverse of `pending_ids`."""
    return -1 - pending


def no_records() -> Set[int]:
    return frozenset()


def nothing_held() -> Set[tuple[int, int]]:
    return frozenset()


class Lookup(NamedTuple):
    """Stored state of the ids and keys that some rows give.

    ids: those of the rows' ids that are stored.
    matches: for each scheme of the rows' keys.
    stored_keys, owners: the keys found, as columns and as a dictionary; the first call waits for the
    database.
    fallback_matches: for each scheme of the fallback keys.
    rows_independent: each row names one scheme and has nothing but its key, so that no row depends on
    another.
    have_first_key: records found by a fallback key that have a first key.
    hidden: records of another user than the one to whom the write is limited.
    held: records, with the schemes that they have keys in.
    """

    ids: Set[int]
    matches: Sequence[SchemeMatch]
    stored_keys: Callable[[], StoredKeys]
    owners: Callable[[], dict[SchemeKey, int]]
    fallback_matches: Sequence[Sequence[SchemeMatch]] = ()
    rows_independent: bool = False
    have_first_key: Callable[[], Set[int]] = no_records
    hidden: Callable[[], Set[int]] = no_records
    held: Callable[[], Set[tuple[int, int]]] = nothing_held
