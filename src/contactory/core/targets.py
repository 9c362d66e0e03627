"""Targets of rows: which record each row means, and who has which keys when all rows are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import NamedTuple, TypeAlias

from contactory.columns.column import Ids, RowNumbers, RowSelection, take
from contactory.columns.jit import Ints
from contactory.core.numberings import Numbering
from contactory.model.problems import Problem
from contactory.store.schemes import Found

Name: TypeAlias = tuple[str, int]
"""A key and the id of its scheme."""

Link: TypeAlias = tuple[int, int, str]
"""A record (negative: one to create), the id of a scheme, and a key."""


class KeyChanges(NamedTuple):
    """Keys as they are after the last row, where rows give keys, change them and give them up.

    own: of records to create. taken: the same, where a known record gives the key up. added: of known
    records. dropped: known records, each with a scheme in which it loses the keys that it had.
    """

    own: Sequence[Link] = ()
    taken: Sequence[Link] = ()
    added: Sequence[Link] = ()
    dropped: Sequence[tuple[int, int]] = ()


class Targets(NamedTuple):
    """Per row: the record meant (its id; negative: one to create, see `made_by`; 0: none, see problems), and
    the scheme that its key belongs to. `changes`: None where each new record comes with the key of the row
    that makes it, and nothing else changes. `foreign`: fields of rows that show a key of another record."""

    records: Ids
    scheme_ids: Ints
    problems: dict[int, Problem]
    changes: KeyChanges | None = None
    foreign: Sequence[tuple[int, str]] = ()

    def take(self, rows: RowSelection) -> Targets:
        """Some rows, that do not bear on each other."""
        return Targets(take(self.records, rows), take(self.scheme_ids, rows), {})


def made_by(rows: RowNumbers) -> Ids:
    """The records that rows create, each the first for its own; and the other way round."""
    return -1 - rows


def no_records() -> Set[int]:
    return frozenset()


def nothing_held() -> Set[tuple[int, int]]:
    return frozenset()


class Known(NamedTuple):
    """Stored state of the ids and keys that some rows give."""

    ids: Set[int]
    numberings: Sequence[Numbering]
    found: Callable[[], Found]
    owners: Callable[[], dict[Name, int]]
    alternates: Sequence[Sequence[Numbering]] = ()  # as BulkWrite's
    apart: bool = False  # rows do not bear on each other: each names one scheme, and nothing else
    named: Callable[[], Set[int]] = no_records  # found by an alternate, and has a first key
    hidden: Callable[[], Set[int]] = no_records  # another user's than the one to whom the write is limited
    held: Callable[[], Set[tuple[int, int]]] = nothing_held  # records, with schemes that they have keys in
