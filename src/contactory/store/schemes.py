"""Schemes (sets of keys that outside systems assign) and the identities in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from functools import cache
from typing import Final, NamedTuple

import msgspec
import numpy as np
from psycopg.sql import Identifier

from contactory.columns.column import Ids, StringColumn
from contactory.columns.jit import Ints, Words
from contactory.model.fields import Kind
from contactory.model.limits import SCHEMES
from contactory.store.binary import IdArray, TextArray
from contactory.store.database import Transaction
from contactory.store.queries import compose

_PAIR: Final = np.dtype([("scheme", ">i4"), ("record", ">i8")])
_DIGEST: Final = np.dtype([("record", ">i8"), ("digest", "u8", 2)])


class StoredScheme(NamedTuple):
    id: int
    system: str
    name: str
    qualifier: str


class StoredKeys(NamedTuple):
    """Identities that are stored, as columns; and, if requested, digests of their records, two words each."""

    keys: StringColumn
    scheme_ids: Ints
    record_ids: Ids
    digest_of: Ids
    digests: Words

    @classmethod
    def concatenate(cls, parts: Sequence[StoredKeys]) -> StoredKeys:
        """Concatenate the columns of several results."""
        keys, *columns = zip(*parts, strict=True)
        return cls(StringColumn.concatenate(keys), *map(np.concatenate, columns))


def find_schemes(transaction: Transaction, kind: Kind, names: Collection[str]) -> list[StoredScheme]:
    """Find the schemes with these names, in every system and with every qualifier."""
    rows = transaction.rows("find_schemes", kind=kind.name, names=_json(names))
    return [StoredScheme(*row) for row in rows]


def find_system_schemes(transaction: Transaction, kind: Kind, system: str) -> list[StoredScheme]:
    """Find all schemes of a system."""
    return [
        StoredScheme(*row) for row in transaction.rows("find_system_schemes", kind=kind.name, system=system)
    ]


def add_schemes(transaction: Transaction, kind: Kind, schemes: Iterable[tuple[str, str, str]]) -> None:
    """Add schemes, as (system, name, qualifier), that are not stored yet. None is added where there would be
    more than SCHEMES."""
    transaction.row("lock_schemes")
    transaction.run("add_schemes", kind=kind.name, schemes=_json(sorted(schemes)), most=SCHEMES)


class Found(NamedTuple):
    """Keys that were found, and, if requested, the records found in some schemes that have a name."""

    keys: StoredKeys
    named: Set[int] = frozenset()

    @classmethod
    def nothing(cls) -> Found:
        return cls(_stored_keys(b"", b""))


def find_keys(
    transaction: Transaction,
    kind: Kind,
    keys: Sequence[str | None],
    scheme_ids: Collection[int],
    *,
    digests: bool = False,
) -> Callable[[], Found]:
    """Send a query for the identities with these keys in these schemes. Return a function that waits for the
    result."""
    query = compose("find_keys_and_digests", kind) if digests else "find_keys"
    row = transaction.send(query, keys=TextArray.of(keys), scheme_ids=list(scheme_ids))
    return lambda: Found(_stored_keys(*row()))


def find_keys_and_states(
    transaction: Transaction,
    kind: Kind,
    keys: Sequence[str | None],
    scheme_ids: Collection[int],
    *,
    named: str,
    named_by: Collection[int],
    digests: bool = False,
) -> Callable[[], Found]:
    """Send a query like `find_keys`. The result also has the records found in the schemes `named_by` whose
    field `named` is not empty."""
    row = transaction.send(
        _states_query(kind, named, digests=digests),
        keys=TextArray.of(keys),
        scheme_ids=list(scheme_ids),
        named_by=list(named_by),
    )

    def wait() -> Found:
        keys_found, pairs, names, *digests = row()
        stored = _stored_keys(keys_found, pairs, *digests)
        ids, is_of_these = np.frombuffer(names, ">i8"), np.isin(stored.scheme_ids, [*named_by])
        return Found(stored, set(ids[np.isin(ids, stored.record_ids[is_of_these])].tolist()))

    return wait


def find_held(
    transaction: Transaction, kind: Kind, ids: Collection[int], scheme_ids: Collection[int]
) -> set[tuple[int, int]]:
    """Find the pairs of these records and these schemes in which the record has a key."""
    rows = transaction.rows(compose("find_held", kind), ids=IdArray.of(ids), scheme_ids=list(scheme_ids))
    return {(record, scheme) for record, scheme in rows}


@cache
def _states_query(kind: Kind, named: str, *, digests: bool) -> bytes:
    query = "find_keys_states_and_digests" if digests else "find_keys_and_states"
    return compose(query, kind, field=Identifier(named))


def _stored_keys(keys: bytes, packed: bytes, digests: bytes = b"") -> StoredKeys:
    pairs, digested = np.frombuffer(packed, _PAIR), np.frombuffer(digests, _DIGEST)
    return StoredKeys(
        StringColumn.from_separated(keys, len(pairs)),
        pairs["scheme"].astype(np.int32),
        pairs["record"].astype(np.int64),
        digested["record"].astype(np.int64),
        digested["digest"].astype(np.uint64),
    )


def _json(values: Collection[object]) -> str:
    return msgspec.json.encode(values).decode()
