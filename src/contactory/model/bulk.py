"""BulkWrite, the neutral command that every dialect decodes to, and the outcomes it comes back with.

Both are columns, not rows: the database takes columns at the speed of C, and so does Python.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
import numpy as np

from contactory.columns.column import RowSelection, StringColumn, take
from contactory.columns.jit import Ints
from contactory.model.attributes import AttributeValues
from contactory.model.fields import Kind, Mode
from contactory.model.problems import Problem

Meaning = TypeVar("Meaning")
Named = TypeVar("Named", bound=Hashable)


class Scheme(msgspec.Struct, frozen=True, cache_hash=True):
    """A numbering kept by an outside system, such as the sourceIds of one source.

    `qualifier` tells records with the same key apart (Propeller: the language). None, in a look-up,
    means any: one hit is that record, several mean the one with the default qualifier.
    """

    system: str
    name: str
    qualifier: str | None = ""
    default_qualifier: str = ""

    @property
    def home_qualifier(self) -> str:
        """Qualifier of a new record."""
        return self.default_qualifier if self.qualifier is None else self.qualifier


class Keys(msgspec.Struct):
    """One identity per row: `schemes[scheme_of[row]]` numbers the record `keys[row]`; "" means none.

    Both may be columns: a NumPy array, and a StringColumn. `field` is the column that shows the key, if one
    does: it is not written where the key turns out to be another record's. A row that gives this column
    and no key takes the record's key away, where the write renames.
    """

    schemes: Sequence[Scheme]
    scheme_of: Sequence[int]
    keys: Sequence[str]
    field: str = ""

    @classmethod
    def join(cls, parts: Sequence[Keys]) -> Keys | None:
        """Those of some rows after those of others."""
        if not parts:
            return None
        schemes, scheme_of = _number_together([(part.schemes, part.scheme_of) for part in parts])
        columns: list[Any] = [scheme_of, StringColumn.concatenate([part.texts for part in parts])]
        return cls(schemes, *columns)

    @property
    def texts(self) -> StringColumn:
        """The keys, packed."""
        return self.keys if isinstance(self.keys, StringColumn) else StringColumn.from_values(self.keys)

    def take(self, rows: RowSelection) -> Keys:
        scheme_of: Any = take(np.asarray(self.scheme_of, np.int32), rows)
        return Keys(self.schemes, scheme_of, take(self.keys, rows), self.field)


def _number_together(
    parts: Sequence[tuple[Sequence[Named], Sequence[int] | Ints]],
) -> tuple[list[Named], Ints]:
    """Columns, one after the other, of which each has names, and the number of one for each row."""
    numbers = {
        name: number for number, name in enumerate(dict.fromkeys(chain(*(names for names, _ in parts))))
    }
    anew = [np.array([numbers[name] for name in names], np.int32)[number_of] for names, number_of in parts]
    return list(numbers), np.concatenate(anew)


class Reference(msgspec.Struct, frozen=True, cache_hash=True):
    """Another record, named by id or by key (`key_name` is what the vendor calls that). Without a scheme,
    any scheme of the system that has the key, `near` first; of several qualifiers `near_qualifier` wins.
    """

    kind: Kind
    system: str
    id: int | None = None
    key: str = ""
    scheme: str = ""
    near: str = ""
    near_qualifier: str = ""
    key_name: str = "key"


class References(NamedTuple):
    """One per row, `named[number_of[row]]`; None where the row gives none."""

    named: Sequence[Reference | None]
    number_of: Ints

    @classmethod
    def none(cls, count: int) -> References:
        return cls([None], np.zeros(count, np.int32))

    @classmethod
    def join(cls, parts: Sequence[References]) -> References:
        """Those of some rows after those of others."""
        return cls(*_number_together(parts))

    def meanings(self, known: Mapping[Reference, Meaning]) -> list[Meaning | None]:
        """Of `named`."""
        return [None if named is None else known[named] for named in self.named]

    def take(self, rows: RowSelection) -> References:
        number_of = take(self.number_of, rows)
        if len(self.named) <= len(number_of):
            return References(self.named, number_of)
        used, places = np.unique(number_of, return_inverse=True)
        return References([self.named[number] for number in used], places.astype(np.int32))


class BulkWrite(msgspec.Struct, kw_only=True):
    """Create or update `count` records of one kind, in this order.

    ids: a record id per row (None: the row is known by its key), or None where all rows are;
    `key_name` is the vendor's word for it.
    keys: an identity per row; beside `ids` it is a further identity for the record to be known by.
    alternates: further identities per row, for when `keys` finds nobody, in order; of exact schemes. They
    find a record only where the row has no key in `keys`, or the record shows none. What is nobody's yet
    becomes the record's; what is another's stays so, and the row has a warning.
    columns: field name -> a value per row (see FieldType), None where the row does not give it.
    references: columns of names that `resolve` turns into ids; attributes: what it makes columns of.
    defaults: field name -> what a new record has where its row gives nothing.
    largest: field name -> most bytes of a map after the write; a row that would pass it fails.
    given_ids: an id per row that a new record gets (None: a new one). A row fails where another record has
    the id, or its own record has another one. Not for rows that are unread, nor for jobs.
    renames: a key beside an id takes the place of the record's other keys in that scheme.
    refused: rows that the dialect already found wrong.
    unread: the rows, where this write has none of them yet, nor their count.
    """

    kind: Kind
    count: int
    key_name: str = "id"
    ids: Sequence[int | None] | None = None
    given_ids: Sequence[int | None] | None = None
    keys: Keys | None = None
    alternates: Sequence[Keys] = ()
    columns: dict[str, Sequence[Any]] = {}
    references: dict[str, References] = {}
    attributes: dict[str, AttributeValues] = {}
    modes: dict[str, Mode] = {}
    defaults: dict[str, Any] = {}
    largest: dict[str, int] = {}
    may_create: bool = True
    may_update: bool = True
    renames: bool = False
    refused: dict[int, Problem] = {}
    unread: Unread | None = None

    def take(self, rows: RowSelection) -> BulkWrite:
        """The names of some rows."""
        references = {field: column.take(rows) for field, column in self.references.items()}
        return msgspec.structs.replace(
            self,
            count=len(rows),
            keys=self.keys and self.keys.take(rows),
            alternates=[keys.take(rows) for keys in self.alternates],
            references=references,
        )


Hide = Callable[[int, bytes], bytes]
"""Keys the digests, of 16 bytes each, of an organization's rows that say something secret."""


