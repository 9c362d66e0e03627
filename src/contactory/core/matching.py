"""Resolve: rows in order, where one changes what the next ones mean.

Each row is matched against the keys as the rows before it leave them, so that one call comes to what its rows
would come to if each were a call of its own. The database is asked for nothing here but, where a row may make
a record lose keys, once for what keys there are.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from contactory.core.reach import not_owned
from contactory.core.targets import KeyChanges, Known, Link, Name, Targets
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Code, Problem

_Names = tuple[Name | None, ...]


class Matching:
    """The state of keys while rows are matched."""

    def __init__(self, bulk: BulkWrite, known: Known, failed: Container[int]) -> None:
        assert bulk.keys is not None  # noqa: S101 (rows without keys do not bear on each other)
        self._bulk = bulk
        self._known_ids = known.ids
        self._stored_held = known.held
        self._failed = failed
        ways = (bulk.keys, *bulk.alternates)
        homes = [
            [numbering.home for numbering in numberings]
            for numberings in (known.numberings, *known.alternates)
        ]
        self._schemes = [
            [home[number] for number in way.scheme_of] for way, home in zip(ways, homes, strict=True)
        ]
        self._names = [
            [(key, scheme) if key else None for key, scheme in zip(way.keys, schemes, strict=True)]
            for way, schemes in zip(ways, self._schemes, strict=True)
        ]
        self._fields = [way.field for way in ways]
        self._shown = [bulk.columns.get(field) if bulk.renames else None for field in self._fields]
        self._stored = known.owners()
        self._owners = dict(self._stored)
        self._held: dict[tuple[int, int], set[str]] | None = None
        self._dropped: dict[tuple[int, int], None] = {}
        self._has_claimed = False
        self._makers: dict[int, int] = {}  # of ids that are nobody's
        self._hidden = known.hidden()
        # What is another user's counts as having a first key, so that nothing is told of it.
        self._have_first = {*known.named(), *self._hidden}
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
        """The record of the row's id, else of its first key, else of another key: of one that has a first key
        only where the row gives none, since two first keys mean two records."""
        id_ = self._bulk.ids[row] if self._bulk.ids else None
        if id_ is not None:
            return id_ if id_ in self._known_ids else self._makers.get(id_, -row - 1)
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
        """A row that is not written changes nothing for those that follow."""
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
            self._makers[self._bulk.ids[row] or 0] = target
        for way, name in enumerate(names):
            if name is not None:
                self._claim(row, target, way, name, is_new=is_new)
            elif not is_new and (shown := self._shown[way]) is not None and shown[row] is not None:
                self._release(target, self._schemes[way][row])  # What the row shows is no key.

    def _claim(self, row: int, target: int, way: int, name: Name, *, is_new: bool) -> None:
        owner = self._owners.get(name)
        if owner is None:
            if self._bulk.renames and not is_new:
                self._release(target, name[1])
            self._owners[name] = target
            self._has_claimed = True
            if self._held is not None:
                self._held.setdefault((target, name[1]), set()).add(name[0])
        elif owner != target:
            self._foreign.append((row, self._fields[way]))
            return
        if way == 0:
            self._have_first.add(target)

    def _release(self, record: int, scheme: int) -> None:
        """Let go of the keys that a record has in a scheme; those of them that rows name are free now."""
        if self._held is None:
            self._held = {}
            for (key, scheme_id), owner in self._owners.items():
                self._held.setdefault((owner, scheme_id), set()).add(key)
        for key in self._held.pop((record, scheme), ()):
            del self._owners[key, scheme]
        if record > 0 and (record, scheme) in self._stored_held():
            self._dropped[record, scheme] = None

    def _changes(self) -> KeyChanges:
        if not self._has_claimed and not self._dropped:
            return KeyChanges()
        own, taken, added = list[Link](), list[Link](), list[Link]()
        for name, record in self._owners.items():
            key, scheme = name
            if record < 0:
                (taken if name in self._stored else own).append((record, scheme, key))
            elif self._stored.get(name) != record or (record, scheme) in self._dropped:
                added.append((record, scheme, key))
        return KeyChanges(own, taken, added, [*self._dropped])
