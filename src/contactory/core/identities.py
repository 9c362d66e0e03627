"""Resolve: which record each row means."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence, Set
from functools import cache

import numpy as np

from contactory.columns.column import StringColumn
from contactory.columns.jit import Ints
from contactory.columns.values import SEED, number_alike
from contactory.core.matching import Matching
from contactory.core.numberings import Numbering, Numberings
from contactory.core.targets import Known, Name, Targets, made_by
from contactory.model.bulk import BulkWrite, Keys
from contactory.model.problems import Code, Problem
from contactory.store import records, schemes
from contactory.store.database import Transaction
from contactory.store.schemes import Found


def look_up(transaction: Transaction, bulk: BulkWrite) -> Known:
    """One query for schemes and one for keys (and one for ids), however many rows."""
    numberings = Numberings(transaction, bulk.kind)
    ids = set[int]()
    if bulk.ids is not None:
        # Another user's are known, so that they are refused and not made anew.
        hidden = records.find_hidden(transaction, bulk.kind, bulk.ids)
        ids = records.find_ids(transaction, bulk.kind, bulk.ids) | hidden
    if bulk.alternates:
        answer = cache(_look_for_states(transaction, bulk, numberings))
        known = know(bulk, numberings, lambda: answer()[0], ids)._replace(named=lambda: answer()[1])
    else:
        known = know(bulk, numberings, look_for_keys(transaction, bulk, numberings), ids)
    if ids or bulk.alternates:
        known = known._replace(held=_find_held(transaction, bulk, known))
    if transaction.actor.contacts_of is not None:
        known = known._replace(hidden=_find_hidden(transaction, bulk, known))
    return known


def _find_hidden(transaction: Transaction, bulk: BulkWrite, known: Known) -> Callable[[], Set[int]]:
    """Ask, when it comes to that, which of the known records are another user's."""

    @cache
    def hidden() -> Set[int]:
        return records.find_hidden(transaction, bulk.kind, {*known.ids, *known.owners().values()})

    return hidden


def _find_held(transaction: Transaction, bulk: BulkWrite, known: Known) -> Callable[[], Set[tuple[int, int]]]:
    """Ask, when it comes to that, in which of the schemes that rows name the known records have keys."""

    @cache
    def held() -> Set[tuple[int, int]]:
        named = {way.home for numberings in (known.numberings, *known.alternates) for way in numberings}
        return schemes.find_held(transaction, bulk.kind, {*known.ids, *known.owners().values()}, named)

    return held


def look_for_keys(
    transaction: Transaction, bulk: BulkWrite, numberings: Numberings, *, digests: bool = False
) -> Callable[[], Found]:
    """The keys that are stored, and if wanted the digests of their records: looked for while the caller goes
    on."""
    if bulk.keys is None:
        return _nothing
    accepted = _accepted(numberings, [bulk.keys])
    return schemes.find_keys(transaction, bulk.kind, bulk.keys.keys, accepted, digests=digests)


def _look_for_states(
    transaction: Transaction, bulk: BulkWrite, numberings: Numberings
) -> Callable[[], tuple[Found, Set[int]]]:
    """Start the search of `look_for_keys` for keys and alternates, and also for the records found by an
    alternate that have a first key."""
    assert bulk.keys is not None  # noqa: S101 (rows with alternates have keys)
    ways = [bulk.keys, *bulk.alternates]
    return schemes.find_keys_and_states(
        transaction,
        bulk.kind,
        [key for keys in ways for key in keys.keys if key],
        _accepted(numberings, ways),
        named=bulk.keys.field,
        named_by=_accepted(numberings, bulk.alternates),
    )


def _accepted(numberings: Numberings, ways: Sequence[Keys]) -> set[int]:
    return {id_ for keys in ways for numbering in numberings.of(keys.schemes) for id_ in numbering.accepted}


