"""Resolve: rows are matched in order, where one row changes the records that later rows refer to.

Each row is matched against the keys as the rows before it leave them, so that one call has the result of one
call per row. There is no query here, except where a row may remove a record's keys: then one query finds the
keys that records have.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from contactory.core.reach import not_owned
from contactory.core.targets import KeyChanges, KeyRow, Lookup, SchemeKey, Targets
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Code, Problem

_Names = tuple[SchemeKey | None, ...]


class Matching:
    """State of keys while rows are matched."""

    def __init__(self, bulk: BulkWrite, lookup: Lookup, failed: Container[int]) -> None:
        assert bulk.keys is not None  # noqa: S101 (rows without keys are independent)
        self._bulk = bulk
        self._stored_ids = lookup.ids
        self._stored_held = lookup.held
        self._failed = failed
        columns = (bulk.keys, *bulk.fallback_keys)
        defaults = [
            [match.default for match in matches] for matches in (lookup.matches, *lookup.fallback_matches)
        ]
        self._schemes = [
            [default[number] for number in column.scheme_of]
            for column, default in zip(columns, defaults, strict=True)
        ]
        self._names = [
            [(key, scheme) if key else None for key, scheme in zip(column.keys, schemes, strict=True)]
            for column, schemes in zip(columns, self._schemes, strict=True)
        ]
        self._fields = [column.field for column in columns]
        self._shown = [bulk.columns.get(field) if bulk.replace_key else None for field in self._fields]
        self._stored = lookup.owners()
        self._owners = dict(self._stored)
        self._held: dict[tuple[int, int], set[str]] | None = None
        self._dropped: dict[tuple[int, int], None] = {}
        self._has_added = False
        self._pending: dict[int, int] = {}  # pending ids, by the ids that rows give and no record has
        self._hidden = lookup.hidden()
        # A record of another user counts as having a first key, so that nothing about it is revealed.
        self._have_first = {*lookup.have_first_key(), *self._hidden}
        self._problems: dict[int, Problem] = {}
        self._foreign: list[tuple[int, str]] = []

    def match(self) -> Targets:
        records = []
        for row, names in enumerate(zip(*self._names, strict=True)):
            target = self._find(row, names)
            records.append(target)
            if self._is_written(row, target, names):
                self._write(row, target, names)
        return Targets(
            np.array(records, np.int64),
            np.array(self._schemes[0], np.int32),
            self._problems,
            self._changes(),
            self._foreign,
        )

    def _find(self, row: int, names: _Names) -> int:
        """Return the record with the row's id, else with its first key, else with one of its fallback keys. A
        record found by a fallback key that has a first key counts only where the row gives none, since two
        first keys belong to two records."""
        id_ = self._bulk.ids[row] if self._bulk.ids else None
        if id_ is not None:
            return id_ if id_ in self._stored_ids else self._pending.get(id_, -row - 1)
        owners, first = self._owners, names[0]
        if first is not None and first in owners:
            return owners[first]
        for name in names[1:]:
            if name is not None and name in owners:
                record = owners[name]
                if first is None or record not in self._have_first:
                    return record
        return -row - 1

    def _is_written(self, row: int, target: int, names: _Names) -> bool:
        """Tell whether a row is written; one that is not changes nothing for those that follow. Records a
        problem for a row that must not be written."""
        is_new = target == -row - 1
        if row in self._failed:
            return False
        if target in self._hidden:
            self._problems[row] = not_owned(self._bulk.kind)
            return False
        if self._bulk.ids and self._bulk.ids[row] is not None:
            owners = self._owners
            if any(name is not None and owners.get(name, target) != target for name in names):
                self._problems[row] = Problem(code=Code.ALREADY_EXISTS, kind=self._bulk.kind.label)
                return False
        return self._bulk.may_create if is_new else self._bulk.may_update

    def _write(self, row: int, target: int, names: _Names) -> None:
        is_new = target == -row - 1
        if is_new and self._bulk.ids and (self._bulk.ids[row] or 0) > 0:
            self._pending[self._bulk.ids[row] or 0] = target
        for column, name in enumerate(names):
            if name is not None:
                self._add_key(row, target, column, name, is_new=is_new)
            elif not is_new and (shown := self._shown[column]) is not None and shown[row] is not None:
                self._drop_keys(target, self._schemes[column][row])  # The row empties the field of the key.

    def _add_key(self, row: int, target: int, column: int, name: SchemeKey, *, is_new: bool) -> None:
        owner = self._owners.get(name)
        if owner is None:
            if self._bulk.replace_key and not is_new:
                self._drop_keys(target, name[1])
            self._owners[name] = target
            self._has_added = True
            if self._held is not None:
                self._held.setdefault((target, name[1]), set()).add(name[0])
        elif owner != target:
            self._foreign.append((row, self._fields[column]))
            return
        if column == 0:
            self._have_first.add(target)

    def _drop_keys(self, record: int, scheme: int) -> None:
        """Take from a record its keys in a scheme; later rows may use those of them that rows name."""
        if self._held is None:
            self._held = {}
            for (key, scheme_id), owner in self._owners.items():
                self._held.setdefault((owner, scheme_id), set()).add(key)
        for key in self._held.pop((record, scheme), ()):
            del self._owners[key, scheme]
        if record > 0 and (record, scheme) in self._stored_held():
            self._dropped[record, scheme] = None

    def _changes(self) -> KeyChanges:
        if not self._has_added and not self._dropped:
            return KeyChanges()
        own, taken, added = list[KeyRow](), list[KeyRow](), list[KeyRow]()
        for name, record in self._owners.items():
            key, scheme = name
            if record < 0:
                (taken if name in self._stored else own).append((record, scheme, key))
            elif self._stored.get(name) != record or (record, scheme) in self._dropped:
                added.append((record, scheme, key))
        return KeyChanges(own, taken, added, [*self._dropped])
