"""The calls that read records: GET by lookup key, and search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.pages import encode_items
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.records import encode_record
from contactory.dialects.propeller.resources import SYSTEM, Resource
from contactory.dialects.propeller.violations import refuse_body
from contactory.model.characters import trim_key
from contactory.model.commands import Find, Page, Record, Search
from contactory.model.fields import COMPANIES, LARGEST_ID
from contactory.model.problems import Code, Problem, Refusal

DEFAULT_PAGE_SIZE: Final = 12
MAX_PAGE_SIZE: Final = 1000
LOOKUP_KEYS: Final = ("id", "sourceId")
MAX_DIGITS: Final = 100  # of a number in a path or a query; a longer one is not parsed


def find_command(resource: Resource, request: Request, **options: Any) -> Find:
    """Return the command that finds the record in the path, by id or sourceId; the latter may be narrowed by
    `source` and `language` in the query. `options` are further fields of the command. Raises Refusal
    (BAD_LOOKUP_KEY, NOT_FOUND)."""
    key, value = request.path["lookup_key"], request.path["lookup_value"]
    expands = _expands(request.query)
    common: dict[str, Any] = {
        "kind": resource.kind,
        "key_name": key,
        "with_identities": "sources" in expands,
        "with_parent": COMPANIES if "parent" in expands else None,
        **options,
    }
    if key == "id":
        return Find(id=_id(resource, value, options.get("missing", Code.NOT_FOUND)), **common)
    if key == "sourceId":
        language = _one(request.query, "language")
        return Find(
            system=SYSTEM,
            key=value,
            scheme=_trimmed(_one(request.query, "source")),
            qualifier=language and language.upper(),
            **common,
        )
    # The vendor's list ends in a comma.
    raise Refusal(Problem(code=Code.BAD_LOOKUP_KEY, key=key, value=",".join([*LOOKUP_KEYS, ""])))


def _trimmed(source: str | None) -> str | None:
    return None if source is None else trim_key(source)


def decode_find(resource: Resource, request: Request) -> Call:
    def encode(record: Record) -> Reply:
        data = encode_record(resource, record, request.version, _expands(request.query))
        return Reply(200, json_encode({"data": data, "messages": (), "total": 1}), HEADERS)

    return Call(find_command(resource, request, with_secrets=True), encode)


def decode_search(resource: Resource, request: Request) -> Call:
    body = _parse(request.body)
    page, size = read_page(body, most=MAX_PAGE_SIZE)
    expands = _expands(request.query)
    search = Search(
        kind=resource.kind,
        page=page,
        size=size,
        equal={"debtor_id": body["debtorIds"]} if "debtorIds" in body else {},
        containing=body.get("name", ""),
        created=_range(body, "dateCreated"),
        updated=_range(body, "dateModified"),
        with_secrets=True,
        with_identities="sources" in expands,
        with_parent=COMPANIES if "parent" in expands else None,
    )

    def encode(result: Page) -> Reply:
        data = encode_items(
            encode_record(resource, record, request.version, expands) for record in result.records
        )
        return Reply(200, json_encode(page_info(data, page, size, result.found)), HEADERS)

    return Call(search, encode)


def read_page(parameters: Mapping[str, Any], most: int) -> tuple[int, int]:
    """Read the page number (from 1) and size of a body or a query, as numbers or texts. Raises Refusal
    (BAD_PAGE)."""
    page, size = parameters.get("page", 1), parameters.get("offset", DEFAULT_PAGE_SIZE)
    return _count(page), _count(size, most)


def page_info(data: Sequence[Any], page: int, size: int, found: int) -> dict[str, Any]:
    """Return the body of a page: `total` counts its items, `itemsFound` those of all pages, and `offset` is,
    in this API, the page size."""
    return {
        "data": data,
        "end": (page - 1) * size + len(data) if data else 0,
        "itemsFound": found,
        "messages": (),
        "offset": size,
        "page": page,
        "pages": -(-found // size),
        "start": (page - 1) * size + 1 if data else 0,
        "total": len(data),
    }


def _parse(body: bytes) -> dict[str, Any]:
    """Decode search criteria; [], PHP's empty object, is none."""
    if body.strip() in (b"", b"[]"):
        return {}
    refuse_body(schemas.SEARCH, body)
    parsed: dict[str, Any] = msgspec.json.decode(body)
    return parsed


def _expands(query: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(name.strip() for value in query.get("expands", ()) for name in value.split(","))


def _one(query: Mapping[str, Sequence[str]], key: str) -> str | None:
    values = query.get(key, ())
    return values[-1] if values and values[-1] else None


def _id(resource: Resource, text: str, missing: Code) -> int:
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and int(text) <= LARGEST_ID:
        return int(text)
    raise Refusal(Problem(code=missing, kind=resource.kind.label, key="id", value=text))


def _count(value: Any, most: int = 2**31 - 1) -> int:
    text = str(value)
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    if isinstance(value, bool) or not is_number or not 1 <= int(text) <= most:
        raise Refusal(Problem(code=Code.BAD_PAGE))
    return int(text)


def _range(body: Mapping[str, Any], key: str) -> tuple[datetime | None, datetime | None]:
    bounds = body.get(key, {})
    return _moment(bounds, key, "from"), _moment(bounds, key, "to")


def _moment(bounds: Mapping[str, str], key: str, end: str) -> datetime | None:
    text = bounds.get(end)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        problem = Problem(code=Code.BAD_VALUE, field=f"{key}.{end}", value=text)
        raise Refusal(problem) from error
    if end == "to" and not moment.microsecond:
        moment = moment.replace(microsecond=999_999)  # Replies show whole seconds.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
