"""Rows with their records, as far as they are matched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contactory.columns.column import Ids, RowNumbers
from contactory.core.write.targets import KeyRow, NewKeys
from contactory.model.problems import Problem


class New(NamedTuple):
    """A new record, by the row that creates it."""

    row: int


Record = int | New
"""A record that rows refer to: the id of a stored one, or a new one."""


class Matched(NamedTuple):
    """Rows with their records. Of new records, `own` and `taken` have the rows that create them.

    stored: [row] the id of its stored record, 0 where it is new. creators: [row] the row that creates the new
    record. The other parts are those of Targets and KeyChanges; they are filled row by row.
    """

    stored: Ids
    creators: RowNumbers
    problems: dict[int, Problem]
    own: list[NewKeys]
    taken: list[KeyRow]
    added: list[KeyRow]
    dropped: list[tuple[int, int]]
    foreign: list[tuple[int, str]]

    @classmethod
    def of(cls, stored: Ids, creators: RowNumbers, problems: dict[int, Problem]) -> Matched:
        return cls(stored, creators, problems, [], [], [], [], [])

    def put(self, rows: Sequence[int], others: Matched) -> Matched:
        """Put the results of some rows in place of what they have here."""
        self.stored[rows], self.creators[rows] = others.stored[rows], others.creators[rows]
        return Matched(
            self.stored,
            self.creators,
            self.problems | others.problems,
            self.own + others.own,
            self.taken + others.taken,
            self.added + others.added,
            self.dropped + others.dropped,
            self.foreign + others.foreign,
        )
