"""Look up the keys of rows slice by slice."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cache
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.core.write.attributes import Definitions
from contactory.core.write.awaited import find_awaited
from contactory.core.write.digests import find_repeated, no_digests
from contactory.core.write.key_slices import KeySlice, expects_repeated, start_lookup, wants_digests
from contactory.core.write.match import are_independent, match, match_independent
from contactory.core.write.matched import Record
from contactory.core.write.references import find_references, missing
from contactory.core.write.scheme_matches import SchemeMatches
from contactory.core.write.targets import Lookup, SchemeKey, Targets
from contactory.model.bulk import RowKeys, Rows, RowSource, WriteOptions
from contactory.model.keys import Reference
from contactory.model.problems import Problem
from contactory.store import records, schemes
from contactory.store.database import Transaction
from contactory.store.schemes import Found, StoredKeys


class Names(NamedTuple):
    """Names that rows give, looked up.

    references: the record id of each, or why there is none.
    lookup: the stored state of ids and keys.
    definitions: attributes that have been looked up so far.
    awaited: references whose record depends on earlier rows.
    """

    references: dict[Reference, Record | Problem]
    lookup: Lookup
    definitions: Definitions
    awaited: frozenset[Reference] = frozenset()


class KeyLookup(NamedTuple):
    """Result of the lookup.

    keys: the keys and references of all rows.
    targets: their records, where rows are independent of each other; else each batch is matched after its
    values are read, since rows that are refused take no keys.
    repeated: [row] whether it repeats what its record's last writer gave; `repeated_ids` [row] has the ids of
    these records.
    """

    keys: RowKeys
    names: Names
    targets: Targets | None
    repeated: npt.NDArray[np.bool_]
    repeated_ids: npt.NDArray[np.int64]


def look_up(transaction: Transaction, options: WriteOptions, source: RowSource) -> KeyLookup:
    """Look up the references, ids, keys and digests of all rows.

    Raises Refusal where a slice cannot be scanned.
    """
    scheme_matches = SchemeMatches(transaction, options.kind)
    references: dict[Reference, Record | Problem] = {}
    slices = list[KeySlice]()
    for keys, row_digests in source.scan_keys():
        named = set(filter(None, chain.from_iterable(column.named for column in keys.references.values())))
        references |= find_references(transaction, named - references.keys())
        expects = expects_repeated(slices)
        with_digests = wants_digests(slices, expects=expects)
        # To a limited caller, even a row that changes nothing may be refused.
        with_digests &= row_digests is not None and transaction.actor.contacts_of is None
        wait = start_lookup(transaction, options, keys, scheme_matches, digests=with_digests)
        slice_ = KeySlice(keys, wait, row_digests, references, with_digests, expects)
        slices.append(slice_)
        if expects:
            # They will be needed; compute them now, while the database is busy and the rows are in the cache.
            _ = slice_.digests
    keys = RowKeys.concatenate([slice_.keys for slice_ in slices])
    lookup = _build_lookup(transaction, options, keys, scheme_matches, [slice_.found for slice_ in slices])
    awaited = find_awaited(options, keys, lookup)
    # The targets, and even the digests, of rows with such references are not known beforehand.
    references |= {reference: missing(reference) for reference in awaited}
    names = Names(references, lookup, Definitions(), awaited)
    targets = None
    if not awaited and are_independent(options, keys, lookup):
        targets = match_independent(keys, lookup)
    repeated, ids = np.zeros(keys.count, bool), np.zeros(keys.count, np.int64)
    if any(slice_.has_repeated for slice_ in slices) and not awaited:
        digested = [
            slice_.digests if slice_.has_repeated else no_digests(slice_.keys.count) for slice_ in slices
        ]
        matched = targets or match(options, Rows.of(keys, {}), lookup, ())
        repeated = find_repeated(matched, lookup.stored_keys, np.concatenate(digested))
        ids = np.where(repeated, matched.row_ids, 0)
    return KeyLookup(keys, names, targets, repeated, ids)


def _build_lookup(
    transaction: Transaction,
    options: WriteOptions,
    keys: RowKeys,
    scheme_matches: SchemeMatches,
    found: Sequence[Found],
) -> Lookup:
    """Build the lookup of all rows: with a query for their ids, and for what the actor may not see."""
    kind = options.kind
    columns = [column for column in (keys.keys, *keys.fallback_keys) if column]
    matches = [scheme_matches.find(column.schemes) for column in columns]
    stored_keys = StoredKeys.concatenate([part.keys for part in found])
    ids: Set[int] = frozenset()
    if keys.ids is not None:
        # Another user's records count as stored, so that their rows are refused and create nothing.
        hidden = records.find_hidden(transaction, kind, keys.ids)
        ids = records.find_ids(transaction, kind, keys.ids) | hidden
    record_ids = (
        {*ids, *stored_keys.record_ids.tolist()} if transaction.actor.contacts_of is not None else ids
    )

    @cache
    def owners() -> dict[SchemeKey, int]:
        names = zip(stored_keys.keys.strings(), stored_keys.scheme_ids.tolist(), strict=True)
        return dict(zip(names, stored_keys.record_ids.tolist(), strict=True))

    @cache
    def held() -> Set[tuple[int, int]]:
        named = {scheme_match.default for column in matches for scheme_match in column}
        return schemes.find_held(transaction, kind, {*ids, *stored_keys.record_ids.tolist()}, named)

    return Lookup(
        ids,
        matches[0] if matches else (),
        matches[1:],
        stored_keys,
        owners,
        frozenset().union(*(part.named for part in found)),
        records.find_hidden(transaction, kind, record_ids),
        held,
    )
