"""The JSON schemas of request bodies, for `everit.violations` and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from contactory.model.attributes import TYPES
from contactory.model.limits import LONGEST_KEY

_Schema = dict[str, Any]


def _closed(properties: Mapping[str, _Schema], required: Iterable[str] = (), **more: Any) -> _Schema:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": dict(properties),
        "additionalProperties": False,
        **more,
    }


def _list(items: _Schema) -> _Schema:
    return {"type": "array", "items": items}


def _either(*alternatives: Iterable[str]) -> list[_Schema]:
    """Return schemas for `anyOf`, by which all keys of one of the groups are required."""
    return [{"required": list(keys)} for keys in alternatives]


_STRING: Final[_Schema] = {"type": "string"}
_INTEGER: Final[_Schema] = {"type": "integer"}
_NUMBER: Final[_Schema] = {"type": "number"}
_BOOLEAN: Final[_Schema] = {"type": "boolean"}
_TEXT: Final[_Schema] = {"type": "string", "minLength": 1}
_LANGUAGE: Final[_Schema] = {"type": "string", "pattern": "^[A-Za-z]{2}$"}
_LANGUAGE_OR_EMPTY: Final[_Schema] = {"type": "string", "pattern": "^([A-Za-z]{2})?$"}
_NUMBER_OR_CODE: Final[_Schema] = {"type": ["string", "integer"]}
# Anything but null, whose only error must be "expected type: String, found: Null". null matches the second
# and the third and so fails for matching two, and only the first has an error of its own.
_VALUE: Final[_Schema] = {
    "oneOf": [_STRING, {"type": ["number", "boolean", "array", "object", "null"]}, {"type": "null"}]
}

_PARENT: Final = _closed(
    {"id": _INTEGER, "source": _STRING, "sourceId": _NUMBER_OR_CODE}, anyOf=_either(["id"], ["sourceId"])
)
_ATTRIBUTE: Final = _closed(
    {"id": _INTEGER, "class": _STRING, "name": _STRING, "type": _STRING, "value": _VALUE},
    required=["type"],
    anyOf=_either(["id"], ["name", "class"]),
)
_PRICE: Final[_Schema] = {
    "type": "object",
    "properties": {"type": {"enum": ["CP", "SP", "net"]}, "amount": _NUMBER, "price": _NUMBER},
}
_PRICED: Final = _closed(
    {"id": _INTEGER, "source": _STRING, "sourceId": _NUMBER_OR_CODE, "pricing": _PRICE},
    anyOf=_either(["id"], ["sourceId", "source"]),
)
_PRICING: Final = _closed(
    {"categories": _list(_PRICED), "products": _list(_PRICED), "shopId": _INTEGER},
    anyOf=_either(["categories"], ["products"]),
)
_KEYS: Final = {"source": _TEXT, "sourceId": {**_NUMBER_OR_CODE, "minLength": 1}}
_SHARED: Final = {
    **_KEYS,
    "language": _LANGUAGE_OR_EMPTY,
    "parent": _PARENT,
    "debtorId": _NUMBER_OR_CODE,
    "email": {"type": "string", "format": "email-or-empty"},
    "phone": _STRING,
    "pricelistAmount": _STRING,
    "pricelistPercentage": _STRING,
    "attributes": _list(_ATTRIBUTE),
    "pricing": _PRICING,
}
_CONTACT: Final = {
    **_SHARED,
    **dict.fromkeys(("firstName", "middleName", "lastName", "abbreviation", "title"), _STRING),
    **dict.fromkeys(("dateOfBirth", "mobile", "primaryLanguage"), _STRING),
    **dict.fromkeys(("phone", "ssn"), _NUMBER_OR_CODE),
    "gender": {"enum": ["M", "m", "F", "f", "U", "u", ""]},
}
_COMPANY: Final = {
    **_SHARED,
    **dict.fromkeys(("name", "notes", "department", "office", "taxNumber", "cocNumber"), _STRING),
    **dict.fromkeys(("budget", "budgetInherit", "inheritOrderList", "inheritProductList"), _STRING),
    "orderListAllowAll": _STRING,
    **dict.fromkeys(
        ("authorizeId", "defaultobjectId", "orderListManagerId", "userManagerId"), _NUMBER_OR_CODE
    ),
}


_ADDRESSES: Final = {"addresses": _list({"type": "object"})}


def _bulk(name: str, row: _Schema) -> _Schema:
    directives = {"type": ["array", "object"]}
    return _closed({name: _list(row), "directives": directives}, required=[name])


class Schemas(NamedTuple):
    """The schemas of one resource: of its bulk bodies, and of a single record."""

    by_source_id: _Schema
    by_id: _Schema
    single: _Schema


def _schemas(name: str, fields: Mapping[str, _Schema], single_only: Mapping[str, _Schema]) -> Schemas:
    """Make the schemas of a resource. `single_only` are fields that bulk rows cannot have. A single record
    has no attributes and no prices, which have calls of their own, and both of source and sourceId or
    neither."""
    single = {key: schema for key, schema in fields.items() if key not in ("attributes", "pricing")}
    return Schemas(
        _bulk(name, _closed(fields, required=_KEYS)),
        _bulk(name, _closed({"id": _INTEGER, **fields}, required=["id"])),
        _closed({**single, **single_only}, dependencies={"source": ["sourceId"], "sourceId": ["source"]}),
    )


_PERSONAL: Final = {"login": _STRING, "fullName": _STRING}
CONTACTS: Final = _schemas("contacts", _CONTACT, _PERSONAL)
CUSTOMERS: Final = _schemas("customers", _CONTACT | _ADDRESSES, _PERSONAL)
COMPANIES: Final = _schemas("companies", _COMPANY | _ADDRESSES, {})
PRICING: Final = _PRICING
ATTRIBUTE_VALUES: Final = _list(_ATTRIBUTE)

_LOCALIZED: Final = _list(_closed({"language": _LANGUAGE, "value": _STRING}, required=["language", "value"]))
# The vendor's page: upper-case alphanumerics and underscores.
_ATTRIBUTE_NAME: Final[_Schema] = {
    "type": "string",
    "pattern": "^[A-Z0-9_]+$",
    "maxLength": LONGEST_KEY,
}
_DEFINITION: Final = {
    "name": _ATTRIBUTE_NAME,
    "type": {"enum": list(TYPES)},
    "class": {"enum": ["product", "category", "user", "cluster", "customer", "contact", "company"]},
    **dict.fromkeys(("typeParam", "group"), _STRING),
    "value": _VALUE,
    **dict.fromkeys(("descriptions", "units"), _LOCALIZED),
    **dict.fromkeys(("isPublic", "isSearchable", "isSystem", "isHidden"), _BOOLEAN),
}
_DEFINING_KEYS: Final = ("name", "class", "type")

ATTRIBUTE_CHANGE: Final = _closed(
    {key: schema for key, schema in _DEFINITION.items() if key not in _DEFINING_KEYS}
)
ATTRIBUTE_DEFINITION: Final = _closed(_DEFINITION, required=_DEFINING_KEYS)
ATTRIBUTE_DEFINITIONS_BULK: Final = _list(
    _closed({"id": _INTEGER, **_DEFINITION}, anyOf=_either(["id"], _DEFINING_KEYS))
)

_DESCRIBING: Final = {
    "descriptions": _LOCALIZED,
    "units": _LOCALIZED,
    "valuesetId": _NUMBER_OR_CODE,
    "group": {"type": "string", "maxLength": 64},
    "defaultValue": _VALUE,
    **dict.fromkeys(("isPublic", "isSearchable", "isSystem", "isHidden"), _BOOLEAN),
}
DESCRIPTION: Final = _closed(
    {
        "name": _ATTRIBUTE_NAME,
        "type": {"enum": ["text", "enum", "color", "datetime", "integer", "decimal"]},
        "attributeClass": {"enum": ["product", "category", "cluster", "customer", "contact", "company"]},
        **_DESCRIBING,
    },
    required=("name", "type", "attributeClass"),
)
DESCRIPTION_CHANGE: Final = _closed(_DESCRIBING)
_TYPED: Final = _closed(
    {
        "textValues": _list(
            _closed({"language": _LANGUAGE, "values": _list(_STRING)}, ("language", "values"))
        ),
        "enumValues": _list(_STRING),
        "intValue": _INTEGER,
        "decimalValue": _NUMBER,
        "dateTimeValue": _STRING,
        "colorValue": _STRING,
    },
    maxProperties=1,
)
_DESCRIBED: Final = _closed(
    {
        "attributeDescriptionId": _INTEGER,
        "attributeDescriptionName": _STRING,
        "value": {"oneOf": [_TYPED, {"type": "null"}]},
    },
    anyOf=_either(["attributeDescriptionId"], ["attributeDescriptionName"]),
)
DESCRIBED_VALUES: Final = _list(_DESCRIBED)

_PERIOD: Final = _closed({"from": _STRING, "to": _STRING})
# A wrong offset or page is an error of its own (BAD_PAGE), so the schema allows anything.
SEARCH: Final = _closed(
    {
        "debtorIds": _list(_STRING),
        "name": _STRING,
        "dateCreated": _PERIOD,
        "dateModified": _PERIOD,
        "offset": {},
        "page": {},
    }
)
