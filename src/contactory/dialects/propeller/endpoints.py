"""The routes of this API, with their entries in its OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from contactory.dialects.base import Call, Contract, Endpoint, Request
from contactory.dialects.propeller import (
    attribute_values,
    attributes,
    descriptions,
    prices,
    reading,
    schemas,
    single,
)
from contactory.dialects.propeller.resources import Resource

_TEXT: Final = {"type": "string"}
_NARROW: Final = {"source": _TEXT, "language": _TEXT}
_EXPANDS: Final = {"expands": _TEXT}
_PAGE: Final = {"page": {"type": "integer"}, "offset": {"type": "integer"}}

DecodeBulk = Callable[[Resource, Any, Request], Call]


def record_endpoints(resource: Resource, default_language: str, decode_bulk: DecodeBulk) -> list[Endpoint]:
    """Return the routes of one kind of record."""
    path, name = f"/{resource.path}", resource.path
    one = f"{path}/{{lookup_key:str}}/{{lookup_value:str}}"

    def read(method: str, route: str, what: str, decode: Callable[..., Call], contract: Contract) -> Endpoint:
        summary = f"{what}: {name}"
        return Endpoint(method, route, f"{name}:read", summary, partial(decode, resource), contract)

    def write(
        method: str, route: str, what: str, decode: Callable[[Request], Call], contract: Contract
    ) -> Endpoint:
        return Endpoint(method, route, f"{name}:write", f"{what}: {name}", decode, contract)

    create = partial(single.decode_create, resource, default_language)
    update = partial(single.decode_update, resource, default_language)
    shown = Contract(_NARROW | _EXPANDS)
    bulks = [
        write(
            "POST",
            f"{path}/bulk/{bulk.lookup_key}",
            f"Create or update by {bulk.lookup_key}",
            partial(decode_bulk, resource, bulk),
            Contract(body=bulk.schema),
        )
        for bulk in resource.bulks
    ]
    return [
        *bulks,
        write("POST", path, "Create", create, Contract(body=resource.schema, success=201)),
        read("GET", one, "Get", reading.decode_find, shown),
        write("PATCH", one, "Update", update, Contract(_NARROW, resource.schema)),
        write("DELETE", one, "Delete", partial(single.decode_delete, resource), Contract(_NARROW)),
        read("POST", f"{path}/search", "Search", reading.decode_search, Contract(_EXPANDS, schemas.SEARCH)),
        write(
            "POST",
            f"{one}/pricing",
            "Set prices",
            partial(prices.decode_set, resource),
            Contract(_NARROW, schemas.PRICING),
        ),
        write(
            "DELETE",
            f"{one}/pricing",
            "Drop prices",
            partial(prices.decode_drop, resource),
            Contract(_NARROW),
        ),
        read(
            "GET", f"{one}/attributes", "List values", attribute_values.decode_list, Contract(_NARROW | _PAGE)
        ),
        write(
            "POST",
            f"{one}/attributes",
            "Set values",
            partial(attribute_values.decode_set, resource),
            Contract(_NARROW, schemas.ATTRIBUTE_VALUES),
        ),
    ]


def described_value_endpoints(resource: Resource, default_language: str) -> list[Endpoint]:
    """Return the routes for attribute values in the form of v2."""
    name = resource.path
    path = f"/attributes/{name}/{{lookup_key:str}}/{{lookup_value:str}}/attributes"
    set_values = partial(descriptions.decode_set, resource)
    list_values = partial(descriptions.decode_list, resource, default_language)
    values = Contract(_NARROW, schemas.DESCRIBED_VALUES)
    return [
        Endpoint("POST", path, f"{name}:write", f"Set values: {name}", set_values, values),
        Endpoint("GET", path, f"{name}:read", f"List values: {name}", list_values, Contract(_NARROW | _PAGE)),
    ]


def description_endpoints() -> list[Endpoint]:
    """Return the routes for attribute definitions in the form of v2."""
    one, named = "/attribute-descriptions/{lookup_key:str}/{lookup_value:str}", {"attributeClass": _TEXT}
    read, write = "attributes:read", "attributes:write"
    create = Contract(body=schemas.DESCRIPTION, success=201)
    change = Contract(named, schemas.DESCRIPTION_CHANGE)
    path = "/attribute-descriptions"
    return [
        Endpoint("POST", path, write, "Describe an attribute", descriptions.decode_create, create),
        Endpoint("GET", one, read, "Get a description", descriptions.decode_find, Contract(named)),
        Endpoint("PATCH", one, write, "Change a description", descriptions.decode_change, change),
        Endpoint("DELETE", one, write, "Delete a description", attributes.decode_delete, Contract(named)),
    ]


def attribute_endpoints() -> list[Endpoint]:
    """Return the routes for attribute definitions."""
    one, read, write = (
        "/attributes/{lookup_key:str}/{lookup_value:str}",
        "attributes:read",
        "attributes:write",
    )
    named = {"attributeClass": _TEXT}
    create = Contract(body=schemas.ATTRIBUTE_DEFINITION, success=201)
    many = Contract(body=schemas.ATTRIBUTE_DEFINITIONS_BULK)
    change = Contract(named, schemas.ATTRIBUTE_CHANGE)
    return [
        Endpoint("POST", "/attributes", write, "Define an attribute", attributes.decode_create, create),
        *(
            Endpoint(
                "POST",
                f"/attributes/bulk/{key}",
                write,
                f"Define attributes by {key}",
                partial(attributes.decode_bulk, key),
                many,
            )
            for key in ("id", "name")
        ),
        Endpoint("GET", one, read, "Get a definition", attributes.decode_find, Contract(named)),
        Endpoint("PATCH", one, write, "Change a definition", attributes.decode_change, change),
        Endpoint(
            "DELETE",
            one,
            write,
            "Delete a definition and its values",
            attributes.decode_delete,
            Contract(named),
        ),
    ]
