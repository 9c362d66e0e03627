"""Partial updates in the vendor's form (page "Update Contact Partially"). They are like JSON Patch, but an
element of an array is addressed by a key and its value, as in /paths/pathId:241901148045319/pathEnable."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final, NoReturn

import msgspec

from contactory.dialects.everbridge.bodies import Items, mismatch
from contactory.dialects.everbridge.items import Contact, from_document
from contactory.dialects.everbridge.names import GROUP
from contactory.dialects.everbridge.problems import bad
from contactory.dialects.everbridge.values import many
from contactory.model.directory import PATH, Directory
from contactory.model.problems import Code, Problem, Refusal


class Operation(msgspec.Struct):
    op: str
    path: str
    value: Any = None


operations: Final = Items.of(Operation)

_APPENDS: Final = ("-", "~")
_IDS_AND_NAMES: Final = {"groups": "groupsName", "groupsName": "groups"}
_REQUIRED: Final = (("externalId",), ("recordTypeId", "recordTypeName"))


def apply(document: dict[str, Any], changes: list[Operation], directory: Directory) -> Contact:
    """Apply operations to a contact as it is shown, and return the changed fields only. Raises Refusal
    (BAD_VALUE) with the operation that cannot be applied."""
    document = deepcopy(document)  # Its lists belong to the record, which is needed unchanged.
    changed: dict[str, None] = {}
    for change in changes:
        field = _apply(document, change, directory)
        changed.pop(_IDS_AND_NAMES.get(field, ""), None)
        changed[field] = None
    made = {field: document.get(field, [] if field in _IDS_AND_NAMES else None) for field in changed}
    for path in many(made.get("paths")):
        if isinstance(path, dict) and path.get("quietTimeFrames") is None:
            path["quietTimeFrames"] = []  # None: otherwise the stored ones would stay.
    for fields in _REQUIRED:
        if not changed.keys().isdisjoint(fields) and not any(
            str(made.get(field) or "").strip() for field in fields
        ):
            raise bad(f"{' or '.join(fields)} is required.")
    try:
        return from_document(made)
    except msgspec.ValidationError as error:
        raise mismatch(error) from error


def _apply(document: dict[str, Any], change: Operation, directory: Directory) -> str:
    """Apply one operation, and return the name of the field that it changes."""
    op = change.op.lower()
    parts = [part.replace("~1", "/") for part in change.path.split("/")[1:]]
    if op not in ("add", "replace", "remove") or not change.path.startswith("/") or not parts[0]:
        _fail(change, "Unknown operation or path!")
    if parts[0] in _IDS_AND_NAMES:
        _convert_groups(document, parts[0], directory)
    target: Any = document
    for part in parts[:-1]:
        target = _step(target, part, change, directory)
    last = parts[-1]
    if isinstance(target, list):
        _change_list(target, last, op, change, directory)
    elif not isinstance(target, dict):
        _fail(change, "No such item in target object!", last)
    elif op == "remove":
        if last not in target:
            _fail(change, "No such item in target object!", last)
        target.pop(last)
    else:
        target[last] = change.value
    return parts[0]


def _convert_groups(document: dict[str, Any], name: str, directory: Directory) -> None:
    """Convert groups to the form, ids or names, that this operation changes. The document then has that form
    only."""
    others = document.pop(_IDS_AND_NAMES[name], None) or []
    if name not in document:
        document[name] = [_other_form(name, other, directory) for other in others]


def _other_form(name: str, other: Any, directory: Directory) -> Any:
    if name == "groups":
        entry = directory.named(GROUP, other) if isinstance(other, str) else None
        return entry.number if entry else other
    entry = directory.numbered(GROUP, other) if isinstance(other, int) else None
    return entry.name if entry else other


def _step(target: Any, part: str, change: Operation, directory: Directory) -> Any:
    if isinstance(target, list):
        index = _find_index(target, part, directory)
        if index is None:
            _fail(change, "No such item in target array!", part)
        return target[index]
    if not isinstance(target, dict):
        _fail(change, "No such item in target object!", part)
    if part not in target and change.op.lower() == "add":
        target[part] = []
    if part not in target:
        _fail(change, "No such item in target object!", part)
    return target[part]


def _change_list(target: list[Any], last: str, op: str, change: Operation, directory: Directory) -> None:
    if last in _APPENDS:
        if op == "remove":
            _fail(change, "Nothing to remove at the end of an array!", last)
        target.append(change.value)
        return
    index = _find_index(target, last, directory)
    if index is None:
        _fail(change, "No such item in target array!", last)
    if op == "remove":
        del target[index]
    else:
        target[index] = change.value


def _find_index(target: list[Any], part: str, directory: Directory) -> int | None:
    """Return the index of the element in which a key has a value; in `value:..` that is the element
    itself."""
    key, colon, wanted = part.partition(":")
    if not colon:
        return None
    for index, item in enumerate(target):
        found = item if key == "value" and not isinstance(item, dict) else _member(item, key, directory)
        if found is not None and str(found) == wanted:
            return index
    return None


def _member(item: Any, key: str, directory: Directory) -> Any:
    """Return a member of an element. The prompt of a path is not stored with it, but in the directory."""
    if not isinstance(item, dict):
        return None
    if key == "prompt" and "prompt" not in item and isinstance(item.get("pathId"), int):
        entry = directory.numbered(PATH, item["pathId"])
        return entry.name if entry else None
    return item.get(key)


def _fail(change: Operation, message: str, part: str = "") -> NoReturn:
    raise Refusal(
        Problem(
            code=Code.BAD_VALUE,
            texts=("Patch failed due to input invalid!",),
            key=part,
            field=message,
            value=msgspec.json.encode(change).decode(),
        )
    )
