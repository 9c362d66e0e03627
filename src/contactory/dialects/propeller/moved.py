"""Records of an account's file: what GET shows of one becomes a row as a bulk call by id has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from contactory.dialects.base import json_encode
from contactory.dialects.propeller.answers import ATTRIBUTES
from contactory.dialects.propeller.decode import parse
from contactory.dialects.propeller.pricing import is_pricing
from contactory.dialects.propeller.resources import RESOURCES, Bulk, Resource
from contactory.dialects.propeller.single import read_single_value
from contactory.dialects.propeller.violations import refuse_body
from contactory.model.problems import Code, Problem, Refusal

OF_PATH: Final = {resource.path: resource for resource in RESOURCES}
_SOURCE_KEYS: Final = (("source", "sourceId"), ("name", "id"))  # of an entry in `sources`: v1's, and v2's


class Moved(NamedTuple):
    """A record: its row, which has the first of its sources, all of these, and its login, if they are given.
    One that `only_changes` must be there."""

    resource: Resource
    row: Any
    sources: Sequence[tuple[str, str | int]] = ()
    login: str | None = None
    only_changes: bool = False


def by_id(resource: Resource) -> Bulk:
    """Return the bulk call whose rows are those of a file."""
    return next(bulk for bulk in resource.bulks if bulk.lookup_key == "id")


def read_moved(path: str, document: dict[str, Any], *, only_changes: bool) -> Moved:
    """Read a record of the resource at `path`. Raises Refusal with all that is wrong, each with its field.
    What an answer shows and nobody can write is left out, such as `dateCreated`."""
    resource = OF_PATH[path]
    bulk = by_id(resource)
    sources = _sources(document)
    given = {key: document[key] for key in bulk.body_schema.rows.fields if document.get(key) is not None}
    given |= dict(zip(("source", "sourceId"), sources[0], strict=True)) if sources else {}
    if type(given.get("id")) is not int:
        raise _wrong("id is required" if "id" not in given else "id is not a whole number")
    if "name" in bulk.body_schema.rows.fields and "name" not in given and document.get("company"):
        given["name"] = document["company"]
    if "parent" in given:
        given["parent"] = _parent(given["parent"])
    if ATTRIBUTES in given:
        given[ATTRIBUTES] = _values(given[ATTRIBUTES])
    row = _read_row(bulk, {key: value for key, value in given.items() if value is not None})
    login = document.get("login") if resource.single_only else None
    if login is not None and not isinstance(login, str):
        raise _wrong("login: expected type: String")
    return Moved(resource, row, sources, read_single_value("login", login), only_changes)


def _read_row(bulk: Bulk, row: dict[str, Any]) -> Any:
    """Read one row as its bulk call does, and as strictly as the schema of that call."""
    body, place = json_encode({bulk.rows_key: [row]}), f"#/{bulk.rows_key}/0"
    try:
        refuse_body(bulk.schema, body, rows_key=bulk.rows_key, most=1)
        (read,) = parse(bulk, body, 1).rows
    except Refusal as refusal:
        texts = [text.removeprefix(place).lstrip("/: ") for text in refusal.problem.texts]
        raise _wrong(*texts) from refusal
    if "pricing" in row and not is_pricing(json_encode(row["pricing"])):
        raise _wrong("pricing cannot be read")
    return read


def _sources(document: dict[str, Any]) -> list[tuple[str, str | int]]:
    """Return the keys of a record, each once: those in `sources`, or else its source and sourceId."""
    given = document.get("sources")
    if given is None:
        given = [document] if document.get("sourceId") is not None else []
    found: dict[tuple[str, str | int], None] = {}
    for place, entry in enumerate(given if isinstance(given, list) else [given]):
        keys = [_key(entry, *names) for names in _SOURCE_KEYS] if isinstance(entry, dict) else []
        key = next(filter(None, keys), None)
        if key is None:
            raise _wrong(f"sources/{place} is not an object of source and sourceId")
        found[key] = None
    return list(found)


def _key(entry: dict[str, Any], source: str, key: str) -> tuple[str, str | int] | None:
    given, number = entry.get(source), entry.get(key)
    if isinstance(given, str) and isinstance(number, str | int) and not isinstance(number, bool):
        return given, number
    return None


def _parent(given: Any) -> Any:
    """Name a company as rows do: by its id, or else by its source. None for {}, which is no company."""
    if not isinstance(given, dict):
        return given
    if given.get("id") is not None:
        return {"id": given["id"]}
    sources = _sources(given)
    return dict(zip(("source", "sourceId"), sources[0], strict=True)) if sources else None


def _values(given: Any) -> Any:
    """Return the values that are the record's own, of an array or of what the call for them answers."""
    given = given.get("data", given) if isinstance(given, dict) else given
    return _own([_own_value(each) for each in given]) if isinstance(given, list) else given


def _own_value(value: Any) -> Any:
    """Reduce a value in several languages, of which each may be inherited, to those that are not."""
    parts = value.get("value") if isinstance(value, dict) else None
    if not isinstance(parts, list):
        return value
    own = _own(parts)
    return value | ({"value": own} if own or not parts else {"inherited": True})


def _own(given: list[Any]) -> list[Any]:
    own = [each for each in given if not (isinstance(each, dict) and each.get("inherited") is True)]
    return [
        {key: part for key, part in each.items() if key != "inherited"} if isinstance(each, dict) else each
        for each in own
    ]


def _wrong(*texts: str) -> Refusal:
    return Refusal(Problem(code=Code.BAD_VALUE, texts=texts))
