"""Match rows in order, where one row changes the records that later rows refer to.

Each row is matched against the keys as the rows before it leave them, so that one call has the result of one
call per row. There is no query here, except where a row may remove a record's keys: then one query finds the
keys that records have.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from contactory.core.reach import not_owned
from contactory.core.write.matched import Matched, New, Record
from contactory.core.write.targets import KeyRow, Lookup, NewKeys, SchemeKey
from contactory.model.bulk import Rows, WriteOptions
from contactory.model.problems import Code, Problem

_Names = tuple[SchemeKey | None, ...]


class InOrder:
    """State of keys while rows are matched."""

    def __init__(self, options: WriteOptions, rows: Rows, lookup: Lookup, failed: Collection[int]) -> None:
        self._options = options
        self._ids = rows.ids
        self._count = rows.count
        self._stored_ids = lookup.ids
        self._stored_held = lookup.held
        self._failed = failed
        columns = [column for column in (rows.keys, *rows.fallback_keys) if column]
        matches = [[*found] for found in (lookup.matches, *lookup.fallback_matches)]
        self._schemes = [
            [found[number].default for number in column.scheme_of]
            for column, found in zip(columns, matches, strict=False)
        ]
        # That a key may be found in any of several schemes counts only where rows have nothing else.
        self._accepted = None
        if columns and rows.ids is None and not rows.fallback_keys:
            self._accepted = [matches[0][number].accepted for number in columns[0].scheme_of]
        self._names = [
            [(key, scheme) if key else None for key, scheme in zip(column.keys, schemes, strict=True)]
            for column, schemes in zip(columns, self._schemes, strict=True)
        ]
        self._fields = [column.field for column in columns]
        self._shown = [rows.columns.get(field) if options.replace_key else None for field in self._fields]
        self._stored = lookup.owners()
        self._owners: dict[SchemeKey, Record] = dict(self._stored)
        self._held: dict[tuple[Record, int], set[str]] | None = None
        self._dropped: dict[tuple[int, int], None] = {}
        self._has_added = False
        self._pending: dict[int, Record] = {}  # new records, by the ids that rows give and no record has
        self._hidden = lookup.hidden
        # A record of another user counts as having a first key, so that nothing about it is revealed.
        self._have_first: set[Record] = {*lookup.have_first_key, *lookup.hidden}
        self._problems: dict[int, Problem] = {}
        self._foreign: list[tuple[int, str]] = []

    def match(self, rows: Sequence[int]) -> Matched:
        """Match some rows; no other row depends on them."""
        stored, creators = np.zeros(self._count, np.int64), np.arange(self._count)
        for row in rows:
            names = tuple(column[row] for column in self._names)
            record = self._find(row, names)
            if isinstance(record, New):
                creators[row] = record.row
            else:
                stored[row] = record
            if self._is_written(row, record, names):
                self._write(row, record, names)
        own, taken, added = self._changes()
        return Matched(
            stored, creators, self._problems, [NewKeys.of(own)], taken, added, [*self._dropped], self._foreign
        )

    def _find(self, row: int, names: _Names) -> Record:
        """Return the record with the row's id, else with its first key, else with one of its fallback keys. A
        record found by a fallback key that has a first key counts only where the row gives none, since two
        first keys belong to two records."""
        id_ = self._ids[row] if self._ids else None
        if id_ is not None:
            return id_ if id_ in self._stored_ids else self._pending.get(id_, New(row))
        owners, first = self._owners, names[0] if names else None
        if first is not None:
            hits = self._hits(row, first)
            if len(hits) > 1 and first not in owners:
                self._problems[row] = Problem(code=Code.SEVERAL_FOUND, kind=self._options.kind.label)
                return New(row)
            if hits:
                return owners[first] if len(hits) > 1 else hits.pop()
        for name in names[1:]:
            if name is not None and name in owners:
                record = owners[name]
                if first is None or record not in self._have_first:
                    return record
        return New(row)

    def _hits(self, row: int, name: SchemeKey) -> set[Record]:
        """Return the records that have a key, in any of the schemes in which it may be found."""
        schemes = self._accepted[row] if self._accepted else (name[1],)
        names = [(name[0], scheme) for scheme in schemes]
        return {self._owners[name] for name in names if name in self._owners}

    def _is_written(self, row: int, record: Record, names: _Names) -> bool:
        """Tell whether a row is written; one that is not changes nothing for those that follow. Records a
        problem for a row that must not be written."""
        if row in self._failed or row in self._problems:
            return False
        if record in self._hidden:
            self._problems[row] = not_owned(self._options.kind)
            return False
        if self._ids and self._ids[row] is not None:
            owners = self._owners
            if any(name is not None and owners.get(name, record) != record for name in names):
                self._problems[row] = Problem(code=Code.ALREADY_EXISTS, kind=self._options.kind.label)
                return False
        return self._options.may_create if record == New(row) else self._options.may_update

    def _write(self, row: int, record: Record, names: _Names) -> None:
        is_new = record == New(row)
        if is_new and self._ids and (self._ids[row] or 0) > 0:
            self._pending[self._ids[row] or 0] = record
        for column, name in enumerate(names):
            if name is not None:
                self._add_key(row, record, column, name, is_new=is_new)
            elif not is_new and (shown := self._shown[column]) is not None and shown[row] is not None:
                self._drop_keys(record, self._schemes[column][row])  # The row empties the field of the key.

    def _add_key(self, row: int, record: Record, column: int, name: SchemeKey, *, is_new: bool) -> None:
        hits = self._hits(row, name)
        if not hits:
            if self._options.replace_key and not is_new:
                self._drop_keys(record, name[1])
            self._owners[name] = record
            self._has_added = True
            if self._held is not None:
                self._held.setdefault((record, name[1]), set()).add(name[0])
        elif record not in hits:
            self._foreign.append((row, self._fields[column]))
            return
        if column == 0:
            self._have_first.add(record)

    def _drop_keys(self, record: Record, scheme: int) -> None:
        """Take from a record its keys in a scheme; later rows may use those of them that rows name."""
        if self._held is None:
            self._held = {}
            for (key, scheme_id), owner in self._owners.items():
                self._held.setdefault((owner, scheme_id), set()).add(key)
        for key in self._held.pop((record, scheme), ()):
            del self._owners[key, scheme]
        if not isinstance(record, New) and (record, scheme) in self._stored_held():
            self._dropped[record, scheme] = None

    def _changes(self) -> tuple[list[KeyRow], list[KeyRow], list[KeyRow]]:
        """Return the keys of new records, those that they take from stored ones, and new keys of stored
        ones."""
        own, taken, added = list[KeyRow](), list[KeyRow](), list[KeyRow]()
        for name, record in self._owners.items() if self._has_added or self._dropped else ():
            key, scheme = name
            if isinstance(record, New):
                (taken if name in self._stored else own).append((record.row, scheme, key))
            elif self._stored.get(name) != record or (record, scheme) in self._dropped:
                added.append((record, scheme, key))
        return own, taken, added
