"""The record resources of this API, each described once: wire names, fields, types, schemas and codes."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.rows import (
    AttributeRow,
    Gender,
    Key,
    Language,
    Number,
    Outline,
    ParentRow,
    Source,
    body_decoder,
    row_type,
)
from contactory.model.fields import COMPANIES, CONTACTS, Kind

SYSTEM: Final = "propeller"


class Codes(NamedTuple):
    exists: int
    several: int
    not_found: int
    parent_not_found: int


class Bulk(NamedTuple):
    """One bulk endpoint of a resource. `outlines` and `raw_rows` decode a body that may be read in part."""

    lookup_key: str
    row_decoder: msgspec.json.Decoder[Any]
    decoder: msgspec.json.Decoder[Any]
    outlines: msgspec.json.Decoder[Any]
    raw_rows: msgspec.json.Decoder[Any]
    schema: dict[str, Any]


class Resource(NamedTuple):
    """`texts` and `numbers` are the wire names of plain fields, with their fields."""

    kind: Kind
    path: str
    texts: dict[str, str]
    numbers: dict[str, str]
    codes: Codes
    bulks: tuple[Bulk, ...]


_CONTACT_TEXTS: Final = {
    "firstName": "first_name",
    "middleName": "middle_name",
    "lastName": "last_name",
    "abbreviation": "abbreviation",
    "title": "title",
    "ssn": "ssn",
    "phone": "phone",
    "mobile": "mobile",
    "email": "email",
    "primaryLanguage": "primary_language",
    "pricelistAmount": "pricelist_amount",
    "pricelistPercentage": "pricelist_percentage",
}
_COMPANY_TEXTS: Final = {
    "name": "name",
    "notes": "notes",
    "department": "department",
    "office": "office",
    "taxNumber": "tax_number",
    "cocNumber": "coc_number",
    "email": "email",
    "phone": "phone",
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


def _resource(
    kind: Kind,
    codes: Codes,
    texts: dict[str, str],
    numbers: dict[str, str],
    others: dict[str, Any],
    source_id_schema: dict[str, Any],
    id_schema: dict[str, Any],
) -> Resource:
    optional = {**_SHARED, **dict.fromkeys(texts, str), **dict.fromkeys(numbers, Number), **others}
    by_source_id = row_type(f"{kind.label}BySourceId", _IDENTITY, optional)
    by_id = row_type(f"{kind.label}ById", {"id": int}, {**_IDENTITY, **optional})
    bulks = (
        _bulk(kind, "sourceId", by_source_id, source_id_schema),
        _bulk(kind, "id", by_id, id_schema),
    )
    return Resource(kind, kind.name, texts, numbers, codes, bulks)


def _bulk(kind: Kind, lookup_key: str, row: type[msgspec.Struct], schema: dict[str, Any]) -> Bulk:
    return Bulk(
        lookup_key,
        msgspec.json.Decoder(row),
        body_decoder(kind.name, row),
        body_decoder(kind.name, Outline),
        body_decoder(kind.name, msgspec.Raw),
        schema,
    )


CONTACT: Final = _resource(
    CONTACTS,
    Codes(exists=50004, several=50005, not_found=50006, parent_not_found=40007),
    _CONTACT_TEXTS,
    {"debtorId": "debtor_id"},
    {"dateOfBirth": str, "gender": Gender},
    schemas.CONTACTS_BY_SOURCE_ID,
    schemas.CONTACTS_BY_ID,
)
COMPANY: Final = _resource(
    COMPANIES,
    Codes(exists=40004, several=40005, not_found=40006, parent_not_found=40007),
    _COMPANY_TEXTS,
    _COMPANY_NUMBERS,
    {},
    schemas.COMPANIES_BY_SOURCE_ID,
    schemas.COMPANIES_BY_ID,
)
RESOURCES: Final = (CONTACT, COMPANY)
