"""Attribute definitions of an account's file, in the form of v1 or of v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from contactory.dialects.accounts import Item, ItemsError
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.attributes import read_definition
from contactory.dialects.propeller.descriptions import from_description
from contactory.dialects.propeller.violations import check_document, refuse_document
from contactory.model.attributes import AttributeDefinition
from contactory.model.problems import Refusal

_SHOWN: Final = ("defaultLanguage", "valuesetId")  # kept as they are shown, though no call of v1 takes them
_GIVEN: Final = schemas.ATTRIBUTE_DEFINITION["properties"].keys()


def read_definitions(items: Sequence[Item]) -> dict[int, AttributeDefinition]:
    """Read definitions, by row. One that stands there again with the same content is left out. Raises
    ItemsError for all that are wrong, and for two of the same id or name."""
    definitions: dict[int, AttributeDefinition] = {}
    rows: dict[int | tuple[str, str], int] = {}
    faults = []
    for row, item in enumerate(items):
        try:
            definition = _read(item.document)
        except Refusal as refusal:
            faults += [(item, text.removeprefix("#").lstrip("/: ")) for text in refusal.problem.texts]
            continue
        except ValueError as error:
            faults.append((item, str(error)))
            continue
        name = definition.attribute_class, definition.name
        if (same := rows.setdefault(definition.id, row)) != row:
            if definitions.get(same) != definition:
                faults.append((item, f"the id is also that of {items[same].place}."))
        elif (same := rows.setdefault(name, row)) != row:
            faults.append((item, f"the name is also that of {items[same].place}."))
        else:
            definitions[row] = definition
    if faults:
        raise ItemsError(faults)
    return definitions


def _read(document: dict[str, Any]) -> AttributeDefinition:
    """Raises Refusal, and ValueError for an id that is none."""
    shown = from_description(document) if "attributeClass" in document else document
    if type(shown.get("id")) is not int:
        raise ValueError("id is not a whole number." if "id" in shown else "id is required.")
    given = {key: shown[key] for key in _GIVEN if shown.get(key) is not None}
    refuse_document(schemas.ATTRIBUTE_DEFINITION, given)
    kept = {key: shown[key] for key in _SHOWN if shown.get(key) is not None}
    check_document("#", given | kept)
    return read_definition(given | kept | {"id": shown["id"]})