def know(
    bulk: BulkWrite, numberings: Numberings, found: Callable[[], Found], ids: Set[int] = frozenset()
) -> Known:
    if bulk.keys is None:
        return Known(ids, (), _nothing, dict)
    own = numberings.of(bulk.keys.schemes)
    alternates = [numberings.of(keys.schemes) for keys in bulk.alternates]
    apart = bulk.ids is None and not alternates and all(len(way.accepted) == 1 for way in own)
    found = cache(found)
    return Known(ids, own, found, cache(lambda: _owners(found())), alternates, apart)


def find_targets(bulk: BulkWrite, known: Known, failed: Container[int]) -> Targets:
    """What the rows mean, or some of those that were looked up. A row that has failed claims no key, so
    that a later row can."""
    keys, numberings = bulk.keys, known.numberings
    if keys is None:
        return _match_ids(bulk, known.ids, failed)
    if bulk.alternates or bulk.ids is not None:
        return Matching(bulk, known, failed).match()
    scheme_ids = np.array([numbering.home for numbering in numberings], np.int32)[keys.scheme_of]
    if known.apart:
        return _match_exactly(keys, scheme_ids, known.found())
    return _match_any(bulk, keys, numberings, scheme_ids, known.owners(), failed)


def _match_ids(bulk: BulkWrite, known: Set[int], failed: Container[int]) -> Targets:
    """An id that is nobody's makes a record, which later rows of that id mean. An id below 1 is no id."""
    targets, makers = list[int](), dict[int, int]()
    for row, id_ in enumerate(bulk.ids or ()):
        target = id_ if id_ and id_ in known else makers.get(id_ or 0, -row - 1)
        targets.append(target)
        if target == -row - 1 and (id_ or 0) > 0 and bulk.may_create and row not in failed:
            makers[id_ or 0] = target
    return Targets(np.array(targets, np.int64), np.zeros(0, np.int32), {})


def _match_exactly(keys: Keys, scheme_ids: Ints, found: Found) -> Targets:
    """Every row names one scheme, so that rows do not bear on each other."""
    texts = StringColumn.concatenate([found.keys, keys.texts.compact()])
    schemes = np.concatenate([found.scheme_ids, scheme_ids])
    behind = np.arange(
        len(texts.source), len(texts.source) + schemes.nbytes, schemes.itemsize, dtype=np.int32
    )
    numbers, firsts = number_alike(
        np.concatenate([texts.source, schemes.view(np.uint8)]),
        np.stack([texts.starts, behind]),
        np.stack([texts.lengths, np.full_like(behind, schemes.itemsize)]),
        SEED,
    )
    records = np.concatenate([found.record_ids, made_by(np.arange(len(scheme_ids)))])
    return Targets(records[firsts[numbers[len(found.keys) :]]], scheme_ids, {})


def _match_any(
    bulk: BulkWrite,
    keys: Keys,
    numberings: Sequence[Numbering],
    scheme_ids: Ints,
    owners: dict[Name, int],
    failed: Container[int],
) -> Targets:
    """Rows in order: one that leaves the qualifier open may mean a record that an earlier row creates."""
    known = dict(owners)
    targets, problems = [0] * bulk.count, {}
    for row, (scheme, key) in enumerate(zip(map(int, keys.scheme_of), keys.keys, strict=True)):
        accepts, home = numberings[scheme]
        hits = {known[key, scheme_id] for scheme_id in accepts if (key, scheme_id) in known}
        if len(hits) == 1:
            targets[row] = hits.pop()
        elif not hits and (row in failed or not bulk.may_create):
            targets[row] = -row - 1
        elif not hits or (key, home) in known:
            targets[row] = known.setdefault((key, home), -row - 1)
        else:
            problems[row] = Problem(code=Code.SEVERAL_FOUND, kind=bulk.kind.label)
    return Targets(np.array(targets, np.int64), scheme_ids, problems)


def _owners(found: Found) -> dict[Name, int]:
    """Record ids by key and scheme."""
    names = zip(found.keys.strings(), found.scheme_ids.tolist(), strict=True)
    return dict(zip(names, found.record_ids.tolist(), strict=True))


def _nothing() -> Found:
    nobody, no_schemes = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return Found(StringColumn.from_values([]), no_schemes, nobody, nobody, np.zeros((0, 2), np.uint64))
