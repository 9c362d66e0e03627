"""Bulk bodies to the neutral command. Rows that were sent before need not be read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, Final, NoReturn
from zlib import crc32

import msgspec
import numpy as np
from msgspec.structs import replace

from contactory.columns.column import BytesColumn, RowSelection
from contactory.columns.scanner import NotFastPath
from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller import columns, too_long
from contactory.dialects.propeller.columns import Identity
from contactory.dialects.propeller.directives import direct
from contactory.dialects.propeller.documents import malformed
from contactory.dialects.propeller.resources import Bulk, Resource
from contactory.dialects.propeller.row_table import InvalidValue, RowTable, TrailingData, read_row_tables
from contactory.dialects.propeller.violations import check_size, find_zeros, refuse_body
from contactory.dialects.sizes import count_rows, too_many
from contactory.model.attributes import AttributeValues
from contactory.model.bulk import BulkWrite, Keys
from contactory.model.fields import FieldType
from contactory.model.limits import MOST_SOURCES
from contactory.model.problems import Code, Problem, Refusal

# Another number makes rows that were sent before be read again: for when they come to mean something else.
MEANING: Final = 1
_SLICE: Final = 2000  # rows
_DIRECTIVES: Final = b'"directives"'
_TAIL: Final = 64 << 10  # bytes of a body in which there may be directives
_RAWS: Final = list[msgspec.Raw]
_NOT_EMPTY: Final = ("source", "sourceId")


class Rows:
    """The rows of one bulk call, read as far as they are needed.

    Raises Refusal with everything that is wrong, in the vendor's words, when they break the schema.
    """

    has_attributes = True
    renews_digests = False

    def __init__(
        self,
        resource: Resource,
        bulk: Bulk,
        body: bytes,
        identity: Identity,
        max_rows: int,
        hide: Callable[[bytes], bytes] | None,
    ) -> None:
        self._resource = resource
        self._bulk = bulk
        self._body = body
        self._identity = identity
        self._max_rows = max_rows
        self._hide = hide
        plain = resource.texts | resource.numbers
        self._secret = [key for key, field in plain.items() if _is_secret(resource, field)]
        # The same bytes mean the same only for the same resource and by the same identity.
        self._seed = crc32(f"{resource.path} {identity} {MEANING}".encode())
        self._sources = set[str]()
        self._table: RowTable

    def names(self) -> Iterator[tuple[BulkWrite, Callable[[RowSelection], bytes]]]:
        for table in self._read_tables():
            yield self._names(table), partial(self._say, table)

    def say(self, rows: RowSelection) -> bytes:
        return self._say(self._table, rows)

    def read(self, rows: RowSelection, names: BulkWrite) -> BulkWrite:
        table = self._table.take(rows)
        try:
            attributes = columns.attributes(table)
            made, refused = columns.make_columns(self._resource, table, self._identity.default_language)
        except (InvalidValue, *UNREADABLE):
            self._refuse()
        refused |= columns.wrong_keys(table, names.keys) | columns.lone_sources(table)
        refused |= _too_long(table, attributes)
        return direct(replace(names, columns=made, attributes=attributes, refused=refused), self._resource)

    def keys(self) -> BytesColumn[bytes]:
        """The lookup keys of all rows, as they were sent."""
        return self._table.as_sent(self._bulk.lookup_key)

    def whole(self, rows: Sequence[msgspec.Struct]) -> BulkWrite:
        """The write of all, that have been parsed."""
        self._table = RowTable.join(self._write_tables(rows))
        return self.read(range(len(rows)), self._names(self._table))

    def _read_tables(self) -> Iterator[RowTable]:
        tables = list[RowTable]()
        try:
            for table in read_row_tables(self._bulk.body_schema, self._body, _SLICE):
                tables.append(table)
                self._check_size(tables)
                yield table
        except NotFastPath:
            done, tables = len(tables), self._write_tables(self._parse().rows)
            tables = _with_sent(tables, self._bulk.rows_key, self._body)
            yield from tables[done:]
        except TrailingData:
            self._refuse(f"[{self._bulk.rows_key}] stands twice, or [directives] are too long")
        self._table = RowTable.join(tables)

    def _write_tables(self, rows: Sequence[msgspec.Struct]) -> list[RowTable]:
        """Of rows written anew, in the usual way."""
        try:
            body = msgspec.json.encode({self._bulk.rows_key: rows})
            tables = list(read_row_tables(self._bulk.body_schema, body, _SLICE))
        except NotFastPath:
            self._refuse()
        self._check_size(tables)
        return tables

    def _check_size(self, tables: Sequence[RowTable]) -> None:
        if sum(map(len, tables)) > self._max_rows:
            raise too_many(self._max_rows, count_rows(self._body, 2), "rows")

    def _parse(self) -> Any:
        return parse(self._bulk, self._body, self._max_rows)

    def _say(self, table: RowTable, rows: RowSelection) -> bytes:
        digests, are_secret = table.digests(self._seed, rows), table.give_any(self._secret, rows)
        if not are_secret.any():
            return digests
        words = np.frombuffer(digests, np.uint64).reshape(-1, 2).copy()
        hidden = self._hide(words[are_secret].tobytes()) if self._hide else bytes(16 * are_secret.sum())
        words[are_secret] = np.frombuffer(hidden, np.uint64).reshape(-1, 2)
        return words.tobytes()

    def _names(self, table: RowTable) -> BulkWrite:
        if not all(map(table.has_in_all, self._bulk.required)) or any(map(table.has_empty, _NOT_EMPTY)):
            self._refuse()
        try:
            references = columns.parents(table, self._identity.default_language)
        except UNREADABLE:
            self._refuse()
        keys, ids = columns.keys(table, self._identity), None
        if self._bulk.lookup_key == "id":
            ids = [int(text or "") for text in table.texts("id")]
        self._count_sources(keys)
        return BulkWrite(
            kind=self._resource.kind,
            count=len(table),
            key_name=self._bulk.lookup_key,
            ids=ids,
            keys=keys,
            references=references,
        )

    def _count_sources(self, keys: Keys | None) -> None:
        """Each is looked for, and made known where it is new, before the rows are written."""
        if keys:
            self._sources.update(scheme.name for scheme in keys.schemes)
        if len(self._sources) > MOST_SOURCES:
            why = f"#: the rows name more than {MOST_SOURCES} sources"
            raise Refusal(Problem(code=Code.INVALID, texts=(why,)))

    def _refuse(self, why: str = "a row cannot be read") -> NoReturn:
        self._parse()
        refuse_body(self._bulk.schema, self._body, sized=True)
        raise Refusal(Problem(code=Code.INVALID, texts=(f"#: {why}",)))


def _too_long(table: RowTable, attributes: Mapping[str, AttributeValues]) -> dict[int, Problem]:
    problems = too_long.find_documents(table)
    for values in attributes.values():
        problems |= too_long.find_values(values)
    return problems


def _with_sent(tables: Sequence[RowTable], rows_key: str, body: bytes) -> list[RowTable]:
    """Sheets of rows written anew, with the rows as they came: so they are known again by the same digests as
    those that were read where they lie."""
    rows = msgspec.json.decode(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[rows_key], type=_RAWS)
    sent = list(map(bytes, rows))
    ends = list(accumulate(map(len, tables)))
    return [table.written_from(sent[end - len(table) : end]) for table, end in zip(tables, ends, strict=True)]


def _is_secret(resource: Resource, field: str) -> bool:
    return resource.kind.fields[field] is FieldType.SECRET


def decode_bulk(
    resource: Resource,
    bulk: Bulk,
    body: bytes,
    identity: Identity,
    max_rows: int,
    hide: Callable[[bytes], bytes] | None = None,
) -> tuple[BulkWrite, Rows]:
    """The write, and its rows. hide: what keys the digests of rows that say something secret; without it they
    have none. Raises Refusal."""
    # Most have no escapes at all, and this is found out a hundred times faster.
    zeros = dict[int, Problem]()
    if b"\\" in body and b"\\u0000" in body:
        zeros = find_zeros(bulk.schema, body, bulk.rows_key, max_rows)
    rows = Rows(resource, bulk, body, identity, max_rows, hide)
    has_directives = body.rfind(_DIRECTIVES, max(len(body) - _TAIL, 0)) >= 0
    if (
        bulk.lookup_key == "sourceId"
        and not (has_directives or zeros)
        and bulk.body_schema.opening.match(body)
    ):
        return BulkWrite(kind=resource.kind, count=0, key_name="sourceId", unread=rows), rows
    parsed = parse(bulk, body, max_rows)
    for row in zeros:
        parsed.rows[row] = _bare(bulk, parsed.rows[row])
    write = direct(rows.whole(parsed.rows), resource, parsed.directives)
    return replace(write, refused=write.refused | zeros), rows


def _bare(bulk: Bulk, row: Any) -> msgspec.Struct:
    """Reduce a row that fails to the fields by which it is told, with U+FFFD in the place of U+0000."""
    given = {key: getattr(row, key) for key in (*bulk.required, "language")}
    shown = {
        key: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for key, value in given.items()
    }
    bare: msgspec.Struct = type(row)(**shown)
    return bare


def parse(bulk: Bulk, body: bytes, max_rows: int) -> Any:
    """Decode a body by types, once it is known not to be too large. Raises Refusal."""
    check_size(body, rows_key=bulk.rows_key, most=max_rows)
    try:
        return bulk.decoder.decode(body)
    except msgspec.ValidationError as error:
        refuse_body(bulk.schema, body, sized=True)
        raise Refusal(Problem(code=Code.INVALID, texts=(_place(error),))) from error
    except UNREADABLE as error:
        raise malformed(body) from error


def _place(error: msgspec.ValidationError) -> str:
    """What only the types found wrong, as near to the vendor's words as can be."""
    text, _, path = str(error).rpartition(" - at ")
    place = path.strip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return f"#{place}: {text or error}"
