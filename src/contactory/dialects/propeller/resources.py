"""The record resources of this API, each described once: wire names, fields, types, schemas and codes."""

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
    owner_not_found: int  # the record whose prices or attributes are asked for


class Bulk(NamedTuple):
    """One bulk endpoint of a resource, in whose body each row has what is `required`. `form` is what it
    nearly always looks like, `schema` what it must be, and `decoder` takes just that."""

    lookup_key: str
    rows_key: str
    required: Sequence[str]
    body_schema: BodySchema
    decoder: msgspec.json.Decoder[Any]
    schema: dict[str, Any]


class Resource(NamedTuple):
    """`texts` and `numbers` are the wire names of plain fields, with their fields; `alone` of those that only
    a single record has. `single` decodes such a record, `form` is that of a body of such, `schema` is what
    it must be."""

    kind: Kind
    path: str
    texts: dict[str, str]
    numbers: dict[str, str]
    alone: dict[str, str]
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
_SHAPES: Final = {
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
    alone: dict[str, str],
    schemas: Schemas,
) -> Resource:
    optional = {**_SHARED, **dict.fromkeys(texts, str), **dict.fromkeys(numbers, Number), **others}
    by_source_id = row_type(f"{kind.label}BySourceId", _IDENTITY, optional)
    by_id = row_type(f"{kind.label}ById", {"id": int}, {**_IDENTITY, **optional})
    single = row_type(kind.label, {}, {**_IDENTITY, **optional, **dict.fromkeys(alone, str), "fullName": str})
    form = make_body_schema(kind.name, _shapes(single, numbers))
    bulks = (
        _bulk(kind, ("source", "sourceId"), by_source_id, numbers, schemas.by_source_id),
        _bulk(kind, ("id",), by_id, numbers, schemas.by_id),
    )
    decoder = msgspec.json.Decoder(single)
    return Resource(kind, kind.name, texts, numbers, alone, codes, bulks, form, decoder, schemas.single)


def _bulk(
    kind: Kind,
    required: Sequence[str],
    row: type[msgspec.Struct],
    numbers: Container[str],
    schema: dict[str, Any],
) -> Bulk:
    form = make_body_schema(kind.name, _shapes(row, numbers))
    return Bulk(required[-1], kind.name, required, form, body_decoder(kind.name, row), schema)


def _shapes(row: type[msgspec.Struct], numbers: Container[str]) -> dict[str, ValueType]:
    """Plain fields are texts, or numbers too."""
    return {
        key: _SHAPES.get(key, ValueType.TEXT | ValueType.INTEGER if key in numbers else ValueType.TEXT)
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
