"""Schemes (numberings kept by outside systems) and the identities in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

import msgspec
import numpy as np
from psycopg.sql import Identifier

from contactory.columns.column import Ids, StringColumn
from contactory.columns.jit import Ints, Words
from contactory.model.fields import Kind
from contactory.model.limits import SCHEMES
from contactory.store.binary import TextArray
from contactory.store.database import Transaction
from contactory.store.queries import compose

_PAIR: Final = np.dtype([("scheme", ">i4"), ("record", ">i8")])
_DIGEST: Final = np.dtype([("record", ">i8"), ("digest", "u8", 2)])


class StoredScheme(NamedTuple):
    id: int
    system: str
    name: str
    qualifier: str


class Found(NamedTuple):
    """Identities that exist, as columns; where asked for, the digests of records, as two words each."""

    keys: StringColumn
    scheme_ids: Ints
    record_ids: Ids
    digest_of: Ids
    digests: Words

    @classmethod
    def join(cls, parts: Sequence[Found]) -> Found:
        """One after the other."""
        keys, *columns = zip(*parts, strict=True)
        return cls(StringColumn.concatenate(keys), *map(np.concatenate, columns))


def find_schemes(transaction: Transaction, kind: Kind, names: Collection[str]) -> list[StoredScheme]:
    """The schemes of these names in every system, with every qualifier."""
    rows = transaction.rows("find_schemes", kind=kind.name, names=_json(names))
    return [StoredScheme(*row) for row in rows]


def find_system_schemes(transaction: Transaction, kind: Kind, system: str) -> list[StoredScheme]:
    """All schemes of one system."""
    return [
        StoredScheme(*row) for row in transaction.rows("find_system_schemes", kind=kind.name, system=system)
    ]


def add_schemes(transaction: Transaction, kind: Kind, schemes: Iterable[tuple[str, str, str]]) -> None:
    """Add (system, name, qualifier)s; those that exist are left. None is added where there would be too
    many."""
    transaction.row("take_schemes_turn")
    transaction.run("add_schemes", kind=kind.name, schemes=_json(sorted(schemes)), most=SCHEMES)


def find_keys(
    transaction: Transaction,
    kind: Kind,
    keys: Sequence[str],
    scheme_ids: Collection[int],
    *,
    digests: bool = False,
) -> Callable[[], Found]:
    """Every record that these keys have in these schemes, once each: looked for while the caller goes on,
    and found when asked for."""
    query = compose("find_keys_and_digests", kind) if digests else "find_keys"
    row = transaction.send(query, keys=TextArray.of(keys), scheme_ids=list(scheme_ids))
    return lambda: _found(*row())


def find_keys_and_states(
    transaction: Transaction,
    kind: Kind,
    keys: Sequence[str],
    scheme_ids: Collection[int],
    *,
    named: str,
    named_by: Collection[int],
) -> Callable[[], tuple[Found, set[int]]]:
    """Find keys as `find_keys` does, and in the same statement those of the records found in the schemes
    `named_by` that have something in the field `named`."""
    row = transaction.send(
        _states_query(kind, named),
        keys=TextArray.of(keys),
        scheme_ids=list(scheme_ids),
        named_by=list(named_by),
    )

    def answer() -> tuple[Found, set[int]]:
        found, pairs, names = row()
        return _found(found, pairs), set(np.frombuffer(names, ">i8").tolist())

    return answer


def find_held(
    transaction: Transaction, kind: Kind, ids: Collection[int], scheme_ids: Collection[int]
) -> set[tuple[int, int]]:
    """The records among some, each with a scheme among some in which it has a key."""
    rows = transaction.rows(compose("find_held", kind), ids=list(ids), scheme_ids=list(scheme_ids))
    return {(record, scheme) for record, scheme in rows}


@cache
def _states_query(kind: Kind, named: str) -> bytes:
    return compose("find_keys_and_states", kind, field=Identifier(named))


def _found(keys: bytes, packed: bytes, digests: bytes = b"") -> Found:
    pairs, digested = np.frombuffer(packed, _PAIR), np.frombuffer(digests, _DIGEST)
    return Found(
        StringColumn.from_separated(keys, len(pairs)),
        pairs["scheme"].astype(np.int32),
        pairs["record"].astype(np.int64),
        digested["record"].astype(np.int64),
        digested["digest"].astype(np.uint64),
    )


def _json(values: Collection[object]) -> str:
    return msgspec.json.encode(values).decode()
