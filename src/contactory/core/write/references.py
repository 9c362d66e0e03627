"""Resolve: references of rows to other records, such as a contact's company."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from contactory.core.write.matched import Record
from contactory.model.keys import Reference
from contactory.model.problems import Code, Problem
from contactory.store import records, schemes
from contactory.store.database import Transaction


class Owner(NamedTuple):
    """A record that has a key, and the scheme of the key."""

    scheme: str
    qualifier: str
    record: Record


def find_references(
    transaction: Transaction, references: Iterable[Reference]
) -> dict[Reference, Record | Problem]:
    """Return for each reference the id of its record, or the problem that there is none. Runs three queries
    at most for each kind of record."""
    wanted = set(references)
    found: dict[Reference, Record | Problem] = {}
    for kind in {reference.kind for reference in wanted}:
        by_id = {
            reference: reference.id
            for reference in wanted
            if reference.kind == kind and reference.id is not None
        }
        by_key = [reference for reference in wanted if reference.kind == kind and reference.id is None]
        stored = records.find_ids(transaction, kind, by_id.values()) if by_id else set()
        for reference, id_ in by_id.items():
            found[reference] = id_ if id_ in stored else missing(reference)
        if by_key:
            owners = find_owners(transaction, by_key)
            found.update((reference, choose(reference, owners)) for reference in by_key)
    return found


def find_owners(
    transaction: Transaction, references: Collection[Reference]
) -> dict[tuple[str, str], list[Owner]]:
    """Find all records that have one of the keys of references of one kind, by system and key."""
    keys = {reference.key for reference in references}
    kind = next(iter(references)).kind
    stored = {
        scheme.id: scheme
        for system in {reference.system for reference in references}
        for scheme in schemes.find_system_schemes(transaction, kind, system)
    }
    found = schemes.find_keys(transaction, kind, list(keys), stored)().keys
    owners: dict[tuple[str, str], list[Owner]] = {}
    for key, scheme_id, record_id in zip(
        found.keys.strings(), found.scheme_ids.tolist(), found.record_ids.tolist(), strict=True
    ):
        scheme = stored[scheme_id]
        owner = Owner(scheme.name, scheme.qualifier, record_id)
        owners.setdefault((scheme.system, key), []).append(owner)
    return owners


def choose(reference: Reference, owners: Mapping[tuple[str, str], Sequence[Owner]]) -> Record | Problem:
    """Return the record of a reference, of those that have its key, or the problem that there is not just
    one."""
    candidates = owners.get((reference.system, reference.key), ())
    preferred = [
        owner for owner in candidates if owner.scheme == (reference.scheme or reference.preferred_scheme)
    ]
    if reference.scheme or preferred:
        candidates = preferred
    found = {owner.record for owner in candidates}
    if len(found) > 1:
        with_qualifier = {
            owner.record for owner in candidates if owner.qualifier == reference.preferred_qualifier
        }
        found = with_qualifier or found
    if not found:
        return missing(reference)
    if len(found) > 1:
        return _problem(Code.REFERENCE_AMBIGUOUS, reference)
    return found.pop()


def missing(reference: Reference) -> Problem:
    """Return the problem of a reference to no record."""
    return _problem(Code.REFERENCE_NOT_FOUND, reference)


def _problem(code: Code, reference: Reference) -> Problem:
    key, value = (reference.key_name, reference.key) if reference.id is None else ("id", str(reference.id))
    return Problem(code=code, kind=reference.kind.label, key=key, value=value)
