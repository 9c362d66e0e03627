"""Resolve: which record each row means."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from contactory.model.bulk import BulkWrite, Keys, Scheme
from contactory.model.fields import Kind
from contactory.model.problems import Code, Problem
from contactory.store import records, schemes
from contactory.store.database import Transaction


class Targets(NamedTuple):
    """Per row: the record meant (its id; negative: one to create, the same number for the same record;
    0: none, see problems), and the scheme that its key belongs to. Of rows that give an id and a key,
    `linked` are those whose key is nobody's yet."""

    records: list[int]
    scheme_ids: Sequence[int]
    linked: set[int]
    problems: dict[int, Problem]


class _Numbering(NamedTuple):
    """A scheme as rows name it: where its keys may be found, and where a new one is put."""

    accepted: tuple[int, ...]
    home: int


def find_targets(transaction: Transaction, bulk: BulkWrite, failed: Container[int]) -> Targets:
    """One query for schemes and one for keys (and one for ids), however many rows. A failed row claims no
    key, so that a later row can."""
    if bulk.keys is None:
        return Targets(_find_ids(transaction, bulk), (), set(), {})
    numberings = _find_numberings(transaction, bulk.kind, bulk.keys.schemes)
    scheme_ids = [numberings[scheme].home for scheme in bulk.keys.scheme_of]
    if bulk.ids is not None:
        return _find_ids_and_keys(transaction, bulk, bulk.keys, scheme_ids, failed)
    if all(len(numbering.accepted) == 1 for numbering in numberings):
        return Targets(_find_exact(transaction, bulk.keys, scheme_ids), scheme_ids, set(), {})
    return _find_any(transaction, bulk, bulk.keys, numberings, failed)


def _find_numberings(transaction: Transaction, kind: Kind, wanted: Sequence[Scheme]) -> list[_Numbering]:
    homes = [
        (
            scheme.system,
            scheme.name,
            scheme.default_qualifier if scheme.qualifier is None else scheme.qualifier,
        )
        for scheme in wanted
    ]
    names = {scheme.name for scheme in wanted}
    stored = schemes.find_schemes(transaction, kind, names)
    missing = set(homes) - {(scheme.system, scheme.name, scheme.qualifier) for scheme in stored}
    if missing:
        schemes.add_schemes(transaction, kind, missing)
        stored = schemes.find_schemes(transaction, kind, names)
    ids = {(scheme.system, scheme.name, scheme.qualifier): scheme.id for scheme in stored}
    by_name: dict[tuple[str, str], list[int]] = {}
    for scheme in stored:
        by_name.setdefault((scheme.system, scheme.name), []).append(scheme.id)
    return [
        _Numbering(tuple(by_name[home[:2]]) if scheme.qualifier is None else (ids[home],), ids[home])
        for scheme, home in zip(wanted, homes, strict=True)
    ]


def _find_ids(transaction: Transaction, bulk: BulkWrite) -> list[int]:
    ids = bulk.ids or ()
    stored = records.find_ids(transaction, bulk.kind, ids)
    return [id_ if id_ in stored else -row - 1 for row, id_ in enumerate(ids)]


def _find_exact(transaction: Transaction, keys: Keys, scheme_ids: Sequence[int]) -> list[int]:
    """Every row names one scheme, so that rows do not bear on each other."""
    targets = [0] * len(keys.keys)
    for row, scheme_id, record_id in schemes.find_keys(transaction, keys.keys, set(scheme_ids)):
        if scheme_ids[row] == scheme_id:
            targets[row] = record_id
    if 0 in targets:
        fresh: dict[tuple[int, str], int] = {}
        for row, target in enumerate(targets):
            if not target:
                targets[row] = fresh.setdefault((scheme_ids[row], keys.keys[row]), -row - 1)
    return targets


def _find_any(
    transaction: Transaction,
    bulk: BulkWrite,
    keys: Keys,
    numberings: Sequence[_Numbering],
    failed: Container[int],
) -> Targets:
    """Rows in order: one that leaves the qualifier open may mean a record that an earlier row creates."""
    accepted = {scheme_id for numbering in numberings for scheme_id in numbering.accepted}
    known = {
        (scheme_id, keys.keys[row]): record_id
        for row, scheme_id, record_id in schemes.find_keys(transaction, keys.keys, accepted)
    }
    targets, problems = [0] * bulk.count, {}
    for row, (scheme, key) in enumerate(zip(keys.scheme_of, keys.keys, strict=True)):
        accepts, home = numberings[scheme]
        hits = {known[scheme_id, key] for scheme_id in accepts if (scheme_id, key) in known}
        if len(hits) == 1:
            targets[row] = hits.pop()
        elif not hits and (row in failed or not bulk.may_create):
            targets[row] = -row - 1
        elif not hits or (home, key) in known:
            targets[row] = known.setdefault((home, key), -row - 1)
        else:
            problems[row] = Problem(code=Code.SEVERAL_FOUND, kind=bulk.kind.label)
    return Targets(targets, [numberings[scheme].home for scheme in keys.scheme_of], set(), problems)


def _find_ids_and_keys(
    transaction: Transaction, bulk: BulkWrite, keys: Keys, scheme_ids: Sequence[int], failed: Container[int]
) -> Targets:
    """The id says which record; a key beside it must be that record's, or nobody's yet."""
    targets = _find_ids(transaction, bulk)
    owners = {
        (scheme_id, keys.keys[row]): record_id
        for row, scheme_id, record_id in schemes.find_keys(transaction, keys.keys, set(scheme_ids))
    }
    linked, problems = set(), {}
    for row, (target, scheme_id, key) in enumerate(zip(targets, scheme_ids, keys.keys, strict=True)):
        if not key or row in failed:
            continue
        if (scheme_id, key) not in owners:
            owners[scheme_id, key] = target
            linked.add(row)
        elif owners[scheme_id, key] != target:
            problems[row] = Problem(code=Code.ALREADY_EXISTS, kind=bulk.kind.label)
    return Targets(targets, scheme_ids, linked, problems)
