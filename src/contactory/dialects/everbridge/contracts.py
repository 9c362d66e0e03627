"""The contracts of calls in the OpenAPI document: bodies and parameters."""

from __future__ import annotations

from typing import Any, Final

from contactory.dialects.base import Contract
from contactory.dialects.everbridge.items import Contact
from contactory.dialects.everbridge.methods import CHOICES, FLAGS, TYPES
from contactory.dialects.everbridge.patch import Operation
from contactory.dialects.everbridge.queries import MAX_PAGE_SIZE
from contactory.dialects.everbridge.reading import Query

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 1}
_ID_TYPE: Final = {"idType": {"enum": ["id", "externalId"]}}
_PAGING: Final = {"pageNumber": _COUNT, "pageSize": _COUNT | {"maximum": MAX_PAGE_SIZE}}
_ORDER: Final = {
    "searchType": {"enum": ["AND", "OR"]},
    "sortBy": {"enum": ["lastModifiedDate", "externalId", "lastName"]},
    "direction": {"enum": ["ASC", "DESC"]},
}
_GROUP: Final = {"byType": {"enum": ["id", "name"]}, "groupId": _TEXT, "groupName": _TEXT}
_IDS: Final = dict.fromkeys(("contactIds", "externalIds", "groupIds"), _TEXT)

UPDATE_BATCH: Final = Contract(_ID_TYPE | {"updateType": {"enum": ["full", "partial"]}}, list[Contact])
CREATE_BATCH: Final = Contract(body=list[Contact])
DELETE_BATCH: Final = Contract(_ID_TYPE, list[int | str])
LIST: Final = Contract(_IDS | _ORDER | _PAGING)
CREATE: Final = Contract(body=Contact)
QUERY: Final = Contract(body=Query)
MEMBERS: Final = Contract(_GROUP | _PAGING)
ONE: Final = Contract(_ID_TYPE)
REPLACE: Final = Contract(_ID_TYPE, Contact)
CHANGE: Final = Contract(_ID_TYPE, list[Operation])
JOIN: Final = Contract(_GROUP | _ID_TYPE, list[int | str])
PAGE: Final = Contract(_PAGING)
ENTRY: Final = Contract({"queryType": {"enum": ["id", "name"]}})

_ID: Final = {"id": _COUNT}
_METHOD: Final[dict[str, Any]] = {
    "prompt": _TEXT,
    "pathType": {"enum": list(TYPES)},
    "code": _TEXT,
    "sysPrompt": _TEXT,
    "seq": _COUNT,
    **{name: {"enum": list(choices)} for name, choices in CHOICES.items()},
    **{name: {"type": "boolean"} for name in FLAGS},
}
_DETAILS: Final[dict[str, dict[str, Any]]] = {
    "groups": {"parentId": {"type": "integer"}, "description": _TEXT, "calendarId": _TEXT},
    "recordTypes": {"fillColor": _TEXT},
    "contactAttributes": {
        "displayFormat": {"enum": ["F", "L", "S"]},
        "dataType": {"enum": ["STRING", "DATE", "NUMBER", "BOOLEAN", "POLYGON"]},
        "definedValues": {"type": "array", "items": _TEXT},
        "expose": {"type": "boolean"},
        "editable": {"type": "boolean"},
        "mandatory": {"type": "boolean"},
        "seq": {"type": "integer"},
    },
}


def create(path: str) -> Contract:
    """Return the contract for creating an entry of a resource. The `id` is that of the new entry."""
    if path == "contactPaths":
        return _object(_ID | {"pathId": _COUNT} | _METHOD, ["prompt", "pathType"])
    return _object({"name": _TEXT, **_ID, **_DETAILS[path]}, ["name"])


def update(path: str) -> Contract:
    """Return the contract for updating an entry. Details of a contact path that are left out stay."""
    if path == "contactPaths":
        return _object(_METHOD, [])
    return _object({"name": _TEXT, **_DETAILS[path]}, ["name"])


def _object(properties: dict[str, Any], required: list[str]) -> Contract:
    return Contract(body={"type": "object", "properties": properties, "required": required})
