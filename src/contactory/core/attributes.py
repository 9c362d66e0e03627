"""Resolve: attribute names to ids, and values against the type that was defined."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contactory.model.attributes import AttributeDefinition, accepts
from contactory.model.bulk import AttributeValue
from contactory.model.problems import Code, Problem
from contactory.store import attributes
from contactory.store.database import Transaction


class Definitions:
    """The definitions that some values name."""

    def __init__(self, definitions: Sequence[AttributeDefinition]) -> None:
        self._by_id = {definition.id: definition for definition in definitions}
        self._by_name = {
            (definition.attribute_class, definition.name): definition for definition in definitions
        }

    def of(self, value: AttributeValue) -> AttributeDefinition | Problem:
        """The definition (an id wins over a name), or what is wrong with the value."""
        if value.id:
            definition, key, named = self._by_id.get(value.id), "id", str(value.id)
        else:
            key, named = "name", value.name
            definition = self._by_name.get((value.attribute_class, value.name))
        if definition is None:
            return Problem(code=Code.ATTRIBUTE_NOT_FOUND, key=key, value=named)
        same_type = not value.type or value.type == definition.type
        if not same_type or (value.value is not None and not accepts(definition.type, value.value)):
            return Problem(code=Code.ATTRIBUTE_TYPE_MISMATCH, key=key, value=definition.type)
        return definition


def encode_values(
    transaction: Transaction, rows: Sequence[Sequence[AttributeValue] | None]
) -> tuple[list[bytes | None], dict[int, Problem]]:
    """Per row a JSON object of attribute id -> value (null: delete it). One query for all names.

    A row with an attribute that is not defined, or a value that its type does not take, has a problem.
    """
    values = [value for row in rows if row for value in row]
    definitions = Definitions(
        attributes.find_definitions(
            transaction,
            ids={value.id for value in values if value.id},
            names={value.name for value in values if not value.id},
        )
    )
    documents: list[bytes | None] = [None] * len(rows)
    problems: dict[int, Problem] = {}
    for position, row in enumerate(rows):
        if not row:
            continue
        document = {}
        for value in row:
            definition = definitions.of(value)
            if isinstance(definition, Problem):
                problems.setdefault(position, definition)
            else:
                document[str(definition.id)] = value.value
        documents[position] = msgspec.json.encode(document)
    return documents, problems
