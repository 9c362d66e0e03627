"""Resolve: the record that each row refers to, by its ids and keys."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence, Set
from functools import cache

import numpy as np

from contactory.columns.column import StringColumn
from contactory.columns.jit import Ints
from contactory.columns.values import SEED, number_alike
from contactory.core.matching import Matching
from contactory.core.scheme_matches import SchemeMatch, SchemeMatches
from contactory.core.targets import Lookup, SchemeKey, Targets, pending_ids
from contactory.model.bulk import BulkWrite, Keys
from contactory.model.problems import Code, Problem
from contactory.store import records, schemes
from contactory.store.database import Transaction
from contactory.store.schemes import StoredKeys


def look_up(transaction: Transaction, bulk: BulkWrite) -> Lookup:
    """Look up the ids and keys of rows: one query for schemes and one for keys (and one for ids), however
    many rows."""
    scheme_matches = SchemeMatches(transaction, bulk.kind)
    ids = set[int]()
    if bulk.ids is not None:
        # Another user's records count as stored, so that their rows are refused and create nothing.
        hidden = records.find_hidden(transaction, bulk.kind, bulk.ids)
        ids = records.find_ids(transaction, bulk.kind, bulk.ids) | hidden
    if bulk.fallback_keys:
        wait = cache(_start_state_lookup(transaction, bulk, scheme_matches))
        lookup = build_lookup(bulk, scheme_matches, lambda: wait()[0], ids)
        lookup = lookup._replace(have_first_key=lambda: wait()[1])
    else:
        wait_for_keys = start_key_lookup(transaction, bulk, scheme_matches)
        lookup = build_lookup(bulk, scheme_matches, wait_for_keys, ids)
    if ids or bulk.fallback_keys:
        lookup = lookup._replace(held=_find_held(transaction, bulk, lookup))
    if transaction.actor.contacts_of is not None:
        lookup = lookup._replace(hidden=_find_hidden(transaction, bulk, lookup))
    return lookup


def _find_hidden(transaction: Transaction, bulk: BulkWrite, lookup: Lookup) -> Callable[[], Set[int]]:
    """Return a function that finds the stored records of another user, with a query at the first call."""

    @cache
    def hidden() -> Set[int]:
        return records.find_hidden(transaction, bulk.kind, {*lookup.ids, *lookup.owners().values()})

    return hidden


def _find_held(
    transaction: Transaction, bulk: BulkWrite, lookup: Lookup
) -> Callable[[], Set[tuple[int, int]]]:
    """Return a function that finds the stored records and, of the schemes that rows name, those in which they
    have keys, with a query at the first call."""

    @cache
    def held() -> Set[tuple[int, int]]:
        named = {match.default for matches in (lookup.matches, *lookup.fallback_matches) for match in matches}
        return schemes.find_held(transaction, bulk.kind, {*lookup.ids, *lookup.owners().values()}, named)

    return held


def start_key_lookup(
    transaction: Transaction, bulk: BulkWrite, scheme_matches: SchemeMatches, *, digests: bool = False
) -> Callable[[], StoredKeys]:
    """Send a query for the stored keys, and with `digests` for the digests of their records. Return a
    function that waits for them."""
    if bulk.keys is None:
        return _nothing
    accepted = _accepted(scheme_matches, [bulk.keys])
    return schemes.find_keys(transaction, bulk.kind, bulk.keys.keys, accepted, digests=digests)


def _start_state_lookup(
    transaction: Transaction, bulk: BulkWrite, scheme_matches: SchemeMatches
) -> Callable[[], tuple[StoredKeys, Set[int]]]:
    """Send a query like `start_key_lookup`, for keys and fallback keys. The function also returns the records
    found by a fallback key that have a first key."""
    assert bulk.keys is not None  # noqa: S101 (rows with fallback keys have keys)
    columns = [bulk.keys, *bulk.fallback_keys]
    return schemes.find_keys_and_states(
        transaction,
        bulk.kind,
        [key for keys in columns for key in keys.keys if key],
        _accepted(scheme_matches, columns),
        named=bulk.keys.field,
        named_by=_accepted(scheme_matches, bulk.fallback_keys),
    )


def _accepted(scheme_matches: SchemeMatches, columns: Sequence[Keys]) -> set[int]:
    return {id_ for keys in columns for match in scheme_matches.find(keys.schemes) for id_ in match.accepted}


def build_lookup(
    bulk: BulkWrite,
    scheme_matches: SchemeMatches,
    stored_keys: Callable[[], StoredKeys],
    ids: Set[int] = frozenset(),
) -> Lookup:
    """Build the lookup of rows. `stored_keys` waits for the keys found and is called once; `ids`: those of
    the rows' ids that are stored."""
    if bulk.keys is None:
        return Lookup(ids, (), _nothing, dict)
    matches = scheme_matches.find(bulk.keys.schemes)
    fallback_matches = [scheme_matches.find(keys.schemes) for keys in bulk.fallback_keys]
    independent = (
        bulk.ids is None and not fallback_matches and all(len(match.accepted) == 1 for match in matches)
    )
    stored_keys = cache(stored_keys)
    owners = cache(lambda: _owners(stored_keys()))
    return Lookup(ids, matches, stored_keys, owners, fallback_matches, independent)


