"""Keys by which outside systems know records, and references to other records, as columns."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np

from contactory.columns.column import RowSelection, StringColumn, take
from contactory.columns.jit import Ints
from contactory.model.fields import Kind

Value = TypeVar("Value")
Named = TypeVar("Named", bound=Hashable)


class Scheme(msgspec.Struct, frozen=True, cache_hash=True):
    """Set of keys that an outside system assigns to records, such as the sourceIds of one source.

    qualifier: distinguishes records with the same key (Propeller: the language). None, in a lookup, matches
    any; of several records found, the one with the default qualifier is taken.
    """

    system: str
    name: str
    qualifier: str | None = ""
    default_qualifier: str = ""

    @property
    def new_qualifier(self) -> str:
        """Return the qualifier of the key of a new record."""
        return self.default_qualifier if self.qualifier is None else self.qualifier


class Keys(msgspec.Struct):
    """Column of identities: `keys[row]` in the scheme `schemes[scheme_of[row]]`; the key "" is none.

    scheme_of, keys: may be a NumPy array and a StringColumn.
    field: the field that shows the key, if one does. It is not written where the key belongs to another
    record. A row that gives this field and no key removes the record's key, where the write has
    `replace_key`.
    """

    schemes: Sequence[Scheme]
    scheme_of: Sequence[int]
    keys: Sequence[str]
    field: str = ""

    @classmethod
    def concatenate(cls, parts: Sequence[Keys]) -> Keys | None:
        """Concatenate the keys of several slices of rows; None where there are none."""
        if not parts:
            return None
        schemes, scheme_of = _concatenate_numbered([(part.schemes, part.scheme_of) for part in parts])
        keys: Any = StringColumn.concatenate([part.texts for part in parts])
        numbers: Any = scheme_of
        return cls(schemes, numbers, keys, parts[0].field)

    @property
    def texts(self) -> StringColumn:
        """Return the keys as a StringColumn."""
        return self.keys if isinstance(self.keys, StringColumn) else StringColumn.from_values(self.keys)

    def take(self, rows: RowSelection) -> Keys:
        scheme_of: Any = take(np.asarray(self.scheme_of, np.int32), rows)
        return Keys(self.schemes, scheme_of, take(self.keys, rows), self.field)


def _concatenate_numbered(
    parts: Sequence[tuple[Sequence[Named], Sequence[int] | Ints]],
) -> tuple[list[Named], Ints]:
    """Concatenate columns, each of which has distinct names, and the index of a name for each row."""
    numbers = {
        name: number for number, name in enumerate(dict.fromkeys(chain(*(names for names, _ in parts))))
    }
    anew = [np.array([numbers[name] for name in names], np.int32)[number_of] for names, number_of in parts]
    return list(numbers), np.concatenate(anew)


class Reference(msgspec.Struct, frozen=True, cache_hash=True):
    """Reference to another record, by id or by key.

    key_name: the vendor's name for that. Without `scheme`, a key in any scheme of the system counts, and one
    in `preferred_scheme` first; of records with several qualifiers, that with `preferred_qualifier` is taken.
    """

    kind: Kind
    system: str
    id: int | None = None
    key: str = ""
    scheme: str = ""
    preferred_scheme: str = ""
    preferred_qualifier: str = ""
    key_name: str = "key"


class References(NamedTuple):
    """Column of references: `named[number_of[row]]`, None where the row gives none."""

    named: Sequence[Reference | None]
    number_of: Ints

    @classmethod
    def none(cls, count: int) -> References:
        """Return a column without references."""
        return cls([None], np.zeros(count, np.int32))

    @classmethod
    def concatenate(cls, parts: Sequence[References]) -> References:
        """Concatenate the references of several slices of rows."""
        return cls(*_concatenate_numbered(parts))

    def look_up(self, found: Mapping[Reference, Value]) -> list[Value | None]:
        """Return for each of `named` its value in `found`, or None."""
        return [None if named is None else found[named] for named in self.named]

    def take(self, rows: RowSelection) -> References:
        number_of = take(self.number_of, rows)
        if len(self.named) <= len(number_of):
            return References(self.named, number_of)
        used, numbers = np.unique(number_of, return_inverse=True)
        return References([self.named[number] for number in used], numbers.astype(np.int32))
