"""The neutral command of a bulk body. Rows that repeat the last write of their record need not be read."""

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
from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.directives import apply_directives
from contactory.dialects.propeller.documents import malformed
from contactory.dialects.propeller.resources import Bulk, Resource
from contactory.dialects.propeller.row_table import InvalidValue, RowTable, TrailingData, read_row_tables
from contactory.dialects.propeller.violations import check_size, find_null_characters, refuse_body
from contactory.dialects.sizes import count_rows, too_many
from contactory.model.attributes import AttributeValues
from contactory.model.bulk import BulkWrite, RowDigests, RowKeys, Rows
from contactory.model.fields import FieldType
from contactory.model.keys import Keys
from contactory.model.limits import MOST_SOURCES
from contactory.model.problems import Code, Problem, Refusal

# Part of every digest. A new number makes all rows be read again, when the same bytes come to mean something
# else.
MEANING: Final = 1
_SLICE: Final = 2000  # rows
_DIRECTIVES: Final = b'"directives"'
_TAIL: Final = 64 << 10  # bytes of a body in which there may be directives
_RAWS: Final = list[msgspec.Raw]
_NOT_EMPTY: Final = ("source", "sourceId")


class BodyRows:
    """The rows of one bulk call, read as far as they are needed.

    Methods raise Refusal with all violations, in the vendor's words, when rows break the schema.
    """

    has_attributes = True
    renews_digests = False

    def __init__(
        self,
        resource: Resource,
        bulk: Bulk,
        body: bytes,
        key_options: KeyOptions,
        max_rows: int,
        hide: Callable[[bytes], bytes] | None,
    ) -> None:
        self._resource = resource
        self._bulk = bulk
        self._body = body
        self._key_options = key_options
        self._max_rows = max_rows
        self._hide = hide
        plain = resource.texts | resource.numbers
        self._secret = [key for key, field in plain.items() if _is_secret(resource, field)]
        # The same bytes mean the same only for the same resource and the same key options.
        self._seed = crc32(f"{resource.path} {key_options} {MEANING}".encode())
        self._sources = set[str]()
        self._table: RowTable

    def scan_keys(self) -> Iterator[tuple[RowKeys, RowDigests]]:
        for table in self._read_tables():
            yield self._read_keys(table), partial(self._digest, table)

    def digests(self, rows: RowSelection) -> bytes:
        return self._digest(self._table, rows)

    def read(self, rows: RowSelection, keys: RowKeys) -> Rows:
        table = self._table.take(rows)
        try:
            attributes = columns.read_attribute_columns(table)
            made, refused = columns.make_columns(self._resource, table, self._key_options.default_language)
        except (InvalidValue, *UNREADABLE):
            self._refuse()
        refused |= columns.find_wrong_keys(table, keys.keys) | columns.find_lone_sources(table)
        refused |= _too_long(table, attributes)
        return Rows.of(keys, columns=made, attributes=attributes, refused=refused)

    def sent_keys(self) -> BytesColumn[bytes]:
        """Return the lookup keys of all rows, as they were sent."""
        return self._table.as_sent(self._bulk.lookup_key)

    def read_all(self, rows: Sequence[msgspec.Struct]) -> Rows:
        """Read all rows, which have been decoded by their types."""
        self._table = RowTable.join(self._write_tables(rows))
        return self.read(range(len(rows)), self._read_keys(self._table))

    def _read_tables(self) -> Iterator[RowTable]:
        tables = list[RowTable]()
        try:
            for table in read_row_tables(self._bulk.body_schema, self._body, _SLICE):
                tables.append(table)
                self._check_size(tables)
                yield table
        except NotFastPath:
            done, tables = len(tables), self._write_tables(self._parse().rows)
            tables = _attach_sent(tables, self._bulk.rows_key, self._body)
            yield from tables[done:]
        except TrailingData:
            self._refuse(f"[{self._bulk.rows_key}] stands twice, or [directives] are too long")
        self._table = RowTable.join(tables)

    def _write_tables(self, rows: Sequence[msgspec.Struct]) -> list[RowTable]:
        """Encode decoded rows again, without anything unusual, and make tables of them."""
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

    def _digest(self, table: RowTable, rows: RowSelection) -> bytes:
        digests, are_secret = table.digests(self._seed, rows), table.have_any_value(self._secret, rows)
        if not are_secret.any():
            return digests
        words = np.frombuffer(digests, np.uint64).reshape(-1, 2).copy()
        hidden = self._hide(words[are_secret].tobytes()) if self._hide else bytes(16 * are_secret.sum())
        words[are_secret] = np.frombuffer(hidden, np.uint64).reshape(-1, 2)
        return words.tobytes()

    def _read_keys(self, table: RowTable) -> RowKeys:
        if not all(map(table.has_in_all, self._bulk.required)) or any(map(table.has_empty, _NOT_EMPTY)):
            self._refuse()
        try:
            references = columns.read_parents(table, self._key_options.default_language)
        except UNREADABLE:
            self._refuse()
        keys, ids = columns.read_keys(table, self._key_options), None
        if self._bulk.lookup_key == "id":
            ids = [int(text or "") for text in table.texts("id")]
        self._count_sources(keys)
        return RowKeys(count=len(table), ids=ids, keys=keys, references=references)

    def _count_sources(self, keys: Keys | None) -> None:
        """Raise Refusal (INVALID) for more than MOST_SOURCES: each is looked up, and stored if it is new,
        before the rows are written."""
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


