"""Resolve: awaited references, to keys that earlier rows of the same call add, as if each row were a call of
its own."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

import numpy as np

from contactory.core.write.match import match
from contactory.core.write.matched import New, Record
from contactory.core.write.references import Owner, choose, find_owners, missing
from contactory.core.write.targets import Lookup, Targets
from contactory.model.bulk import RowKeys, Rows, WriteOptions
from contactory.model.keys import Reference
from contactory.model.problems import Problem
from contactory.store.database import Transaction

MOST_PASSES: Final = 20


class AwaitedReferences(NamedTuple):
    """Awaited references and the targets of rows, resolved together.

    records: by field and row, the record referred to.
    lost: a problem for each row whose reference is to no record.
    """

    targets: Targets
    records: Mapping[str, Mapping[int, Record]]
    lost: dict[int, Problem]


def find_awaited(options: WriteOptions, keys: RowKeys, lookup: Lookup) -> frozenset[Reference]:
    """Find the references whose record may depend on the outcome of earlier rows. There are none, at no cost,
    where rows refer to records of another kind or by id."""
    named = {
        reference
        for column in keys.references.values()
        for reference in column.named
        if reference is not None and reference.id is None and reference.kind == options.kind
    }
    if not named or keys.keys is None:
        return frozenset()
    wanted = {reference.key for reference in named}
    rows = [(row, key) for row, key in enumerate(keys.keys.keys) if key in wanted]
    owners = lookup.owners() if rows else {}
    defaults = [scheme_match.default for scheme_match in lookup.matches]
    added = {key for row, key in rows if (key, defaults[keys.keys.scheme_of[row]]) not in owners}
    return frozenset(reference for reference in named if reference.key in added)


def resolve_awaited(
    transaction: Transaction,
    options: WriteOptions,
    rows: Rows,
    lookup: Lookup,
    awaited: Set[Reference],
    failed: Set[int],
) -> AwaitedReferences:
    """Match the rows and resolve `awaited` references, which depend on each other: a row whose reference is
    to no record fails and creates none, so that the targets of later rows may change. Each pass is right for
    more rows, counted from the first, than the pass before; one is nearly always enough."""
    lost = dict[int, Problem]()
    awaiting = _AwaitingRows(transaction, options, rows, lookup, awaited)
    for _ in range(MOST_PASSES):
        targets = match(options, rows, lookup, failed | lost.keys(), in_order=True)
        records, now = awaiting.find_records(targets, failed)
        if now.keys() == lost.keys():
            return AwaitedReferences(targets, records, now)
        lost = now
    lost = {row: missing(named[0][1]) for row, named in awaiting.references.items() if row not in failed}
    targets = match(options, rows, lookup, failed | lost.keys(), in_order=True)
    return AwaitedReferences(targets, {}, lost)


class _AwaitingRows:
    """Rows of a call that refer to awaited keys, or add them to records. `references`: the fields with such
    references, by row."""

    def __init__(
        self,
        transaction: Transaction,
        options: WriteOptions,
        rows: Rows,
        lookup: Lookup,
        awaited: Set[Reference],
    ) -> None:
        assert rows.keys is not None  # noqa: S101 (nothing is awaited where rows give no keys)
        self._options = options
        self._has_ids = rows.ids is not None
        self._schemes = rows.keys.schemes
        self._scheme_of = rows.keys.scheme_of
        self._stored = lookup.owners()
        self._owners = find_owners(transaction, awaited)
        keys = {reference.key for reference in awaited}
        self._given = {row: key for row, key in enumerate(rows.keys.keys) if key in keys}
        self.references: dict[int, list[tuple[str, Reference]]] = {}
        for field, column in rows.references.items():
            for row, number in enumerate(column.number_of.tolist()):
                reference = column.named[number]
                if reference in awaited:
                    self.references.setdefault(row, []).append((field, reference))
        self._rows = sorted(self.references.keys() | self._given.keys())

    def find_records(
        self, targets: Targets, failed: Set[int]
    ) -> tuple[dict[str, dict[int, Record]], dict[int, Problem]]:
        """Find the records referred to, in the order of rows, and the rows for which there is none."""
        owners = {name: list(found) for name, found in self._owners.items()}
        records, lost = dict[str, dict[int, Record]](), dict[int, Problem]()
        bad, taken = {*failed, *targets.problems}, set[tuple[str, int]]()
        creators = np.unique(targets.record_of, return_index=True)[1][targets.record_of].tolist()
        for row in self._rows:
            if row in bad:
                continue
            for field, reference in self.references.get(row, ()):
                found = choose(reference, owners)
                if isinstance(found, Problem):
                    lost[row] = found
                    bad.add(row)
                else:
                    records.setdefault(field, {})[row] = found
            if row in self._given and row not in bad:
                record = self._taker(row, targets, creators[row], bad)
                key, scheme = self._given[row], self._schemes[self._scheme_of[row]]
                name = key, int(targets.scheme_ids[row])
                if record is not None and name not in self._stored and name not in taken:
                    taken.add(name)
                    owner = Owner(scheme.name, scheme.new_qualifier, record)
                    owners.setdefault((scheme.system, key), []).append(owner)
        return records, lost

    def _taker(self, row: int, targets: Targets, creator: int, bad: Set[int]) -> Record | None:
        """Return the record that gets the key of a row if no record has it."""
        is_new = bool(targets.rows_of_new[row])
        if is_new and (creator == row or creator in bad):
            return New(row) if self._options.may_create else None
        if not self._has_ids or not self._options.may_update:
            return None
        return New(creator) if is_new else int(targets.row_ids[row])
