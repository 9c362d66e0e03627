"""Bulk bodies to the neutral command. Rows that were sent before need not be read again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
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
    """The body of one bulk call, read as far as it is needed.

    Raises Refusal with everything that is wrong, in the vendor's words, when it breaks the schema.
    """

    def __init__(self, resource: Resource, bulk: Bulk, body: bytes, identity: Identity) -> None:
        self._resource = resource
        self._bulk = bulk
        self._body = body
        self._identity = identity
        self._default_language = identity.default_language
        self._has_escapes = b"\\" in body  # Most have none, and this is found out a hundred times faster.

    def outline(self) -> tuple[BulkWrite, Sequence[int | str]] | None:
        """The write with no more than keys, parents and digests, and the rows' lookup keys as they were
        sent; None where the rows cannot be told apart from what was sent before."""
        if self._bulk.lookup_key != "sourceId":
            return None
        try:
            body = self._bulk.raw_rows.decode(self._body)
            raws, outlines = body.rows, _decode(self._bulk.outlines, body.rows)
        except UNREADABLE:
            return None  # It is looked at whole, and that says what is wrong.
        if body.directives is not None:
            return None
        names = self._names(outlines)
        if _has_zero(names):
            return None  # The database could not even look for it.
        write = replace(names, digests=partial(self._digests, raws), read=partial(self._read, raws, names))
        return write, columns.read(outlines, self._bulk.lookup_key)

    def whole(self) -> tuple[BulkWrite, Sequence[int | str]]:
        rows, directives = self._parse()
        write = self._fill(self._names(rows), rows, [self._body], directives)
        return write, columns.read(rows, self._bulk.lookup_key)

    def _names(self, rows: list[Any]) -> BulkWrite:
        """What says which records the rows mean."""
        return BulkWrite(
            kind=self._resource.kind,
            count=len(rows),
            key_name=self._bulk.lookup_key,
            keys=columns.keys(rows, self._identity),
            references=columns.parents(rows, self._default_language),
        )

    def _digests(self, raws: Sequence[msgspec.Raw]) -> list[bytes]:
        """The same bytes mean the same only for the same resource and by the same identity."""
        meaning = f"{self._resource.path} {self._identity} {MEANING}"
        seed = crc32(meaning.encode())
        return [xxh3_128_digest(raw, seed) for raw in raws]

    def _read(self, raws: Sequence[msgspec.Raw], names: BulkWrite, wanted: Sequence[int]) -> BulkWrite:
        some = [raws[row] for row in wanted]
        try:
            rows = _decode(self._bulk.rows, some)
        except UNREADABLE:
            self._parse()  # Says what is wrong, and where.
            raise
        return self._fill(names.take(wanted), rows, some)

    def _fill(
        self, names: BulkWrite, rows: list[Any], texts: Sequence[Any], directives: Any = None
    ) -> BulkWrite:
        given = columns.transpose(rows)
        if not _fits(given) or (self._has_escapes and b"\\u0000" in b"".join(texts)):
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
    write, keys = read.outline() or read.whole()
    if write.count > max_rows:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{max_rows} rows"))
    return write, keys


def _decode(decoder: msgspec.json.Decoder[list[Any]], raws: Sequence[msgspec.Raw]) -> list[Any]:
    """Some at a time: no other thread can run while one piece is being decoded."""
    rows: list[Any] = []
    for start in range(0, len(raws), _SLICE):
        rows += decoder.decode(b"[%s]" % b",".join(raws[start : start + _SLICE]))
    return rows


def _has_zero(names: BulkWrite) -> bool:
    """Whether the character that no text of the database can hold is in a name."""
    keys = names.keys
    if keys is None:
        return False
    schemes = (text or "" for scheme in keys.schemes for text in (scheme.name, scheme.qualifier))
    parents = {parent for column in names.references.values() for parent in column if parent}
    named = (text for parent in parents for text in (parent.scheme, parent.key))
    return "\0" in "".join([*keys.keys, *schemes, *named])


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
