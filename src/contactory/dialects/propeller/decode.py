"""Bulk bodies to the neutral command. Rows that were sent before need not be read again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, NoReturn
from zlib import crc32

import msgspec
import numpy as np
from msgspec.structs import replace

from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller import columns
from contactory.dialects.propeller.columns import Identity
from contactory.dialects.propeller.directives import direct
from contactory.dialects.propeller.pricing import is_pricing
from contactory.dialects.propeller.resources import Bulk, Resource
from contactory.dialects.propeller.sheet import Sheet, make_sheet, read_sheet
from contactory.dialects.propeller.values import GENDERS, are_emails, are_languages
from contactory.dialects.propeller.violations import refuse_body
from contactory.model.bulk import BulkWrite
from contactory.model.packed import Packed
from contactory.model.problems import Code, Problem, Refusal

# Another number makes rows that were sent before be read again: for when they come to mean something else.
MEANING: Final = 1
_NOT_EMPTY: Final = ("source", "sourceId")


class Rows:
    """The rows of one bulk call, read as far as they are needed. `keys` are their lookup keys as they were
    sent.

    Raises Refusal with everything that is wrong, in the vendor's words, when they break the schema.
    """

    def __init__(self, resource: Resource, bulk: Bulk, body: bytes, sheet: Sheet, identity: Identity) -> None:
        self.keys: list[int | str] = [""] * len(sheet)
        self._resource = resource
        self._bulk = bulk
        self._body = body
        self._sheet = sheet
        self._identity = identity

    def names(self, rows: range) -> BulkWrite:
        sheet = self._sheet.take(rows)
        if not all(map(sheet.has_in_all, self._bulk.required)) or any(map(sheet.has_empty, _NOT_EMPTY)):
            self._refuse()
        try:
            references = columns.parents(sheet, self._identity.default_language)
        except UNREADABLE:
            self._refuse()
        keys, ids = columns.keys(sheet, self._identity), None
        if self._bulk.lookup_key == "id":
            ids = [int(text or "") for text in sheet.texts("id")]
        self._keep(rows, ids or (keys.keys if keys else ()), sheet.are_numbers(self._bulk.lookup_key))
        return BulkWrite(
            kind=self._resource.kind,
            count=len(rows),
            key_name=self._bulk.lookup_key,
            ids=ids,
            keys=keys,
            references=references,
        )

    def digests(self, rows: range) -> list[bytes]:
        """The same bytes mean the same only for the same resource and by the same identity."""
        meaning = f"{self._resource.path} {self._identity} {MEANING}"
        return self._sheet.take(rows).digests(crc32(meaning.encode()))

    def read(self, rows: Sequence[int], names: BulkWrite) -> BulkWrite:
        places = rows if isinstance(rows, range) else np.array(rows, np.int32)
        try:
            attributes = columns.attributes(self._sheet.take(places))
        except UNREADABLE:
            self._refuse()
        made, wrong = self._columns
        given = {field: column.take(places) for field, column in made.items()}
        refused = {place: wrong[row] for place, row in enumerate(rows) if row in wrong} if wrong else {}
        refused |= columns.wrong_keys(names.keys)
        return direct(replace(names, columns=given, attributes=attributes, refused=refused), self._resource)

    @cached_property
    def _columns(self) -> tuple[dict[str, Packed[Any]], dict[int, Problem]]:
        """Of all rows, which is much faster than of some at a time."""
        if not _fits(self._sheet):
            self._refuse()
        return columns.make_columns(self._resource, self._sheet, self._identity.default_language)

    def _keep(self, rows: range, keys: Sequence[int | str], are_numbers: Sequence[bool]) -> None:
        """As they were sent."""
        if are_numbers:
            keys = [int(key) if is_number else key for key, is_number in zip(keys, are_numbers, strict=True)]
        self.keys[rows.start : rows.stop] = keys

    def _refuse(self) -> NoReturn:
        _parse(self._bulk, self._body)
        refuse_body(self._bulk.schema, self._body)
        raise Refusal(Problem(code=Code.INVALID, texts=("#: a row cannot be read",)))


def decode_bulk(
    resource: Resource, bulk: Bulk, body: bytes, identity: Identity, max_rows: int
) -> tuple[BulkWrite, Sequence[int | str]]:
    """The write, and the rows' lookup keys as they were sent. Raises Refusal."""
    sheet, directives = read_sheet(bulk.form, body), None
    # Most have no escapes at all, and this is found out a hundred times faster.
    if sheet is None or (b"\\" in body and b"\\u0000" in body):
        sheet, directives = _read_anew(bulk, body)
    if len(sheet) > max_rows:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{max_rows} rows"))
    rows = Rows(resource, bulk, body, sheet, identity)
    if bulk.lookup_key == "sourceId" and directives is None:
        return BulkWrite(kind=resource.kind, count=len(sheet), key_name="sourceId", unread=rows), rows.keys
    every = range(len(sheet))
    return direct(rows.read(every, rows.names(every)), resource, directives), rows.keys


def _read_anew(bulk: Bulk, body: bytes) -> tuple[Sheet, Any]:
    """A body that is wrong, or has more than rows, or says something in an unusual way."""
    parsed = _parse(bulk, body)
    sheet = make_sheet(bulk.form, bulk.rows_key, parsed.rows)
    if sheet is None or b"\\u0000" in body:
        refuse_body(bulk.schema, body)
    if sheet is None:
        raise Refusal(Problem(code=Code.INVALID, texts=("#: a row cannot be read",)))
    return sheet, parsed.directives


def _parse(bulk: Bulk, body: bytes) -> Any:
    try:
        return bulk.decoder.decode(body)
    except msgspec.ValidationError as error:
        refuse_body(bulk.schema, body)
        raise Refusal(Problem(code=Code.INVALID, texts=(_place(error),))) from error
    except UNREADABLE as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error


def _place(error: msgspec.ValidationError) -> str:
    """What only the types found wrong, as near to the vendor's words as can be."""
    text, _, path = str(error).rpartition(" - at ")
    place = path.strip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return f"#{place}: {text or error}"


def _different(sheet: Sheet, key: str) -> set[str]:
    _, firsts = sheet.number_alike(key)
    return {text for text in firsts.texts(key) if text is not None}


def _fits(sheet: Sheet) -> bool:
    """The rules that are not about where a value is."""
    return (
        are_languages(_different(sheet, "language"))
        and (not sheet.has("gender") or _different(sheet, "gender") <= GENDERS)
        and are_emails(sheet.texts("email"))
        and (not sheet.has("pricing") or all(map(is_pricing, filter(None, sheet.documents("pricing")))))
    )