class Unread(Protocol):
    """Rows that are read as far as they are needed. Each raises Refusal, as the dialect does.

    has_attributes: whether rows may give attributes, whose definitions are looked up.
    renews_digests: whether rows that are read and change nothing store their digests, which costs a write
    once: for rows that take much longer to read than to be written.
    """

    has_attributes: bool
    renews_digests: bool

    def names(self) -> Iterable[tuple[BulkWrite, Callable[[RowSelection], bytes]]]:
        """Keys and references of all rows, some at a time; with `say` for these, numbered anew."""

    def say(self, rows: RowSelection) -> bytes:
        """16 bytes per row that stand for all that it says, or zeros. A record whose last writer said the
        same by the same identity is left alone, unread. They are kept in clear, so those of rows that say
        something secret must be keyed, or zeros."""

    def read(self, rows: RowSelection, names: BulkWrite) -> BulkWrite:
        """The write of some rows, whose names these are."""


class Status(Enum):
    """What became of one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    DELETED = "deleted"


class Outcomes(msgspec.Struct):
    """Outcome of every row, in input order; `problems` says why rows failed, `warnings` what was left out of
    rows that did not fail.

    `ids` is the record's id, also of a failed row that meant a known record; 0 where there is none.
    """

    statuses: Sequence[Status]
    ids: Sequence[int]
    problems: dict[int, Problem]
    warnings: dict[int, Problem] = {}
