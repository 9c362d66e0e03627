"""What a client may say about how a bulk body is to be applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NoReturn

from contactory.dialects.base import json_encode
from contactory.dialects.propeller.resources import Resource
from contactory.dialects.sizes import shorten
from contactory.model.bulk import BulkWrite
from contactory.model.fields import Mode
from contactory.model.problems import Code, Problem, Refusal

# What identifies a record, and what no row of a bulk call has: an update never changes these.
_NEVER_CHANGED: Final = ("id", "source", "sourceId", "language", "login", "fullName")


def direct(write: BulkWrite, resource: Resource, directives: Any = None) -> BulkWrite:
    """Set the modes that the directives ask for; both documented shapes are taken."""
    # The language is part of what identifies a record; an update does not change it.
    write.modes["language"] = Mode.INITIAL
    for place, operation, fields in _operations(directives):
        match operation:
            case "skipIfNotEmpty":
                for index, name in enumerate(fields):
                    if name in _NEVER_CHANGED:
                        continue
                    write.modes[_field(resource, name, f"{place}/{index}")] = Mode.FILL
            case "skipMoveOnUpdate":
                write.modes["parent_id"] = Mode.INITIAL
            case "skipCreate":
                write.may_create = False
            case "mergeTranslationsOnUpdate":
                pass  # These resources have no translations.
            case _:
                _refuse(place, operation)
    return write


def _operations(directives: Any) -> Iterator[tuple[str, Any, list[Any]]]:
    """(place, operation, fields) of `[{"operation": .., "fields": [..]}]` or `{operation: [..] or bool}`."""
    if isinstance(directives, dict):
        for operation, fields in directives.items():
            if fields is not False:
                yield f"#/directives/{operation}", operation, _listed(fields)
        return
    for index, directive in enumerate(directives or ()):
        place = f"#/directives/{index}"
        if not isinstance(directive, dict):
            _refuse(place, directive)
        if "operation" not in directive:
            raise Refusal(Problem(code=Code.INVALID, texts=(f"{place}: required key [operation] not found",)))
        yield place, directive["operation"], _listed(directive.get("fields"))


def _listed(fields: Any) -> list[Any]:
    """A single field may stand without its list."""
    if isinstance(fields, list):
        return fields
    return [fields] if isinstance(fields, str) else []


def _field(resource: Resource, name: Any, place: str) -> str:
    others = {"parent": "parent_id", "dateOfBirth": "date_of_birth"}
    others |= {key: key for key in ("gender", "attributes", "pricing", "addresses")}
    field = {**resource.texts, **resource.numbers, **others}.get(name) if isinstance(name, str) else None
    return field if field in resource.kind.fields else _refuse(place, name)


def _refuse(place: str, value: Any) -> NoReturn:
    given = value if isinstance(value, str) else json_encode(value).decode()
    text = f"{shorten(place)}: {shorten(given)} is not a valid enum value"
    raise Refusal(Problem(code=Code.INVALID, texts=(text,)))