def _attach_sent(tables: Sequence[RowTable], rows_key: str, body: bytes) -> list[RowTable]:
    """Attach the rows as they were sent to tables of rows that were encoded again, so that their digests are
    the same as those of rows that were not."""
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
    key_options: KeyOptions,
    max_rows: int,
    hide: Callable[[bytes], bytes] | None = None,
) -> tuple[BulkWrite, BodyRows]:
    """Return the write, and its rows.

    `hide` keys the digests of rows with a secret field; without it these rows have none. Raises Refusal.
    """
    # Most bodies have no escapes at all; the search for one byte is a hundred times faster.
    zeros = dict[int, Problem]()
    if b"\\" in body and b"\\u0000" in body:
        zeros = find_null_characters(bulk.schema, body, bulk.rows_key, max_rows)
    rows = BodyRows(resource, bulk, body, key_options, max_rows, hide)
    has_directives = body.rfind(_DIRECTIVES, max(len(body) - _TAIL, 0)) >= 0
    if (
        bulk.lookup_key == "sourceId"
        and not (has_directives or zeros)
        and bulk.body_schema.opening.match(body)
    ):
        write = BulkWrite(kind=resource.kind, key_name=bulk.lookup_key, rows=rows)
        apply_directives(write, resource)
        return write, rows
    parsed = parse(bulk, body, max_rows)
    for row in zeros:
        parsed.rows[row] = _reduce(bulk, parsed.rows[row])
    read = rows.read_all(parsed.rows)
    read = replace(read, refused=read.refused | zeros)
    write = BulkWrite(kind=resource.kind, key_name=bulk.lookup_key, rows=read)
    apply_directives(write, resource, parsed.directives)
    return write, rows


def _reduce(bulk: Bulk, row: Any) -> msgspec.Struct:
    """Reduce a row that fails to the fields that identify it, with U+FFFD instead of U+0000."""
    fields = {key: getattr(row, key) for key in (*bulk.required, "language")}
    reduced: msgspec.Struct = type(row)(
        **{
            key: value.replace("\0", "\ufffd") if isinstance(value, str) else value
            for key, value in fields.items()
        }
    )
    return reduced


def parse(bulk: Bulk, body: bytes, max_rows: int) -> Any:
    """Check the size of a body and decode it by types. Raises Refusal."""
    check_size(body, rows_key=bulk.rows_key, most=max_rows)
    try:
        return bulk.decoder.decode(body)
    except msgspec.ValidationError as error:
        refuse_body(bulk.schema, body, sized=True)
        raise Refusal(Problem(code=Code.INVALID, texts=(_locate(error),))) from error
    except UNREADABLE as error:
        raise malformed(body) from error


def _locate(error: msgspec.ValidationError) -> str:
    """Return the text of an error that only the types found, with its JSON pointer in the vendor's form."""
    text, _, path = str(error).rpartition(" - at ")
    pointer = path.strip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return f"#{pointer}: {text or error}"
