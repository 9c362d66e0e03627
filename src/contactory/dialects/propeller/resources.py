"""The kinds of record of this API, each described once: wire names, fields, types, schemas and codes."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from contactory.columns.scanner import ValueType
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.row_table import BodySchema, make_body_schema
from contactory.dialects.propeller.rows import (
    AttributeRow,
    Gender,
    Key,
    Language,
    Number,
    ParentRow,
    Source,
    body_decoder,
    row_type,
)
from contactory.dialects.propeller.schemas import Schemas
from contactory.model.fields import COMPANIES, CONTACTS, CUSTOMERS, Kind

SYSTEM: Final = "propeller"


class Codes(NamedTuple):
    exists: int
    several: int
    not_found: int
    parent_not_found: int  # the company that a row names
    owner_not_found: int  # the record whose prices or attributes are requested


class Bulk(NamedTuple):
    """A bulk endpoint of a resource. Each row must have the `required` keys. `body_schema` is for the
    scanner, which reads nearly all bodies; `schema` is the JSON schema, and `decoder` accepts just what it
    does."""

    lookup_key: str
    rows_key: str
    required: Sequence[str]
    body_schema: BodySchema
    decoder: msgspec.json.Decoder[Any]
    schema: dict[str, Any]


class Resource(NamedTuple):
    """A kind of record. `texts` and `numbers` map the wire names of plain fields to fields of the store, and
    `single_only` those that bulk rows cannot have. `single` decodes a single record, `body_schema` is for the
    scanner, and `schema` is its JSON schema."""

    kind: Kind
    path: str
    texts: dict[str, str]
    numbers: dict[str, str]
    single_only: dict[str, str]
    codes: Codes
    bulks: tuple[Bulk, ...]
    body_schema: BodySchema
    single: msgspec.json.Decoder[Any]
    schema: dict[str, Any]


_CONTACT_TEXTS: Final = {
    "firstName": "first_name",
    "middleName": "middle_name",
    "lastName": "last_name",
    "abbreviation": "abbreviation",
    "title": "title",
    "mobile": "mobile",
    "email": "email",
    "primaryLanguage": "primary_language",
    "pricelistAmount": "pricelist_amount",
    "pricelistPercentage": "pricelist_percentage",
}
# The older pages have an integer for some of these.
_CONTACT_NUMBERS: Final = {"debtorId": "debtor_id", "ssn": "ssn", "phone": "phone"}
_COMPANY_TEXTS: Final = {
    "name": "name",
    "notes": "notes",
    "department": "department",
    "office": "office",
    "taxNumber": "tax_number",
    "cocNumber": "coc_number",
    "phone": "phone",
    "email": "email",
    "pricelistAmount": "pricelist_amount",
    "pricelistPercentage": "pricelist_percentage",
    "budget": "budget",
    "budgetInherit": "budget_inherit",
    "inheritOrderList": "inherit_order_list",
    "inheritProductList": "inherit_product_list",
    "orderListAllowAll": "order_list_allow_all",
}
_COMPANY_NUMBERS: Final = {
    "debtorId": "debtor_id",
    "authorizeId": "authorize_id",
    "defaultobjectId": "default_object_id",
    "orderListManagerId": "order_list_manager_id",
    "userManagerId": "user_manager_id",
}
_SHARED: Final[dict[str, Any]] = {
    "language": Language,
    "parent": ParentRow,
    "attributes": list[AttributeRow],
    "pricing": msgspec.Raw,
}
_IDENTITY: Final = {"source": Source, "sourceId": Key}
_VALUE_TYPES: Final = {
    "id": ValueType.INTEGER,
    "sourceId": ValueType.TEXT | ValueType.INTEGER,
    "parent": ValueType.OBJECT,
    "attributes": ValueType.ARRAY,
    "pricing": ValueType.OBJECT,
    "addresses": ValueType.ARRAY,
}


def _resource(
    kind: Kind,
    codes: Codes,
    texts: dict[str, str],
    numbers: dict[str, str],
    others: dict[str, Any],
    single_only: dict[str, str],
    schemas: Schemas,
) -> Resource:
    optional = {**_SHARED, **dict.fromkeys(texts, str), **dict.fromkeys(numbers, Number), **others}
    by_source_id = row_type(f"{kind.label}BySourceId", _IDENTITY, optional)
    by_id = row_type(f"{kind.label}ById", {"id": int}, {**_IDENTITY, **optional})
    single = row_type(
        kind.label, {}, {**_IDENTITY, **optional, **dict.fromkeys(single_only, str), "fullName": str}
    )
    body_schema = make_body_schema(kind.name, _value_types(single, numbers))
    bulks = (
        _bulk(kind, ("source", "sourceId"), by_source_id, numbers, schemas.by_source_id),
        _bulk(kind, ("id",), by_id, numbers, schemas.by_id),
    )
    decoder = msgspec.json.Decoder(single)
    return Resource(
        kind, kind.name, texts, numbers, single_only, codes, bulks, body_schema, decoder, schemas.single
    )


def _bulk(
    kind: Kind,
    required: Sequence[str],
    row: type[msgspec.Struct],
    numbers: Container[str],
    schema: dict[str, Any],
) -> Bulk:
    body_schema = make_body_schema(kind.name, _value_types(row, numbers))
    return Bulk(required[-1], kind.name, required, body_schema, body_decoder(kind.name, row), schema)


def _value_types(row: type[msgspec.Struct], numbers: Container[str]) -> dict[str, ValueType]:
    """Return the value types of a row's fields. Plain fields are texts, those in `numbers` also integers."""
    return {
        key: _VALUE_TYPES.get(key, ValueType.TEXT | ValueType.INTEGER if key in numbers else ValueType.TEXT)
        for key in row.__struct_fields__
    }


_ADDRESSES: Final[dict[str, Any]] = {"addresses": list[dict[str, Any]]}
_PERSON: Final[dict[str, Any]] = {"dateOfBirth": str, "gender": Gender}

CONTACT: Final = _resource(
    CONTACTS,
    Codes(50004, 50005, 50006, parent_not_found=40007, owner_not_found=50007),
    _CONTACT_TEXTS,
    _CONTACT_NUMBERS,
    _PERSON,
    {"login": "login"},
    schemas.CONTACTS,
)
CUSTOMER: Final = _resource(
    CUSTOMERS,
    Codes(60004, 60005, 60006, parent_not_found=40007, owner_not_found=60007),
    _CONTACT_TEXTS,
    _CONTACT_NUMBERS,
    _PERSON | _ADDRESSES,
    {"login": "login"},
    schemas.CUSTOMERS,
)
COMPANY: Final = _resource(
    COMPANIES,
    Codes(40004, 40005, 40006, parent_not_found=40007, owner_not_found=40007),
    _COMPANY_TEXTS,
    _COMPANY_NUMBERS,
    _ADDRESSES,
    {},
    schemas.COMPANIES,
)
RESOURCES: Final = (CONTACT, COMPANY, CUSTOMER)
