"""Schemes (numberings kept by outside systems) and the identities in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from struct import calcsize, iter_unpack, unpack
from typing import Final, NamedTuple

import msgspec

from contactory.model.fields import Kind
from contactory.store.database import Transaction
from contactory.store.queries import compose

_PAIR: Final = calcsize("!iq")


class StoredScheme(NamedTuple):
    id: int
    system: str
    name: str
    qualifier: str


class Found(NamedTuple):
    """Identities that exist, as columns; where asked for, the digests of their records by record id."""

    keys: Sequence[str]
    scheme_ids: Sequence[int]
    record_ids: Sequence[int]
    digests: dict[int, bytes]


def find_schemes(transaction: Transaction, kind: Kind, names: Collection[str]) -> list[StoredScheme]:
    """The schemes of these names in every system, with every qualifier."""
    rows = transaction.rows("find_schemes", kind=kind.name, names=_array(names))
    return [StoredScheme(*row) for row in rows]


def find_system_schemes(transaction: Transaction, kind: Kind, system: str) -> list[StoredScheme]:
    """All schemes of one system."""
    return [
        StoredScheme(*row) for row in transaction.rows("find_system_schemes", kind=kind.name, system=system)
    ]


def add_schemes(transaction: Transaction, kind: Kind, schemes: Iterable[tuple[str, str, str]]) -> None:
    """Add (system, name, qualifier)s; those that exist are left. In one order, so writers cannot deadlock."""
    transaction.run("add_schemes", kind=kind.name, schemes=_array(sorted(schemes)))


def find_keys(
    transaction: Transaction,
    kind: Kind,
    keys: Collection[str],
    scheme_ids: Collection[int],
    *,
    digests: bool = False,
) -> Callable[[], Found]:
    """Every record that these keys have in these schemes, once each: looked for while the caller goes on,
    and found when asked for."""
    query = compose("find_keys_and_digests", kind) if digests else "find_keys"
    row = transaction.send(query, keys=_array(keys), scheme_ids=list(scheme_ids))
    return lambda: _found(*row())


def _found(keys: str, packed: bytes, digests: bytes = b"") -> Found:
    pairs = unpack("!" + "iq" * (len(packed) // _PAIR), packed)
    return Found(msgspec.json.decode(keys), pairs[::2], pairs[1::2], dict(iter_unpack("!q16s", digests)))


def _array(values: Collection[object]) -> str:
    # Ten thousand texts go as one JSON document in a twentieth of the time that an array parameter takes.
    return msgspec.json.encode(values).decode()
