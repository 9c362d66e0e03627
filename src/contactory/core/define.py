"""Attribute definitions: create, change, find and delete them."""

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
    """Create definitions that are not stored. Of those that are, change the details where they differ, but
    not name, class and type.

    Runs five queries at most, however many definitions there are. Raises Contended when another transaction
    creates one of them, or takes an id, at the same moment.
    """
    records.lock_organization(
        transaction, exclusive=False
    )  # A retry locks exclusively, so that no other call defines any then.
    given = wanted.definitions
    found = _find(transaction, given)
    stored, types = _ids(found), {_name(definition): definition.type for definition in found}
    statuses, problems = [Status.FAILED] * len(given), {}
    new: dict[_Name, AttributeDefinition] = {}
    given_to: dict[int, _Name] = {}
    for row, definition in enumerate(given):
        name = _name(definition)
        problem = _refuse(wanted, stored, definition)
        if wanted.with_ids and definition.id and not problem:
            problem = _refuse_id(definition, stored, new.get(name), given_to.get(definition.id, name))
            problem = problem or _refuse_type(definition, types)
        if problem:
            problems[row] = problem
        elif _key(wanted, definition) in stored or name in new:
            statuses[row] = Status.UPDATED
        else:
            id_ = definition.id if wanted.with_ids else 0
            statuses[row], new[name] = Status.CREATED, msgspec.structs.replace(definition, id=id_)
            given_to[id_] = name
    if new:
        if attributes.add_definitions(transaction, list(new.values())) < len(new):
            raise Contended
        stored = _ids(_find(transaction, given))
    ids = [stored[key] if (key := _key(wanted, definition)) in stored else 0 for definition in given]
    changes = [
        msgspec.structs.replace(definition, id=id_)
        for definition, id_, status in zip(given, ids, statuses, strict=True)
        if status is Status.UPDATED
    ]
    updated = attributes.update_details(transaction, changes) if changes else ()
    for row, (id_, status) in enumerate(zip(ids, statuses, strict=True)):
        if status is Status.UPDATED and id_ not in updated:
            statuses[row] = Status.UNCHANGED
    return Outcomes(statuses, ids, problems)


def find_definition(transaction: Transaction, wanted: FindAttribute) -> AttributeDefinition:
    """Return the definition. Raises Refusal (ATTRIBUTE_NOT_FOUND), also when several classes have the
    name."""
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
    wanted: DefineAttributes, stored: Mapping[int | _Name, int], definition: AttributeDefinition
) -> Problem | None:
    if wanted.by_id and definition.id:
        if definition.id not in stored:
            return Problem(code=Code.ATTRIBUTE_NOT_FOUND, key="id", value=str(definition.id))
    elif _name(definition) in stored and (wanted.by_id or not wanted.may_exist):
        return Problem(code=Code.ATTRIBUTE_EXISTS, key="name", value=definition.name)
    return None


def _refuse_id(
    definition: AttributeDefinition,
    stored: Mapping[int | _Name, int],
    earlier: AttributeDefinition | None,
    given_to: _Name,
) -> Problem | None:
    """Return the problem of a given id, or None. `earlier`: the new definition of that name; `given_to`: the
    name of the definition to which an earlier row gives the id."""
    id_, name = definition.id, _name(definition)
    current = stored.get(name) or (earlier.id if earlier else id_)
    if not 0 < id_ <= LARGEST_GIVEN_ID:
        code = Code.BAD_ID
    elif current != id_:
        code = Code.ID_DIFFERS
    elif (id_ in stored and name not in stored) or given_to != name:
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
