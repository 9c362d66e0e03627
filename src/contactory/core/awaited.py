"""Resolve: awaited references, to keys that earlier rows of the same call add, as if each row were a call of
its own."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

from contactory.core.identities import find_targets
from contactory.core.references import Owner, choose, find_owners, missing
from contactory.core.targets import Lookup, Targets
from contactory.model.bulk import BulkWrite, Reference
from contactory.model.problems import Problem
from contactory.store.database import Transaction

MOST_PASSES: Final = 20


class AwaitedReferences(NamedTuple):
    """Awaited references and the targets of rows, resolved together.

    records: by field and row, the record referred to, which may be a pending id (see `pending_ids`).
    lost: a problem for each row whose reference is to no record.
    """

    targets: Targets
    records: Mapping[str, Mapping[int, int]]
    lost: dict[int, Problem]


def find_awaited(bulk: BulkWrite, lookup: Lookup) -> frozenset[Reference]:
    """Find the references whose record may depend on the outcome of earlier rows. There are none, at no cost,
    where rows refer to records of another kind or by id."""
    named = {
        reference
        for column in bulk.references.values()
        for reference in column.named
        if reference is not None and reference.id is None and reference.kind == bulk.kind
    }
    if not named or bulk.keys is None:
        return frozenset()
    wanted = {reference.key for reference in named}
    rows = [(row, key) for row, key in enumerate(bulk.keys.keys) if key in wanted]
    owners = lookup.owners() if rows else {}
    defaults = [match.default for match in lookup.matches]
    added = {key for row, key in rows if (key, defaults[bulk.keys.scheme_of[row]]) not in owners}
    return frozenset(reference for reference in named if reference.key in added)


def resolve_awaited(
    transaction: Transaction,
    bulk: BulkWrite,
    lookup: Lookup,
    awaited: Set[Reference],
    failed: Set[int],
) -> AwaitedReferences:
    """Match the rows and resolve `awaited` references, which depend on each other: a row whose reference is
    to no record fails and creates none, so that the targets of later rows may change. Each pass is right for
    more rows, counted from the first, than the pass before; one is nearly always enough."""
    lookup, lost = lookup._replace(rows_independent=False), dict[int, Problem]()
    rows = _Rows(transaction, bulk, lookup, awaited)
    for _ in range(MOST_PASSES):
        targets = find_targets(bulk, lookup, failed | lost.keys())
        records, now = rows.find_records(targets, failed)
        if now.keys() == lost.keys():
            return AwaitedReferences(targets, records, now)
        lost = now
    lost = {row: missing(named[0][1]) for row, named in rows.awaiting.items() if row not in failed}
    return AwaitedReferences(find_targets(bulk, lookup, failed | lost.keys()), {}, lost)


class _Rows:
    """Rows of a call that refer to awaited keys, or add them to records. `awaiting`: the fields with such
    references, by row."""

    def __init__(
        self, transaction: Transaction, bulk: BulkWrite, lookup: Lookup, awaited: Set[Reference]
    ) -> None:
        assert bulk.keys is not None  # noqa: S101 (nothing is awaited where rows give no keys)
        self._bulk = bulk
        self._schemes = bulk.keys.schemes
        self._scheme_of = bulk.keys.scheme_of
        self._stored = lookup.owners()
        self._owners = find_owners(transaction, awaited)
        keys = {reference.key for reference in awaited}
        self._given = {row: key for row, key in enumerate(bulk.keys.keys) if key in keys}
        self.awaiting: dict[int, list[tuple[str, Reference]]] = {}
        for field, column in bulk.references.items():
            for row, number in enumerate(column.number_of.tolist()):
                reference = column.named[number]
                if reference in awaited:
                    self.awaiting.setdefault(row, []).append((field, reference))
        self._rows = sorted(self.awaiting.keys() | self._given.keys())

    def find_records(
        self, targets: Targets, failed: Set[int]
    ) -> tuple[dict[str, dict[int, int]], dict[int, Problem]]:
        """Find the records referred to, in the order of rows, and the rows for which there is none."""
        owners = {name: list(found) for name, found in self._owners.items()}
        records, lost = dict[str, dict[int, int]](), dict[int, Problem]()
        bad, taken = {*failed, *targets.problems}, set[tuple[str, int]]()
        for row in self._rows:
            if row in bad:
                continue
            for field, reference in self.awaiting.get(row, ()):
                found = choose(reference, owners)
                if isinstance(found, Problem):
                    lost[row] = found
                    bad.add(row)
                else:
                    records.setdefault(field, {})[row] = found
            if row in self._given and row not in bad and (record := self._taker(row, targets, bad)):
                key, scheme = self._given[row], self._schemes[self._scheme_of[row]]
                name = key, int(targets.scheme_ids[row])
                if name not in self._stored and name not in taken:
                    taken.add(name)
                    owner = Owner(scheme.name, scheme.new_qualifier, record)
                    owners.setdefault((scheme.system, key), []).append(owner)
        return records, lost

    def _taker(self, row: int, targets: Targets, bad: Set[int]) -> int:
        """Return the record that gets the key of a row if no record has it; 0 for none."""
        record = int(targets.records[row])
        creating_row = -1 - record
        if record < 0 and (creating_row == row or creating_row in bad):
            return -1 - row if self._bulk.may_create else 0
        return record if self._bulk.ids is not None and self._bulk.may_update else 0
