"""BulkWrite, the neutral command that every dialect decodes to, its rows, and its Outcomes.

Rows are columns of values, since columns can be handled without a Python loop over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain
from typing import Any, Protocol

import msgspec
import numpy as np

from contactory.columns.column import RowSelection, take
from contactory.model.attributes import AttributeValues
from contactory.model.fields import Kind, Mode
from contactory.model.keys import Keys, References
from contactory.model.problems import Problem


class RowKeys(msgspec.Struct, kw_only=True):
    """Keys and references of `count` rows, in order.

    ids: a record id per row (None: the row is found by its key), or None where all rows are.
    keys: an identity per row; beside an id, a further identity that the record gets.
    fallback_keys: further identities per row, in exact schemes, by which a record is found, in order, if
    `keys` finds none. They do so only where the row has no key in `keys`, or the record has none there. The
    record gets those that no record has. Those of another record stay there, and the row has a warning.
    given_ids: an id per row for a new record (None: the next free one). A row fails where another record has
    the id, or where its own record has another one.
    references: columns of names of other records, of which the write makes columns of values.
    """

    count: int
    ids: Sequence[int | None] | None = None
    given_ids: Sequence[int | None] | None = None
    keys: Keys | None = None
    fallback_keys: Sequence[Keys] = ()
    references: dict[str, References] = {}

    def take(self, rows: RowSelection) -> RowKeys:
        """Return the keys of some rows."""
        return RowKeys(
            count=len(rows),
            ids=None if self.ids is None else take(self.ids, rows),
            given_ids=None if self.given_ids is None else take(self.given_ids, rows),
            keys=self.keys and self.keys.take(rows),
            fallback_keys=[keys.take(rows) for keys in self.fallback_keys],
            references={field: column.take(rows) for field, column in self.references.items()},
        )

    @classmethod
    def concatenate(cls, slices: Sequence[RowKeys]) -> RowKeys:
        """Return the keys of all slices, which must be known by the same columns."""
        if len(slices) == 1:
            return slices[0]
        fields = dict.fromkeys(chain.from_iterable(rows.references for rows in slices))
        return cls(
            count=sum(rows.count for rows in slices),
            ids=_concatenate([rows.ids for rows in slices]),
            given_ids=_concatenate([rows.given_ids for rows in slices]),
            keys=Keys.concatenate([rows.keys for rows in slices if rows.keys]),
            fallback_keys=[
                keys
                for columns in zip(*(rows.fallback_keys for rows in slices), strict=True)
                if (keys := Keys.concatenate(columns))
            ],
            references={
                field: References.concatenate(
                    [rows.references.get(field) or References.none(rows.count) for rows in slices]
                )
                for field in fields
            },
        )


def _concatenate(parts: Sequence[Sequence[int | None] | None]) -> list[int | None] | None:
    if all(part is None for part in parts):
        return None
    return [*chain.from_iterable(part or () for part in parts)]


class Rows(RowKeys, kw_only=True):
    """Rows with all that they give. As they are in memory, they are a RowSource of one slice.

    columns: field name -> a value per row (see FieldType), None where the row does not give it.
    attributes: columns of attributes, of which the write makes columns of values.
    refused: problems of rows that the dialect has found.
    """

    columns: dict[str, Sequence[Any]] = {}
    attributes: dict[str, AttributeValues] = {}
    refused: dict[int, Problem] = {}

    @classmethod
    def of(
        cls,
        keys: RowKeys,
        columns: Mapping[str, Sequence[Any]],
        attributes: Mapping[str, AttributeValues] | None = None,
        refused: Mapping[int, Problem] | None = None,
    ) -> Rows:
        """Return rows with these keys."""
        return cls(
            **{field: getattr(keys, field) for field in RowKeys.__struct_fields__},
            columns={**columns},
            attributes={**(attributes or {})},
            refused={**(refused or {})},
        )

    @property
    def has_attributes(self) -> bool:
        return bool(self.attributes)

    @property
    def renews_digests(self) -> bool:
        return False

    def scan_keys(self) -> Iterator[tuple[RowKeys, None]]:
        yield self, None

    def digests(self, rows: RowSelection) -> bytes:
        return bytes(16 * len(rows))

    def read(self, rows: RowSelection, keys: RowKeys) -> Rows:
        if len(rows) == self.count and self.is_whole(rows):
            return self
        return Rows.of(
            keys,
            columns={field: take(values, rows) for field, values in self.columns.items()},
            attributes={field: values.take(rows) for field, values in self.attributes.items()},
            refused={
                index: self.refused[row]
                for index, row in enumerate(map(int, rows) if self.refused else ())
                if row in self.refused
            },
        )

    def is_whole(self, rows: RowSelection) -> bool:
        """Tell whether a selection is all rows, in order."""
        return isinstance(rows, range) or bool((np.asarray(rows) == np.arange(self.count)).all())


RowDigests = Callable[[RowSelection], bytes]
"""Function that returns a digest of each row: see RowSource.digests."""


class RowSource(Protocol):
    """The rows of a write, read as far as they are needed. The methods raise Refusal like the dialect's
    decoder.

    has_attributes: whether rows may give attributes, whose definitions are looked up.
    renews_digests: whether rows that are read and change nothing store their digests. It costs a write once,
    and is for rows that take much longer to read than to be written.
    """

    @property
    def has_attributes(self) -> bool: ...

    @property
    def renews_digests(self) -> bool: ...

    def scan_keys(self) -> Iterable[tuple[RowKeys, RowDigests | None]]:
        """Yield the keys of all rows slice by slice, in order, each with a function that returns digests as
        `digests` does, by row indices in the slice; None where no row has a digest."""

    def digests(self, rows: RowSelection) -> bytes:
        """Return a digest of all that each row gives, in 16 bytes, or zeros for none.

        A row whose digest equals that of its record's last write, with the same identity, is not read.
        Digests are stored unencrypted, so those of rows with secrets must be keyed (see Hide), or zeros.
        """

    def read(self, rows: RowSelection, keys: RowKeys) -> Rows:
        """Return some rows. `keys`: their keys and references."""


def read_all(source: RowSource) -> Rows:
    """Read all rows of a source."""
    keys = RowKeys.concatenate([keys for keys, _ in source.scan_keys()])
    return source.read(range(keys.count), keys)


class WriteOptions(msgspec.Struct, kw_only=True):
    """How rows are written.

    key_name: the vendor's name for the id or key of a row.
    modes: field name -> how its values meet stored ones; Mode.SET for any other field.
    defaults: field name -> the value of a new record whose row gives none.
    largest: field name -> maximum size of a map in bytes after the write; a row that would exceed it fails.
    replace_key: a key beside an id replaces the record's other keys in that scheme.
    """

    kind: Kind
    key_name: str = "id"
    modes: dict[str, Mode] = {}
    defaults: dict[str, Any] = {}
    largest: dict[str, int] = {}
    may_create: bool = True
    may_update: bool = True
    replace_key: bool = False


class BulkWrite(WriteOptions, kw_only=True):
    """Create or update records of one kind, one for each row, in the order of the rows."""

    rows: RowSource


Hide = Callable[[int, bytes], bytes]
"""Function that encrypts digests, of 16 bytes each, of an organization's rows that contain secrets."""


class Status(Enum):
    """Outcome of one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    DELETED = "deleted"


class Outcomes(msgspec.Struct):
    """Outcome of every row, in input order.

    ids: the record's id, also for a failed row that refers to a stored record; 0 where there is none.
    problems: why rows failed.
    warnings: values that were left out of rows that did not fail.
    """

    statuses: Sequence[Status]
    ids: Sequence[int]
    problems: dict[int, Problem]
    warnings: dict[int, Problem] = {}
