"""Kinds of records, their fields, and the modes in which a given value is merged with a stored one."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

import msgspec


class FieldType(Enum):
    """Type of a field. The comment of each gives, after the dash, the Python value in a column; None is a
    value that is not given."""

    TEXT = "text"  # - str
    DATE = "date"  # - int, days since 2000-01-01; CLEARED_DATE empties the field
    TIMESTAMP = "timestamp"  # - int, microseconds since 2000-01-01 in UTC; cannot be emptied
    REFERENCE = "reference"  # - int, id of another record of the organization; 0 empties the field
    JSON = "json"  # - bytes, an encoded JSON document
    MAP = "map"  # - bytes, an encoded JSON object that is merged key by key; a null deletes its key
    LIST = "list"  # - bytes, an encoded JSON array
    BOOLEAN = "boolean"  # - bool
    IDS = "ids"  # - tuple of int, ascending, each once: a set to which given ids are added
    PATHS = "paths"  # - bytes, an encoded JSON array of delivery paths (see merge.py)
    SECRET = "secret"  # noqa: S105 - str; encrypted before it reaches the database


CLEARED_DATE: Final = 2**31 - 1
LARGEST_ID: Final = 2**63 - 1

# The value of a field that was never given; a TIMESTAMP has none.
EMPTY: Final[dict[FieldType, Any]] = {
    FieldType.TEXT: "",
    FieldType.DATE: CLEARED_DATE,
    FieldType.TIMESTAMP: None,
    FieldType.REFERENCE: 0,
    FieldType.JSON: b"{}",
    FieldType.MAP: b"{}",
    FieldType.LIST: b"[]",
    FieldType.PATHS: b"[]",
    FieldType.BOOLEAN: False,
    FieldType.IDS: (),
    FieldType.SECRET: b"",
}


OWNER: Final = "owner_id"


class Mode(Enum):
    """Mode in which a given value is merged with the stored one. A value that is not given changes
    nothing."""

    SET = "set"
    REPLACE = "replace"  # like SET, also where that would add to the stored value
    FILL = "fill"  # written only where the stored value is empty
    INITIAL = "initial"  # written only when the record is created


class Kind(msgspec.Struct, frozen=True):
    """Kind of records. `name`: also that of its table; `label`: the name of one record; `sparse`: fields that
    are empty in most records."""

    name: str
    label: str
    fields: dict[str, FieldType]
    sparse: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def has_owners(self) -> bool:
        """Tell whether records have a user as an owner."""
        return OWNER in self.fields


_T: Final = FieldType.TEXT

# Fields of a person in the Propeller API.
_PERSON: Final = dict(  # noqa: C408
    language=_T,
    parent_id=FieldType.REFERENCE,
    debtor_id=_T,
    first_name=_T,
    middle_name=_T,
    last_name=_T,
    abbreviation=_T,
    title=_T,
    date_of_birth=FieldType.DATE,
    gender=_T,
    ssn=FieldType.SECRET,
    phone=_T,
    mobile=_T,
    email=_T,
    primary_language=_T,
    login=_T,
    pricelist_amount=_T,
    pricelist_percentage=_T,
    attributes=FieldType.MAP,
    pricing=FieldType.JSON,
)

_CONTACT: Final = dict(
    _PERSON,
    record_type_id=FieldType.REFERENCE,
    middle_initial=_T,
    suffix=_T,
    country=_T,
    business_name=_T,
    timezone_id=_T,
    preferred_language=_T,
    message_language=_T,
    sso_user_id=_T,
    security_pin=_T,
    individual_account_id=_T,
    vip=FieldType.BOOLEAN,
    expatriate=FieldType.BOOLEAN,
    upload_processing=FieldType.BOOLEAN,
    group_ids=FieldType.IDS,
    topic_ids=FieldType.LIST,
    contact_attributes=FieldType.LIST,
    addresses=FieldType.LIST,
    paths=FieldType.PATHS,
    owner_id=FieldType.REFERENCE,
    list_id=FieldType.REFERENCE,
    collected_at=FieldType.TIMESTAMP,
    linkedin=_T,
    source=_T,
    category=_T,
    company=_T,
    employees=_T,
    industry=_T,
    website=_T,
    city=_T,
    work_country=_T,
    work_language=_T,
    position=_T,
    picture=_T,
    zip=_T,
    vars=FieldType.MAP,
)

# Fields of a contact in other APIs. References, booleans and sets are searched, and so are never sparse.
_DOCUMENTS: Final = (FieldType.LIST, FieldType.PATHS, FieldType.MAP)
_SPARSE: Final = frozenset(
    field for field, type_ in _CONTACT.items() if field not in _PERSON and type_ in (_T, *_DOCUMENTS)
)

CONTACTS: Final = Kind("contacts", "Contact", _CONTACT, _SPARSE)

# Contacts without a company, with ids of their own.
CUSTOMERS: Final = Kind(
    "customers", "Customer", _PERSON | {"addresses": FieldType.LIST}, frozenset({"addresses"})
)

COMPANIES: Final = Kind(
    "companies",
    "Company",
    dict(  # noqa: C408
        language=_T,
        parent_id=FieldType.REFERENCE,
        name=_T,
        notes=_T,
        department=_T,
        office=_T,
        debtor_id=_T,
        tax_number=_T,
        coc_number=_T,
        email=_T,
        phone=_T,
        authorize_id=_T,
        budget=_T,
        budget_inherit=_T,
        default_object_id=_T,
        inherit_order_list=_T,
        inherit_product_list=_T,
        order_list_allow_all=_T,
        order_list_manager_id=_T,
        user_manager_id=_T,
        pricelist_amount=_T,
        pricelist_percentage=_T,
        attributes=FieldType.MAP,
        pricing=FieldType.JSON,
        addresses=FieldType.LIST,
    ),
    frozenset({"addresses"}),
)

KINDS: Final = (CONTACTS, COMPANIES, CUSTOMERS)
