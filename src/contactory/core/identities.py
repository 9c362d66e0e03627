"""Resolve: which record each row means."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence, Set
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np

from contactory.compiled import Ints
from contactory.compiled.values import SEED, number_alike
from contactory.core.numberings import Numbering, Numberings
from contactory.model.bulk import BulkWrite, Keys
from contactory.model.packed import Ids, RowNumbers, SomeRows, Texts, take
from contactory.model.problems import Code, Problem
from contactory.store import records, schemes
from contactory.store.database import Transaction
from contactory.store.schemes import Found

_Name: TypeAlias = tuple[str, int]
"""A key and the id of its scheme."""


class Targets(NamedTuple):
    """Per row: the record meant (its id; negative: one to create, see `made_by`; 0: none, see problems), and
    the scheme that its key belongs to. `linked`: further keys that are nobody's yet, as (row, scheme id,
    key). `foreign`: fields of rows that show a key of another record."""

    records: Ids
    scheme_ids: Ints
    linked: Sequence[tuple[int, int, str]]
    problems: dict[int, Problem]
    foreign: Sequence[tuple[int, str]] = ()

    def take(self, rows: SomeRows) -> Targets:
        """Of some rows that do not bear on each other."""
        return Targets(take(self.records, rows), take(self.scheme_ids, rows), (), {})


def made_by(rows: RowNumbers) -> Ids:
    """The records that rows create, each the first for its own; and the other way round."""
    return -1 - rows


class Known(NamedTuple):
    """What is stored of the ids and keys that some rows give."""

    ids: Set[int]
    numberings: Sequence[Numbering]
    found: Callable[[], Found]
    owners: Callable[[], dict[_Name, int]]
    alternates: Sequence[Sequence[Numbering]] = ()  # as BulkWrite's
    apart: bool = False  # rows do not bear on each other: each names one scheme, and nothing else


def look_up(transaction: Transaction, bulk: BulkWrite) -> Known:
    """One query for schemes and one for keys (and one for ids), however many rows."""
    numberings = Numberings(transaction, bulk.kind)
    ids = set[int]()
    if bulk.ids is not None:
        # Another user's are known, so that they are refused and not made anew.
        hidden = records.find_hidden(transaction, bulk.kind, bulk.ids)
        ids = records.find_ids(transaction, bulk.kind, bulk.ids) | hidden
    return know(bulk, numberings, look_for_keys(transaction, bulk, numberings), ids)


def look_for_keys(
    transaction: Transaction, bulk: BulkWrite, numberings: Numberings, *, digests: bool = False
) -> Callable[[], Found]:
    """The keys that are stored, and if wanted the digests of their records: looked for while the caller goes
    on."""
    if bulk.keys is None:
        return _nothing
    ways = [bulk.keys, *bulk.alternates]
    wanted = [key for keys in ways for key in keys.keys if key] if bulk.alternates else bulk.keys.keys
    accepted = {
        id_ for keys in ways for numbering in numberings.of(keys.schemes) for id_ in numbering.accepted
    }
    return schemes.find_keys(transaction, bulk.kind, wanted, accepted, digests=digests)


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
    if bulk.alternates and keys is not None:
        return _match_first(bulk, keys, known, failed)
    by_id = [id_ if id_ and id_ in known.ids else -row - 1 for row, id_ in enumerate(bulk.ids or ())]
    if keys is None:
        return Targets(np.array(by_id, np.int64), np.zeros(0, np.int32), (), {})
    scheme_ids = np.array([numbering.home for numbering in numberings], np.int32)[keys.scheme_of]
    if bulk.ids is not None:
        return _match_ids(bulk, keys, by_id, scheme_ids, known.owners(), failed)
    if known.apart:
        return _match_exactly(keys, scheme_ids, known.found())
    return _match_any(bulk, keys, numberings, scheme_ids, known.owners(), failed)


def _match_exactly(keys: Keys, scheme_ids: Ints, found: Found) -> Targets:
    """Every row names one scheme, so that rows do not bear on each other."""
    texts = Texts.concatenate([found.keys, keys.texts.together()])
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
    return Targets(records[firsts[numbers[len(found.keys) :]]], scheme_ids, (), {})


def _match_any(
    bulk: BulkWrite,
    keys: Keys,
    numberings: Sequence[Numbering],
    scheme_ids: Ints,
    owners: dict[_Name, int],
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
    return Targets(np.array(targets, np.int64), scheme_ids, (), problems)


def _match_first(bulk: BulkWrite, keys: Keys, known: Known, failed: Container[int]) -> Targets:
    """Rows in order, each the record that the first of its keys finds; an id wins over all of them."""
    owners = dict(known.owners())
    ways = list(zip((keys, *bulk.alternates), (known.numberings, *known.alternates), strict=True))
    homes = [[numbering.home for numbering in numberings] for _, numberings in ways]
    scheme_ids = np.array(homes[0], np.int32)[keys.scheme_of]
    targets, linked, foreign, problems = [], [], [], {}
    for row in range(bulk.count):
        names = {
            (way.keys[row], home[way.scheme_of[row]]): way.field
            for (way, _), home in zip(ways, homes, strict=True)
            if way.keys[row]
        }
        id_ = bulk.ids[row] if bulk.ids else None
        if id_ is None:
            target = next((owners[name] for name in names if name in owners), -row - 1)
        else:
            target = id_ if id_ in known.ids else -row - 1
            if any(owners.get(name, target) != target for name in names):
                problems[row] = Problem(code=Code.ALREADY_EXISTS, kind=bulk.kind.label)
        targets.append(target)
        if row in failed or row in problems or (target == -row - 1 and not bulk.may_create):
            continue
        staged = target == -row - 1 and bool(keys.keys[row])  # Its first key comes with the record.
        for place, ((key, scheme_id), field) in enumerate(names.items()):
            if owners.get((key, scheme_id), target) != target:
                foreign.append((row, field))
            elif (key, scheme_id) not in owners:
                owners[key, scheme_id] = target
                if place or not staged:
                    linked.append((row, scheme_id, key))
    return Targets(np.array(targets, np.int64), scheme_ids, linked, problems, foreign)


def _match_ids(
    bulk: BulkWrite,
    keys: Keys,
    targets: list[int],
    scheme_ids: Ints,
    known: dict[_Name, int],
    failed: Container[int],
) -> Targets:
    """The id says which record; a key beside it must be that record's, or nobody's yet. A row without an
    id is known by its key."""
    owners, linked, problems = dict(known), [], {}
    ids = bulk.ids or ()
    for row, (target, key, scheme_id) in enumerate(zip(targets, keys.keys, scheme_ids.tolist(), strict=True)):
        if not key or row in failed:
            continue
        if ids[row] is None:
            targets[row] = owners.get((key, scheme_id), target)
            if bulk.may_create:
                owners.setdefault((key, scheme_id), target)
        elif (key, scheme_id) not in owners:
            owners[key, scheme_id] = target
            if target > 0:  # That of a new record comes with it.
                linked.append((row, scheme_id, key))
        elif owners[key, scheme_id] != target:
            problems[row] = Problem(code=Code.ALREADY_EXISTS, kind=bulk.kind.label)
    return Targets(np.array(targets, np.int64), scheme_ids, linked, problems)


def _owners(found: Found) -> dict[_Name, int]:
    """Record ids by key and scheme."""
    names = zip(found.keys.strings(), found.scheme_ids.tolist(), strict=True)
    return dict(zip(names, found.record_ids.tolist(), strict=True))


def _nothing() -> Found:
    nobody, no_schemes = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return Found(Texts.pack([]), no_schemes, nobody, nobody, np.zeros((0, 2), np.uint64))
