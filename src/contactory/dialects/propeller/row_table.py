"""The rows of a bulk body as a table of byte ranges in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from contactory.columns.column import BytesColumn, RowSelection, StringColumn, take
from contactory.columns.jit import Ints
from contactory.columns.lexer import QUOTE
from contactory.columns.scanner import NotFastPath, ObjectSchema, Scanned, Scanner, ValueType
from contactory.columns.values import SEED, number_alike

_BLANK: Final = rb"[ \t\n\r]*"
_CLOSING: Final = re.compile(_BLANK + rb"\}" + _BLANK)


class TrailingData(Exception):
    """The body has other keys after its rows, or ends too early."""


class InvalidValue(Exception):
    """A value is not valid for its field."""


class BodySchema(NamedTuple):
    """The bytes of a body up to its rows, as a pattern, and the schema of a row."""

    opening: re.Pattern[bytes]
    rows: ObjectSchema


def make_body_schema(rows_key: str, types: Mapping[str, ValueType]) -> BodySchema:
    opening = rb"\{%s\"%s\"%s:%s" % (_BLANK, rows_key.encode(), _BLANK, _BLANK)
    return BodySchema(re.compile(_BLANK + opening), ObjectSchema(types))


class RowTable:
    """Columns by their wire names. `sent`: the rows as they were sent, if `body` was encoded again."""

    def __init__(
        self, body: bytes, fields: Mapping[str, int], scanned: Scanned, sent: Sequence[bytes] = ()
    ) -> None:
        self._body = body
        self._fields = fields
        self._scanned = scanned
        self._sent = sent

    @classmethod
    def join(cls, tables: Sequence[RowTable]) -> RowTable:
        """Concatenate tables of one body."""
        first = tables[0]
        scanned = first._scanned._replace(
            objects=np.concatenate([table._scanned.objects for table in tables]),
            starts=np.concatenate([table._scanned.starts for table in tables], axis=1),
            lengths=np.concatenate([table._scanned.lengths for table in tables], axis=1),
        )
        return cls(first._body, first._fields, scanned, [row for table in tables for row in table._sent])

    def __len__(self) -> int:
        return len(self._scanned.objects)

    def take(self, rows: RowSelection | Ints) -> RowTable:
        selection: Any = slice(rows.start, rows.stop) if isinstance(rows, range) else rows
        source, objects, starts, lengths = self._scanned
        scanned = Scanned(source, objects[selection], starts[:, selection], lengths[:, selection])
        sent = [self._sent[row] for row in rows] if self._sent else ()
        return RowTable(self._body, self._fields, scanned, sent)

    def written_from(self, sent: Sequence[bytes]) -> RowTable:
        """Return the same rows with the objects `sent` that they were encoded again from."""
        return RowTable(self._body, self._fields, self._scanned, sent)

    def present_keys(self) -> set[str]:
        """Return the keys that some row has."""
        are_given: list[bool] = np.any(self._scanned.lengths >= 0, axis=1).tolist()
        return {key for key, is_given in zip(self._fields, are_given, strict=True) if is_given}

    def has(self, key: str) -> bool:
        """Tell whether some row has the key."""
        return self.texts(key).has_any()

    def has_in_all(self, key: str) -> bool:
        """Tell whether all rows have the key."""
        return bool(self._lengths(key).min(initial=0) >= 0)

    def has_empty(self, key: str) -> bool:
        """Tell whether the value of some row is ""."""
        return 0 in self._lengths(key)

    def texts(self, key: str) -> StringColumn:
        """Return a column of texts. Numbers are the texts that they are written as."""
        return StringColumn(self._scanned.source, self._scanned.starts[self._fields[key]], self._lengths(key))

    def documents(self, key: str) -> BytesColumn[bytes]:
        """Return a column of objects or arrays as they are written. Their insides are not checked."""
        return BytesColumn(self._scanned.source, self._scanned.starts[self._fields[key]], self._lengths(key))

    def as_sent(self, key: str) -> BytesColumn[bytes]:
        """Return the values as they were sent, texts with their quotes. All rows must give one."""
        texts = self.texts(key)
        is_quoted = texts.source[texts.starts - 1] == QUOTE
        sent = BytesColumn[bytes](texts.source, texts.starts - is_quoted, texts.lengths + 2 * is_quoted)
        are_escaped = (texts.starts >= len(self._body)).tolist()
        if not any(are_escaped):
            return sent
        rows = zip(are_escaped, texts, sent, strict=True)
        return BytesColumn.from_values(
            [msgspec.json.encode(text) if is_ else written for is_, text, written in rows]
        )

    def number_alike(self, *keys: str) -> tuple[Ints, RowTable]:
        """Number rows so that those with equal bytes under the keys have the same number. Return the numbers,
        and the first row of each."""
        chosen = [self._fields[key] for key in keys]
        source, _, starts, lengths = self._scanned
        numbers, firsts = number_alike(source, starts[chosen], lengths[chosen], SEED)
        return numbers, self.take(firsts)

    def digests(self, seed: int, rows: RowSelection) -> bytes:
        """Return a digest of 16 bytes for each of some rows, of the bytes that were sent."""
        if self._sent:
            return b"".join([xxh3_128_digest(row, seed) for row in take(self._sent, rows)])
        body, objects = memoryview(self._body), take(self._scanned.objects, rows).tolist()
        return b"".join([xxh3_128_digest(body[start:end], seed) for start, end in objects])

    def have_any_value(self, keys: Sequence[str], rows: RowSelection) -> npt.NDArray[np.bool_]:
        """Tell for each of some rows whether one of the keys has a value other than ""."""
        have_value = np.zeros(len(rows), bool)
        for key in keys:
            have_value |= take(self._lengths(key), rows) > 0
        return have_value

    def _lengths(self, key: str) -> Ints:
        lengths: Ints = self._scanned.lengths[self._fields[key]]
        return lengths


def read_row_tables(schema: BodySchema, body: bytes, most: int) -> Iterator[RowTable]:
    """Yield tables of `most` rows at the most, one table at least.

    Raises NotFastPath where rows do not match the schema, TrailingData where more follows them.
    """
    opening = schema.opening.match(body)
    if opening is None:
        raise NotFastPath
    scanner = Scanner(body, opening.end(), schema.rows)
    for scanned in scanner.slices(most):
        yield RowTable(body, schema.rows.fields, scanned)
    if not _CLOSING.fullmatch(body, scanner.at):
        raise TrailingData
