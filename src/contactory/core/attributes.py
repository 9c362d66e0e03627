"""Resolve: attribute names to ids, and values against the type that was defined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from contactory.model.attributes import AttributeDefinition, accepts
from contactory.model.bulk import AttributeValue
from contactory.model.problems import Code, Problem
from contactory.store import attributes
from contactory.store.database import Transaction


class Definitions:
    """The definitions that values name, each looked up once."""

    def __init__(self) -> None:
        self._by_id: dict[int, AttributeDefinition | None] = {}
        self._by_name: dict[tuple[str, str], AttributeDefinition | None] = {}
        self._names: set[str] = set()

    def look_up(self, transaction: Transaction, rows: Iterable[Sequence[AttributeValue] | None]) -> None:
        """One query for all names that have not been looked up yet."""
        values = [value for row in rows if row for value in row]
        ids = {value.id for value in values if value.id is not None} - self._by_id.keys()
        names = {value.name for value in values if value.id is None} - self._names
        if not ids and not names:
            return
        self._by_id |= dict.fromkeys(ids)
        self._names |= names
        for definition in attributes.find_definitions(transaction, ids, names):
            self._by_id[definition.id] = definition
            self._by_name[definition.attribute_class, definition.name] = definition

    def of(self, value: AttributeValue) -> AttributeDefinition | None:
        """An id wins over a name."""
        if value.id is not None:
            return self._by_id.get(value.id)
        return self._by_name.get((value.attribute_class, value.name))


def encode_values(
    definitions: Definitions, rows: Sequence[Sequence[AttributeValue] | None]
) -> tuple[list[bytes | None], dict[int, Problem]]:
    """Per row a JSON object of attribute id -> value (null: delete it).

    A row with an attribute that is not defined, or a value that its type does not take, has a problem.
    """
    documents: list[bytes | None] = [None] * len(rows)
    problems: dict[int, Problem] = {}
    for position, row in enumerate(rows):
        if row:
            document = {}
            for value in row:
                definition = definitions.of(value)
                if definition and _fits(definition, value):
                    document[definition.id] = value.value
                else:
                    problems.setdefault(position, _problem(definition, value))
            documents[position] = msgspec.json.encode(document)
    return documents, problems


def _fits(definition: AttributeDefinition, value: AttributeValue) -> bool:
    return value.type in ("", definition.type) and (
        value.value is None or accepts(definition.type, value.value)
    )


def _problem(definition: AttributeDefinition | None, value: AttributeValue) -> Problem:
    key, named = ("name", value.name) if value.id is None else ("id", str(value.id))
    if definition is None:
        return Problem(code=Code.ATTRIBUTE_NOT_FOUND, key=key, value=named)
    return Problem(code=Code.ATTRIBUTE_TYPE_MISMATCH, key=key, value=definition.type)