def find_targets(bulk: BulkWrite, lookup: Lookup, failed: Container[int]) -> Targets:
    """Return the targets of rows that were looked up, or of some of them. A row in `failed` takes no key, so
    that a later row can."""
    keys, matches = bulk.keys, lookup.matches
    if keys is None:
        return _match_ids(bulk, lookup.ids, failed)
    if bulk.fallback_keys or bulk.ids is not None:
        return Matching(bulk, lookup, failed).match()
    scheme_ids = np.array([match.default for match in matches], np.int32)[keys.scheme_of]
    if lookup.rows_independent:
        return _match_exactly(keys, scheme_ids, lookup.stored_keys())
    return _match_any(bulk, keys, matches, scheme_ids, lookup.owners(), failed)


def _match_ids(bulk: BulkWrite, stored: Set[int], failed: Container[int]) -> Targets:
    """Match rows by id. An id that is not stored creates a record, to which later rows with that id refer. An
    id below 1 is no id."""
    targets, pending = list[int](), dict[int, int]()
    for row, id_ in enumerate(bulk.ids or ()):
        target = id_ if id_ and id_ in stored else pending.get(id_ or 0, -row - 1)
        targets.append(target)
        if target == -row - 1 and (id_ or 0) > 0 and bulk.may_create and row not in failed:
            pending[id_ or 0] = target
    return Targets(np.array(targets, np.int64), np.zeros(0, np.int32), {})


def _match_exactly(keys: Keys, scheme_ids: Ints, stored: StoredKeys) -> Targets:
    """Match rows that each name one scheme, so that no row depends on another. Each row without a key has a
    record of its own."""
    texts = StringColumn.concatenate([stored.keys, keys.texts.compact()])
    schemes = np.concatenate([stored.scheme_ids, scheme_ids])
    scheme_starts = np.arange(
        len(texts.source), len(texts.source) + schemes.nbytes, schemes.itemsize, dtype=np.int32
    )
    numbers, firsts = number_alike(
        np.concatenate([texts.source, schemes.view(np.uint8)]),
        np.stack([texts.starts, scheme_starts]),
        np.stack([texts.lengths, np.full_like(scheme_starts, schemes.itemsize)]),
        SEED,
    )
    records = np.concatenate([stored.record_ids, pending_ids(np.arange(len(scheme_ids)))])
    targets = records[firsts[numbers[len(stored.keys) :]]]
    without_key = np.flatnonzero(keys.texts.lengths <= 0)
    targets[without_key] = pending_ids(without_key)
    return Targets(targets, scheme_ids, {})


def _match_any(
    bulk: BulkWrite,
    keys: Keys,
    matches: Sequence[SchemeMatch],
    scheme_ids: Ints,
    owners: dict[SchemeKey, int],
    failed: Container[int],
) -> Targets:
    """Match rows in order: one that leaves the qualifier open may refer to a record that an earlier row
    creates."""
    current = dict(owners)
    targets, problems = [0] * bulk.count, {}
    for row, (scheme, key) in enumerate(zip(map(int, keys.scheme_of), keys.keys, strict=True)):
        accepted, default = matches[scheme]
        hits = {current[key, scheme_id] for scheme_id in accepted if (key, scheme_id) in current}
        if len(hits) == 1:
            targets[row] = hits.pop()
        elif not hits and (row in failed or not bulk.may_create):
            targets[row] = -row - 1
        elif not hits or (key, default) in current:
            targets[row] = current.setdefault((key, default), -row - 1)
        else:
            problems[row] = Problem(code=Code.SEVERAL_FOUND, kind=bulk.kind.label)
    return Targets(np.array(targets, np.int64), scheme_ids, problems)


def _owners(stored: StoredKeys) -> dict[SchemeKey, int]:
    """Return record ids by key and scheme."""
    names = zip(stored.keys.strings(), stored.scheme_ids.tolist(), strict=True)
    return dict(zip(names, stored.record_ids.tolist(), strict=True))


def _nothing() -> StoredKeys:
    no_records, no_schemes = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return StoredKeys(
        StringColumn.from_values([]), no_schemes, no_records, no_records, np.zeros((0, 2), np.uint64)
    )
