"""The directives of a bulk body, by which a client sets how rows are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NoReturn

from contactory.dialects.base import json_encode
from contactory.dialects.propeller.resources import Resource
from contactory.dialects.sizes import shorten
from contactory.model.bulk import WriteOptions
from contactory.model.fields import Mode
from contactory.model.problems import Code, Problem, Refusal

# Fields that identify a record, or that no row of a bulk call has: an update never changes these.
_NEVER_CHANGED: Final = ("id", "source", "sourceId", "language", "login", "fullName")


def apply_directives(write: WriteOptions, resource: Resource, directives: Any = None) -> None:
    """Set the modes of the write by the directives, in either documented form. Raises Refusal (INVALID)."""
    # The language is part of a record's key; an update does not change it.
    write.modes["language"] = Mode.INITIAL
    for pointer, operation, fields in _operations(directives):
        match operation:
            case "skipIfNotEmpty":
                for index, name in enumerate(fields):
                    if name in _NEVER_CHANGED:
                        continue
                    write.modes[_field(resource, name, f"{pointer}/{index}")] = Mode.FILL
            case "skipMoveOnUpdate":
                write.modes["parent_id"] = Mode.INITIAL
            case "skipCreate":
                write.may_create = False
            case "mergeTranslationsOnUpdate":
                pass  # These resources have no translations.
            case _:
                _refuse(pointer, operation)


def _operations(directives: Any) -> Iterator[tuple[str, Any, list[Any]]]:
    """Yield (JSON pointer, operation, fields) of `[{"operation": .., "fields": [..]}]`, or of
    `{operation: [..] or bool}`."""
    if isinstance(directives, dict):
        for operation, fields in directives.items():
            if fields is not False:
                yield f"#/directives/{operation}", operation, _listed(fields)
        return
    for index, directive in enumerate(directives or ()):
        pointer = f"#/directives/{index}"
        if not isinstance(directive, dict):
            _refuse(pointer, directive)
        if "operation" not in directive:
            missing = f"{pointer}: required key [operation] not found"
            raise Refusal(Problem(code=Code.INVALID, texts=(missing,)))
        yield pointer, directive["operation"], _listed(directive.get("fields"))


def _listed(fields: Any) -> list[Any]:
    """Return the list of fields; a single field may be given without a list."""
    if isinstance(fields, list):
        return fields
    return [fields] if isinstance(fields, str) else []


def _field(resource: Resource, name: Any, pointer: str) -> str:
    others = {"parent": "parent_id", "dateOfBirth": "date_of_birth"}
    others |= {key: key for key in ("gender", "attributes", "pricing", "addresses")}
    field = {**resource.texts, **resource.numbers, **others}.get(name) if isinstance(name, str) else None
    return field if field in resource.kind.fields else _refuse(pointer, name)


def _refuse(pointer: str, value: Any) -> NoReturn:
    written = value if isinstance(value, str) else json_encode(value).decode()
    text = f"{shorten(pointer)}: {shorten(written)} is not a valid enum value"
    raise Refusal(Problem(code=Code.INVALID, texts=(text,)))
