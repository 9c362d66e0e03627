"""Attribute definitions, and the removal of their values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from contactory.model.attributes import AttributeDefinition
from contactory.model.fields import KINDS, LARGEST_ID
from contactory.store.database import Transaction
from contactory.store.loading import mapping
from contactory.store.queries import compose


def find_definitions(
    transaction: Transaction, ids: Collection[int] = (), names: Collection[str] = (), *, details: bool = False
) -> list[AttributeDefinition]:
    """Find the definitions with one of the ids or one of the names, of any class, ordered by id."""
    valid = [id_ for id_ in ids if 0 < id_ <= LARGEST_ID]
    return _definitions(transaction.rows("find_attributes", ids=valid, names=list(names), details=details))


def list_definitions(transaction: Transaction, after: int, size: int) -> list[AttributeDefinition]:
    """List the next definitions behind an id."""
    return _definitions(transaction.rows("list_attributes", after=after, size=size))


def _definitions(rows: Sequence[Any]) -> list[AttributeDefinition]:
    return [
        AttributeDefinition(
            id=row[0],
            attribute_class=row[1],
            name=row[2],
            type=row[3],
            details=mapping(row[4], "attribute", row[0]),
        )
        for row in rows
    ]


def add_definitions(transaction: Transaction, definitions: Sequence[AttributeDefinition]) -> int:
    """Add definitions; those without an id get a new one. Return how many were added: one whose id is taken,
    or whose name its class already has, is left out."""
    unnumbered = [definition for definition in definitions if not definition.id]
    if unnumbered:
        first = transaction.row("reserve_attribute_ids", amount=len(unnumbered))[0]
        ids = iter(range(first, first + len(unnumbered)))
        definitions = [
            definition if definition.id else msgspec.structs.replace(definition, id=next(ids))
            for definition in definitions
        ]
    return len(transaction.rows("add_attributes", definitions=msgspec.json.encode(definitions).decode()))


def update_details(transaction: Transaction, definitions: Sequence[AttributeDefinition]) -> set[int]:
    """Update the details of stored definitions; details that are not given stay. Return the ids of those that
    changed."""
    rows = transaction.rows("update_attribute_details", definitions=msgspec.json.encode(definitions).decode())
    return {row[0] for row in rows}


def delete_definition(transaction: Transaction, attribute_id: int) -> None:
    """Delete a definition and, in one pass over each kind of record, all its values."""
    transaction.run("delete_attribute", id=attribute_id)
    for kind in KINDS:
        transaction.run(compose("delete_attribute_values", kind), id=str(attribute_id))
