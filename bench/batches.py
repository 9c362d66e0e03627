"""Rows of one call in every form that they are sent in, made before the clock runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, NamedTuple, cast

import msgspec

from contactory.core.attributes import Definitions, encode_values
from contactory.core.key_lookup import concatenate
from contactory.demo.people import LANGUAGE, contacts
from contactory.dialects.base import Request
from contactory.dialects.propeller import Propeller
from contactory.model.attributes import AttributeDefinition, AttributeName, AttributeValues
from contactory.model.bulk import BulkWrite, References
from contactory.model.fields import CLEARED_DATE, CONTACTS, FieldType

ROUTE: Final = "/contacts/bulk/sourceId"
KEY_COLUMNS: Final = ("organization_id", "source", "source_id")

_ORGANIZATION: Final = 1
_EPOCH: Final = date(2000, 1, 1)
_JSONB_VERSION: Final = b"\x01"


class Batch(NamedTuple):
    size: int
    body: bytes  # for the endpoint
    records: list[tuple[Any, ...]]  # for binary COPY: KEY_COLUMNS and fields(), names already made ids
    documents: bytes  # for PostgREST; empty where it does not take part


class Span(NamedTuple):
    """Contacts of consecutive numbers, as they are in a revision."""

    first: int
    size: int
    revision: int = 0


def make_batch(spans: Iterable[Span], *, documents: bool = False) -> Batch:
    rows = [
        row
        for first, size, revision in spans
        for row in contacts(size, first=first, revision=revision, everyone=True)
    ]
    body = msgspec.json.encode({"contacts": rows})
    records = _records(_decode(body))
    return Batch(len(rows), body, records, _documents(records) if documents else b"")


@cache
def fields() -> tuple[str, ...]:
    """The fields of a contact that these rows have."""
    bulk = _decode(msgspec.json.encode({"contacts": contacts(1000)}))
    named = bulk.attributes.keys() | bulk.references.keys()
    return tuple(field for field in CONTACTS.fields if field in named or any(bulk.columns.get(field, ())))


@cache
def _propeller() -> Propeller:
    return Propeller(default_language=LANGUAGE, max_rows=1_000_000)


def _decode(body: bytes) -> BulkWrite:
    """As the endpoint itself does it, so that both sides store the same values."""
    endpoint = next(endpoint for endpoint in _propeller().endpoints if endpoint.path == ROUTE)
    bulk = cast(BulkWrite, endpoint.decode(Request({}, {}, {}, body)).command)
    if bulk.unread is None:
        return bulk
    names = concatenate(bulk, [part for part, _ in bulk.unread.scan_keys()])
    return bulk.unread.read(range(names.count), names)


def _records(bulk: BulkWrite) -> list[tuple[Any, ...]]:
    assert bulk.keys is not None
    sources = [bulk.keys.schemes[scheme].name for scheme in bulk.keys.scheme_of]
    columns = [_column(bulk, field) for field in fields()]
    return list(zip([_ORGANIZATION] * bulk.count, sources, bulk.keys.keys, *columns, strict=True))


def _column(bulk: BulkWrite, field: str) -> Iterable[Any]:
    """Values as binary COPY takes them cheapest; what a row does not give is stored as empty, as ours is."""
    if field in bulk.attributes:
        return _attributes(bulk.attributes[field], bulk.count)
    if field in bulk.references:
        return _references(bulk.references[field])
    given = bulk.columns[field]
    match CONTACTS.fields[field]:
        case FieldType.TEXT:
            return [value or "" for value in given]
        case FieldType.DATE:
            return [None if value == CLEARED_DATE else value for value in given]
        case other:
            raise TypeError(f"the rows have a field of type {other}, which the ceiling does not store")


def _references(given: References) -> list[int]:
    ids = [_number(named.key) if named else 0 for named in given.named]
    return [ids[number] for number in given.number_of.tolist()]


def _attributes(given: AttributeValues, count: int) -> list[bytes]:
    documents, problems = encode_values(_Stand(), given, count)
    assert not problems
    return [_JSONB_VERSION + (document or b"{}") for document in documents]


class _Stand(Definitions):
    """In for the definitions that a look-up would find: the ceiling looks nothing up."""

    def of(self, name: AttributeName) -> AttributeDefinition:
        return AttributeDefinition(
            id=_number(name.name), attribute_class=name.attribute_class, name=name.name, type=name.type
        )


_numbers: dict[str, int] = {}


def _number(name: str) -> int:
    """Stands for an id."""
    return _numbers.setdefault(name, len(_numbers) + 1)


def _documents(records: Sequence[tuple[Any, ...]]) -> bytes:
    columns = [*KEY_COLUMNS, *fields()]
    types = [CONTACTS.fields.get(column) for column in columns]
    return msgspec.json.encode(
        [dict(zip(columns, map(_plain, types, record), strict=True)) for record in records]
    )


def _plain(type_: FieldType | None, value: Any) -> Any:
    if type_ is FieldType.DATE and value is not None:
        return _EPOCH + timedelta(days=value)
    return msgspec.Raw(value[1:]) if type_ is FieldType.MAP else value
