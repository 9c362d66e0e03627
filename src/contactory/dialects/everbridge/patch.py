"""Partial updates in the vendor's form (page "Update Contact Partially"): like JSON Patch, but elements of an
array are found by a key and its value, as in /paths/pathId:241901148045319/pathEnable."""

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
_NEEDED: Final = (("externalId",), ("recordTypeId", "recordTypeName"))


def apply(document: dict[str, Any], changes: list[Operation], directory: Directory) -> Contact:
    """Apply changes and return what is to be written: the fields that were changed, and no others. Raises
    Refusal, with what could not be done."""
    document = deepcopy(document)  # Its lists are the record's, by which the changes are judged.
    changed: dict[str, None] = {}
    for change in changes:
        field = _apply(document, change, directory)
        changed.pop(_IDS_AND_NAMES.get(field, ""), None)
        changed[field] = None
    made = {field: document.get(field, [] if field in _IDS_AND_NAMES else None) for field in changed}
    for path in many(made.get("paths")):
        if isinstance(path, dict) and path.get("quietTimeFrames") is None:
            path["quietTimeFrames"] = []  # It has none; nothing stored is to be kept for it.
    for fields in _NEEDED:
        if not changed.keys().isdisjoint(fields) and not any(
            str(made.get(field) or "").strip() for field in fields
        ):
            raise bad(f"{' or '.join(fields)} is required.")
    try:
        return from_document(made)
    except msgspec.ValidationError as error:
        raise mismatch(error) from error


def _apply(document: dict[str, Any], change: Operation, directory: Directory) -> str:
    """Answers the field that was changed."""
    op = change.op.lower()
    parts = [part.replace("~1", "/") for part in change.path.split("/")[1:]]
    if op not in ("add", "replace", "remove") or not change.path.startswith("/") or not parts[0]:
        _fail(change, "Unknown operation or path!")
    if parts[0] in _IDS_AND_NAMES:
        _follow(document, parts[0], directory)
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


def _follow(document: dict[str, Any], name: str, directory: Directory) -> None:
    """Groups are shown by id and by name, and are changed in either form: that of an earlier operation is
    turned into this one's."""
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
        place = _place(target, part, directory)
        if place is None:
            _fail(change, "No such item in target array!", part)
        return target[place]
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
    place = _place(target, last, directory)
    if place is None:
        _fail(change, "No such item in target array!", last)
    if op == "remove":
        del target[place]
    else:
        target[place] = change.value


def _place(target: list[Any], part: str, directory: Directory) -> int | None:
    """Where the element is of which a key has a value; `value:` is the element itself."""
    key, colon, wanted = part.partition(":")
    if not colon:
        return None
    for place, item in enumerate(target):
        found = item if key == "value" and not isinstance(item, dict) else _member(item, key, directory)
        if found is not None and str(found) == wanted:
            return place
    return None


def _member(item: Any, key: str, directory: Directory) -> Any:
    """A path is also found by its prompt, which is not kept with it."""
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
