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

from contactory.compiled.rows import Unusual
from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller import columns, too_long
from contactory.dialects.propeller.columns import Identity
from contactory.dialects.propeller.directives import direct
from contactory.dialects.propeller.documents import malformed
from contactory.dialects.propeller.resources import Bulk, Resource
from contactory.dialects.propeller.sheet import Sheet, Unclosed, Unfit, read_sheets
from contactory.dialects.propeller.violations import check_size, find_zeros, refuse_body
from contactory.dialects.sizes import count_rows, too_many
from contactory.model.attributes import AttributeValues
from contactory.model.bulk import BulkWrite, Keys
from contactory.model.fields import FieldType
from contactory.model.limits import MOST_SOURCES
from contactory.model.packed import Packed, SomeRows
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
        self._sheet: Sheet

    def names(self) -> Iterator[tuple[BulkWrite, Callable[[SomeRows], bytes]]]:
        for sheet in self._read_sheets():
            yield self._names(sheet), partial(self._say, sheet)

    def say(self, rows: SomeRows) -> bytes:
        return self._say(self._sheet, rows)

    def read(self, rows: SomeRows, names: BulkWrite) -> BulkWrite:
        sheet = self._sheet.take(rows)
        try:
            attributes = columns.attributes(sheet)
            made, refused = columns.make_columns(self._resource, sheet, self._identity.default_language)
        except (Unfit, *UNREADABLE):
            self._refuse()
        refused |= columns.wrong_keys(sheet, names.keys) | columns.lone_sources(sheet)
        refused |= _too_long(sheet, attributes)
        return direct(replace(names, columns=made, attributes=attributes, refused=refused), self._resource)

    def keys(self) -> Packed[bytes]:
        """The lookup keys of all rows, as they were sent."""
        return self._sheet.as_sent(self._bulk.lookup_key)

    def whole(self, rows: Sequence[msgspec.Struct]) -> BulkWrite:
        """The write of all, that have been parsed."""
        self._sheet = Sheet.join(self._write_sheets(rows))
        return self.read(range(len(rows)), self._names(self._sheet))

    def _read_sheets(self) -> Iterator[Sheet]:
        sheets = list[Sheet]()
        try:
            for sheet in read_sheets(self._bulk.form, self._body, _SLICE):
                sheets.append(sheet)
                self._check_size(sheets)
                yield sheet
        except Unusual:
            done, sheets = len(sheets), self._write_sheets(self._parse().rows)
            sheets = _with_sent(sheets, self._bulk.rows_key, self._body)
            yield from sheets[done:]
        except Unclosed:
            self._refuse(f"[{self._bulk.rows_key}] stands twice, or [directives] are too long")
        self._sheet = Sheet.join(sheets)

    def _write_sheets(self, rows: Sequence[msgspec.Struct]) -> list[Sheet]:
        """Of rows written anew, in the usual way."""
        try:
            body = msgspec.json.encode({self._bulk.rows_key: rows})
            sheets = list(read_sheets(self._bulk.form, body, _SLICE))
        except Unusual:
            self._refuse()
        self._check_size(sheets)
        return sheets

    def _check_size(self, sheets: Sequence[Sheet]) -> None:
        if sum(map(len, sheets)) > self._max_rows:
            raise too_many(self._max_rows, count_rows(self._body, 2), "rows")

    def _parse(self) -> Any:
        return parse(self._bulk, self._body, self._max_rows)

    def _say(self, sheet: Sheet, rows: SomeRows) -> bytes:
        digests, are_secret = sheet.digests(self._seed, rows), sheet.give_any(self._secret, rows)
        if not are_secret.any():
            return digests
        words = np.frombuffer(digests, np.uint64).reshape(-1, 2).copy()
        hidden = self._hide(words[are_secret].tobytes()) if self._hide else bytes(16 * are_secret.sum())
        words[are_secret] = np.frombuffer(hidden, np.uint64).reshape(-1, 2)
        return words.tobytes()

    def _names(self, sheet: Sheet) -> BulkWrite:
        if not all(map(sheet.has_in_all, self._bulk.required)) or any(map(sheet.has_empty, _NOT_EMPTY)):
            self._refuse()
        try:
            references = columns.parents(sheet, self._identity.default_language)
        except UNREADABLE:
            self._refuse()
        keys, ids = columns.keys(sheet, self._identity), None
        if self._bulk.lookup_key == "id":
            ids = [int(text or "") for text in sheet.texts("id")]
        self._count_sources(keys)
        return BulkWrite(
            kind=self._resource.kind,
            count=len(sheet),
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


def _too_long(sheet: Sheet, attributes: Mapping[str, AttributeValues]) -> dict[int, Problem]:
    problems = too_long.find_documents(sheet)
    for values in attributes.values():
        problems |= too_long.find_values(values)
    return problems


def _with_sent(sheets: Sequence[Sheet], rows_key: str, body: bytes) -> list[Sheet]:
    """Sheets of rows written anew, with the rows as they came: so they are known again by the same digests as
    those that were read where they lie."""
    rows = msgspec.json.decode(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[rows_key], type=_RAWS)
    sent = list(map(bytes, rows))
    ends = list(accumulate(map(len, sheets)))
    return [sheet.written_from(sent[end - len(sheet) : end]) for sheet, end in zip(sheets, ends, strict=True)]


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
    if bulk.lookup_key == "sourceId" and not (has_directives or zeros) and bulk.form.opening.match(body):
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
