"""Resolve: attribute names to ids, and values against the type that was defined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from contactory.columns.column import BytesColumn
from contactory.columns.pgcopy import write_objects
from contactory.columns.values import ARRAY, DAY, INTEGER, NONE, OTHER, TEXT, kinds_of
from contactory.model.attributes import AttributeDefinition, AttributeName, AttributeValues, accepts
from contactory.model.problems import Code, Problem
from contactory.store import attributes
from contactory.store.database import Transaction

# Kinds of values of which a type accepts all; of other kinds it accepts some values.
_ACCEPTED: Final = {
    "integer": (NONE, INTEGER),
    "decimal": (NONE, INTEGER),
    "date": (NONE, DAY),
    "datetime": (NONE, DAY),
    "enum": (NONE, TEXT, DAY),
    "color": (NONE, TEXT, DAY),
}
# Types of values that attributes of another type accept, too: several values chosen from an enum.
_ALSO: Final = {("enumlist", "enum")}
_ACCEPTED_BY_OTHERS: Final = (NONE, TEXT, DAY, ARRAY)


class Definitions:
    """Definitions of attributes that values name, each looked up once."""

    def __init__(self) -> None:
        self._by_id: dict[int, AttributeDefinition | None] = {}
        self._by_name: dict[tuple[str, str], AttributeDefinition | None] = {}
        self._names: set[str] = set()

    def look_up(self, transaction: Transaction, columns: Iterable[AttributeValues]) -> None:
        """Look up all names that have not been looked up yet, with one query."""
        named = [name for column in columns for name in column.names]
        ids = {name.id for name in named if name.id is not None} - self._by_id.keys()
        names = {name.name for name in named if name.id is None} - self._names
        if not ids and not names:
            return
        self._by_id |= dict.fromkeys(ids)
        self._names |= names
        for definition in attributes.find_definitions(transaction, ids, names):
            self._by_id[definition.id] = definition
            self._by_name[definition.attribute_class, definition.name] = definition

    def of(self, name: AttributeName) -> AttributeDefinition | None:
        """Return the definition of a name, or None; an id takes precedence over a name."""
        if name.id is not None:
            return self._by_id.get(name.id)
        return self._by_name.get((name.attribute_class, name.name))


def encode_values(
    definitions: Definitions, given: AttributeValues, count: int
) -> tuple[BytesColumn[bytes], dict[int, Problem]]:
    """Return for each of `count` rows a JSON object of attribute id -> value (null: delete it).

    A row has a problem if an attribute is not defined, or if its type does not accept the value.
    """
    found = [definitions.of(name) for name in given.names]
    problems: dict[int, Problem] = {}
    for index in np.flatnonzero(~_fit(found, given)).tolist():
        number = given.name_of[index]
        problems.setdefault(int(given.rows[index]), _problem(found[number], given.names[number]))
    ids = [b'"%d":' % (definition.id if definition else 0) for definition in found]
    values = given.values
    objects = write_objects(
        values.source,
        values.starts,
        values.lengths,
        given.rows,
        np.frombuffer(b"".join(ids), np.uint8),
        np.cumsum([*map(len, ids)], dtype=np.int32),
        given.name_of,
        count,
    )
    return BytesColumn(*objects), problems


def _fit(found: Sequence[AttributeDefinition | None], given: AttributeValues) -> npt.NDArray[np.bool_]:
    """Tell for each value whether its attribute accepts it."""
    accepted = np.zeros((len(found), OTHER + 1), bool)
    for number, (definition, name) in enumerate(zip(found, given.names, strict=True)):
        if definition and (name.type in ("", definition.type) or (name.type, definition.type) in _ALSO):
            accepted[number, [*_ACCEPTED.get(name.type or definition.type, _ACCEPTED_BY_OTHERS)]] = True
    values = given.values
    fit = accepted[given.name_of, kinds_of(values.source, values.starts, values.lengths)]
    for index in np.flatnonzero(~fit & accepted[given.name_of, NONE]).tolist():
        number = given.name_of[index]
        definition, name = found[number], given.names[number]
        value = msgspec.json.decode(values[index] or b"null")
        fit[index] = definition is not None and accepts(name.type or definition.type, value)
    return fit


def _problem(definition: AttributeDefinition | None, attribute: AttributeName) -> Problem:
    key, named = ("name", attribute.name) if attribute.id is None else ("id", str(attribute.id))
    if definition is None:
        return Problem(code=Code.ATTRIBUTE_NOT_FOUND, key=key, value=named)
    return Problem(code=Code.ATTRIBUTE_TYPE_MISMATCH, field=named, key=key, value=definition.type)
