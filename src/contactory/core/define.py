"""Attribute definitions: made, changed, found and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from contactory.model.attributes import AttributeDefinition
from contactory.model.bulk import Outcomes, Status
from contactory.model.commands import DefineAttributes, FindAttribute
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import attributes, records
from contactory.store.database import Transaction
from contactory.store.errors import Contended

_Name = tuple[str, str]  # class and name


def define(transaction: Transaction, wanted: DefineAttributes) -> Outcomes:
    """Create new ones; of those that exist the details change where they differ, and name, class and type do
    not.

    Five queries at most, however many definitions. Raises Contended when another transaction defines one of
    them, or takes their ids, at the same moment.
    """
    records.take_turn(transaction, alone=False)  # So that nobody else defines any when this is done again.
    given = wanted.definitions
    stored = _find(transaction, given)
    known, types = _ids(stored), {_name(definition): definition.type for definition in stored}
    statuses, problems = [Status.FAILED] * len(given), {}
    new: dict[_Name, AttributeDefinition] = {}
    given_to: dict[int, _Name] = {}
    for row, definition in enumerate(given):
        name = _name(definition)
        problem = _refuse(wanted, known, definition)
        if wanted.with_ids and definition.id and not problem:
            problem = _refuse_id(definition, known, new.get(name), given_to.get(definition.id, name))
            problem = problem or _refuse_type(definition, types)
        if problem:
            problems[row] = problem
        elif _key(wanted, definition) in known or name in new:
            statuses[row] = Status.UPDATED
        else:
            id_ = definition.id if wanted.with_ids else 0
            statuses[row], new[name] = Status.CREATED, msgspec.structs.replace(definition, id=id_)
            given_to[id_] = name
    if new:
        if attributes.add_definitions(transaction, list(new.values())) < len(new):
            raise Contended
        known = _ids(_find(transaction, given))
    ids = [known[key] if (key := _key(wanted, definition)) in known else 0 for definition in given]
    changes = [
        msgspec.structs.replace(definition, id=id_)
        for definition, id_, status in zip(given, ids, statuses, strict=True)
        if status is Status.UPDATED
    ]
    described = attributes.describe(transaction, changes) if changes else ()
    for row, (id_, status) in enumerate(zip(ids, statuses, strict=True)):
        if status is Status.UPDATED and id_ not in described:
            statuses[row] = Status.UNCHANGED
    return Outcomes(statuses, ids, problems)


def find_definition(transaction: Transaction, wanted: FindAttribute) -> AttributeDefinition:
    """Raises Refusal with ATTRIBUTE_NOT_FOUND, also when a name is that of several classes."""
    found = [
        definition
        for definition in attributes.find_definitions(
            transaction,
            () if wanted.id is None else (wanted.id,),
            () if wanted.id is not None else (wanted.name,),
            details=True,
        )
        if wanted.attribute_class in ("", definition.attribute_class)
    ]
    if len(found) != 1:
        key, value = ("name", wanted.name) if wanted.id is None else ("id", str(wanted.id))
        raise Refusal(Problem(code=Code.ATTRIBUTE_NOT_FOUND, key=key, value=value))
    return found[0]


def _find(transaction: Transaction, given: Sequence[AttributeDefinition]) -> list[AttributeDefinition]:
    """Find the stored definitions of the same ids or names."""
    return attributes.find_definitions(
        transaction,
        ids={definition.id for definition in given if definition.id},
        names={definition.name for definition in given},
    )


def _ids(stored: Sequence[AttributeDefinition]) -> dict[int | _Name, int]:
    """Return the ids of stored definitions, by id and by class and name."""
    return {definition.id: definition.id for definition in stored} | {
        _name(definition): definition.id for definition in stored
    }


def _refuse(
    wanted: DefineAttributes, known: Mapping[int | _Name, int], definition: AttributeDefinition
) -> Problem | None:
    if wanted.by_id and definition.id:
        if definition.id not in known:
            return Problem(code=Code.ATTRIBUTE_NOT_FOUND, key="id", value=str(definition.id))
    elif _name(definition) in known and (wanted.by_id or not wanted.may_exist):
        return Problem(code=Code.ATTRIBUTE_EXISTS, key="name", value=definition.name)
    return None


def _refuse_id(
    definition: AttributeDefinition,
    known: Mapping[int | _Name, int],
    earlier: AttributeDefinition | None,
    given_to: _Name,
) -> Problem | None:
    """Return what is wrong with an id that is given. `earlier`: the new definition of that name; `given_to`:
    the name of the one to which an earlier row gives the id."""
    id_, name = definition.id, _name(definition)
    stored = known.get(name) or (earlier.id if earlier else id_)
    if not 0 < id_ <= LARGEST_GIVEN_ID:
        code = Code.BAD_ID
    elif stored != id_:
        code = Code.ID_DIFFERS
    elif (id_ in known and name not in known) or given_to != name:
        code = Code.ID_TAKEN
    else:
        return None
    return Problem(code=code, kind="Attribute", field="id", value=str(id_))


def _refuse_type(definition: AttributeDefinition, types: Mapping[_Name, str]) -> Problem | None:
    """Return a problem where the stored definition of that name is of another type, and so are its values."""
    stored = types.get(_name(definition), definition.type)
    if stored == definition.type:
        return None
    return Problem(code=Code.ATTRIBUTE_TYPE_MISMATCH, key="type", field="type", value=stored)


def _name(definition: AttributeDefinition) -> _Name:
    return definition.attribute_class, definition.name


def _key(wanted: DefineAttributes, definition: AttributeDefinition) -> int | _Name:
    return definition.id if wanted.by_id and definition.id else _name(definition)
