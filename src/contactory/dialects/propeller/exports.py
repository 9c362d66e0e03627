"""The answers of which the file of an account is made: pages as searches answer them, under the names of
their resources, and each record with its sources, its attribute values and the id of its company."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final

from contactory.dialects.base import Call, Reply, json_encode
from contactory.dialects.pages import encode_items
from contactory.dialects.propeller.answers import ATTRIBUTES
from contactory.dialects.propeller.attribute_values import encode_value
from contactory.dialects.propeller.attributes import encode_definition
from contactory.dialects.propeller.reading import page_info
from contactory.dialects.propeller.records import encode_record
from contactory.dialects.propeller.resources import COMPANY, CONTACT, CUSTOMER, Resource
from contactory.model.attributes import AttributeDefinition
from contactory.model.commands import ListAttributes, Page, Record, Search
from contactory.model.fields import COMPANIES
from contactory.model.problems import Code, Refusal

PAGE: Final = 1000

_Definitions = Mapping[str, AttributeDefinition]


def show_account() -> Generator[Call, Any, None]:
    """Yield the calls of which the answers are to be written one after another."""
    definitions: dict[str, AttributeDefinition] = {}
    after = 0
    while True:
        shown = yield Call(ListAttributes(after=after, size=PAGE), _encode_definitions)
        definitions |= {str(definition.id): definition for definition in shown}
        if len(shown) < PAGE:
            break
        after = shown[-1].id
    for resource in (COMPANY, CONTACT, CUSTOMER):
        yield from _show_records(resource, definitions)


def _show_records(resource: Resource, definitions: _Definitions) -> Generator[Call, Any, None]:
    """Each page begins behind the last record of the one before, so that all cost the same. One whose records
    are too large together is asked for again in halves."""
    page, size, found, last = 1, PAGE, 0, 0
    while True:
        search = Search(
            kind=resource.kind,
            page=1,
            size=size,
            after=last,
            counted=not last,
            with_secrets=True,
            with_identities=True,
            with_parent=COMPANIES,
        )

        def encode(result: Page, page: int = page, size: int = size, found: int = found) -> Reply:
            data = encode_items(_encode_record(resource, record, definitions) for record in result.records)
            answer = page_info(data, page, size, found or result.found)
            return Reply(200, json_encode({resource.path: answer}))

        try:
            shown = yield Call(search, encode)
        except Refusal as refusal:
            if refusal.problem.code is not Code.PAGE_TOO_LARGE or size == 1:
                raise
            size //= 2
            continue
        found = found or shown.found
        if len(shown.records) < size:
            return
        page, last = page + 1, shown.records[-1].id


def _encode_definitions(shown: Sequence[AttributeDefinition]) -> Reply:
    rows = encode_items(encode_definition(definition) for definition in shown)
    answer = {"data": rows, "messages": (), "total": len(rows)}
    return Reply(200, json_encode({ATTRIBUTES: answer}))


def _encode_record(resource: Resource, record: Record, definitions: _Definitions) -> dict[str, Any]:
    shown = encode_record(resource, record, "", ("sources",))
    if record.parent:
        shown["parent"] = {"id": record.parent.id}
    values = [
        encode_value(definitions[id_], value, inherited=False)
        for id_, value in record.values["attributes"].items()
        if id_ in definitions
    ]
    return dict(sorted((shown | ({ATTRIBUTES: values} if values else {})).items()))
