"""Bulk bodies to the neutral command. Rows that were sent before need not be read again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

import msgspec
from msgspec.structs import replace
from xxhash import xxh3_128_digest

from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller import columns
from contactory.dialects.propeller.columns import Given, Identity
from contactory.dialects.propeller.directives import direct
from contactory.dialects.propeller.pricing import is_pricing
from contactory.dialects.propeller.resources import Bulk, Resource
from contactory.dialects.propeller.values import are_emails, are_languages
from contactory.dialects.propeller.violations import refuse_body
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Code, Problem, Refusal

# Another number makes rows that were sent before be read again: for when they come to mean something else.
MEANING: Final = 1
_SLICE: Final = 400  # rows


class Body:
    """The body of one bulk call, read as far as it is needed. `keys` are the rows' lookup keys as they were
    sent.

    Raises Refusal with everything that is wrong, in the vendor's words, when it breaks the schema.
    """

    def __init__(self, resource: Resource, bulk: Bulk, body: bytes, identity: Identity) -> None:
        self.keys: list[int | str] = []
        self._resource = resource
        self._bulk = bulk
        self._body = body
        self._identity = identity
        self._default_language = identity.default_language
        # Most have no escapes at all, and this is found out a hundred times faster.
        self._has_zeros = b"\\" in body and b"\\u0000" in body
        self._raws: Sequence[msgspec.Raw] = ()

    def unread(self) -> BulkWrite | None:
        """The write without its rows; None where they cannot be told apart from what was sent before, or the
        database could not even look for them."""
        if self._bulk.lookup_key != "sourceId" or self._has_zeros:
            return None
        try:
            body = self._bulk.raw_rows.decode(self._body)
        except UNREADABLE:
            return None  # It is looked at whole, and that says what is wrong.
        if body.directives is not None:
            return None
        self._raws = body.rows
        self.keys = [""] * len(body.rows)
        return BulkWrite(kind=self._resource.kind, count=len(body.rows), key_name="sourceId", unread=self)

    def whole(self) -> BulkWrite:
        rows, directives = self._parse()
        self.keys = columns.read(rows, self._bulk.lookup_key)
        return self._fill(self._names(rows), rows, directives)

    def names(self, rows: range) -> BulkWrite:
        read = self._decode(self._bulk.outlines, self._raws[rows.start : rows.stop])
        self.keys[rows.start : rows.stop] = columns.read(read, self._bulk.lookup_key)
        return self._names(read)

    def digests(self, rows: range) -> list[bytes]:
        """The same bytes mean the same only for the same resource and by the same identity."""
        meaning = f"{self._resource.path} {self._identity} {MEANING}"
        seed = crc32(meaning.encode())
        return [xxh3_128_digest(raw, seed) for raw in self._raws[rows.start : rows.stop]]

    def read(self, rows: Sequence[int], names: BulkWrite) -> BulkWrite:
        return self._fill(names, self._decode(self._bulk.rows, [self._raws[row] for row in rows]))

    def _names(self, rows: list[Any]) -> BulkWrite:
        """What says which records the rows mean."""
        return BulkWrite(
            kind=self._resource.kind,
            count=len(rows),
            key_name=self._bulk.lookup_key,
            keys=columns.keys(rows, self._identity),
            references=columns.parents(rows, self._default_language),
        )

    def _fill(self, names: BulkWrite, rows: list[Any], directives: Any = None) -> BulkWrite:
        given = columns.transpose(rows)
        if not _fits(given) or self._has_zeros:
            refuse_body(self._bulk.schema, self._body)
        made, refused = columns.make_columns(self._resource, given, self._default_language)
        write = replace(
            names,
            ids=given["id"] if self._bulk.lookup_key == "id" else None,
            columns=made,
            attributes=columns.attributes(given),
            refused=refused | columns.wrong_keys(names.keys),
        )
        return direct(write, self._resource, directives)

    def _decode(self, decoder: msgspec.json.Decoder[list[Any]], raws: Sequence[msgspec.Raw]) -> list[Any]:
        """Some at a time: no other thread can run while one piece is being decoded."""
        rows: list[Any] = []
        try:
            for start in range(0, len(raws), _SLICE):
                rows += decoder.decode(b"[%s]" % b",".join(raws[start : start + _SLICE]))
        except UNREADABLE:
            self._parse()  # Says what is wrong, and where.
            raise
        return rows

    def _parse(self) -> tuple[list[Any], Any]:
        try:
            parsed = self._bulk.decoder.decode(self._body)
        except msgspec.ValidationError as error:
            refuse_body(self._bulk.schema, self._body)
            raise Refusal(Problem(code=Code.INVALID, texts=(_place(error),))) from error
        except UNREADABLE as error:
            raise Refusal(Problem(code=Code.MALFORMED)) from error
        return parsed.rows, parsed.directives


def decode_bulk(
    resource: Resource, bulk: Bulk, body: bytes, identity: Identity, max_rows: int
) -> tuple[BulkWrite, Sequence[int | str]]:
    """The write, and the rows' lookup keys as they were sent. Raises Refusal."""
    read = Body(resource, bulk, body, identity)
    write = read.unread() or read.whole()
    if write.count > max_rows:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{max_rows} rows"))
    return write, read.keys


def _place(error: msgspec.ValidationError) -> str:
    """What only the types found wrong, as near to the vendor's words as can be."""
    text, _, path = str(error).rpartition(" - at ")
    place = path.strip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return f"#{place}: {text or error}"


def _fits(given: Given) -> bool:
    """The rules that the types do not say."""
    emails = list(filter(None, given["email"]))
    prices = filter(None, given["pricing"])
    return are_emails(emails) and are_languages(given["language"]) and all(map(is_pricing, prices))
