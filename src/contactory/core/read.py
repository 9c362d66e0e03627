"""Reading: find one record, or a page of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

from contactory.core.authors import name_authors
from contactory.core.reach import not_owned
from contactory.core.write.secrets import Decrypt
from contactory.model.attributes import AttributeDefinition
from contactory.model.commands import Find, Page, Record, Search
from contactory.model.fields import COMPANIES, FieldType, Kind
from contactory.model.limits import MOST_PARENTS
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import attributes, reading
from contactory.store.database import Transaction
from contactory.store.records import find_hidden

_DIGITS: Final = re.compile("[0-9]{1,18}")

logger = logging.getLogger(__name__)


def find(transaction: Transaction, wanted: Find, decrypt: Decrypt) -> Record:
    """Return the record. Raises Refusal (NOT_FOUND or SEVERAL_FOUND, or NOT_OWNED for another user's
    record)."""
    id_ = find_id(transaction, wanted)
    records = reading.read_records(transaction, wanted.kind, [id_], to_change=wanted.to_change)
    if not records:
        hidden = find_hidden(transaction, wanted.kind, [id_])
        raise Refusal(not_owned(wanted.kind)) if hidden else _not_found(wanted)
    _complete(transaction, wanted, records, decrypt)
    return records[0]


def find_id(transaction: Transaction, wanted: Find) -> int:
    """Return the id of the record; an id that was given need not be stored. Raises Refusal as `find` does."""
    ids = [wanted.id] if wanted.id is not None else reading.find_key_owners(transaction, wanted)
    if len(ids) > 1:
        raise Refusal(Problem(code=Code.SEVERAL_FOUND, kind=wanted.kind.label))
    if not ids:
        raise _not_found(wanted)
    return ids[0]


def _not_found(wanted: Find) -> Refusal:
    value = wanted.key if wanted.id is None else str(wanted.id)
    return Refusal(Problem(code=wanted.missing, kind=wanted.kind.label, key=wanted.key_name, value=value))


def search(transaction: Transaction, wanted: Search, decrypt: Decrypt) -> Page:
    records, found = reading.search_records(transaction, wanted)
    _complete(transaction, wanted, records, decrypt)
    return Page(records, found)


def list_values(
    transaction: Transaction, wanted: Find, decrypt: Decrypt
) -> list[tuple[AttributeDefinition, Any, bool]]:
    """Return the attribute values of a record: its own, and those of its companies upwards that it does not
    have itself. Values of a deleted definition are left out."""
    record = find(transaction, wanted, decrypt)
    own, above = record.values["attributes"], record.values["parent_id"]
    inherited: dict[str, Any] = {}
    visited = {0}
    while above not in visited and len(visited) <= MOST_PARENTS:
        visited.add(above)
        for parent in reading.read_records(transaction, COMPANIES, [above]):
            inherited = parent.values["attributes"] | inherited
            above = parent.values["parent_id"]
    ids = [int(id_) for id_ in own.keys() | inherited.keys() if _DIGITS.fullmatch(id_)]
    return [
        (definition, (inherited | own)[str(definition.id)], str(definition.id) not in own)
        for definition in attributes.find_definitions(transaction, ids=ids)
    ]


def _complete(
    transaction: Transaction, wanted: Find | Search, records: Sequence[Record], decrypt: Decrypt
) -> None:
    """Add the parts that the command asks for, with one query each for all records. Secrets are decrypted if
    it asks for them, else left out."""
    _decrypt_secrets(transaction, wanted.kind, records, decrypt if wanted.with_secrets else None)
    if wanted.with_identities:
        _add_identities(transaction, wanted.kind, records)
    if wanted.with_authors:
        name_authors(transaction, records)
    if wanted.with_parent:
        parent_ids = {record.values["parent_id"] for record in records}
        parents = reading.read_records(transaction, wanted.with_parent, parent_ids)
        _decrypt_secrets(transaction, wanted.with_parent, parents, None)
        if wanted.with_identities:
            _add_identities(transaction, wanted.with_parent, parents)
        by_id = {parent.id: parent for parent in parents}
        for record in records:
            record.parent = by_id.get(record.values["parent_id"])


def _add_identities(transaction: Transaction, kind: Kind, records: Sequence[Record]) -> None:
    identities = reading.read_identities(transaction, kind, [record.id for record in records])
    for record in records:
        record.identities = identities.get(record.id, ())


def _decrypt_secrets(
    transaction: Transaction, kind: Kind, records: Sequence[Record], decrypt: Decrypt | None
) -> None:
    """Decrypt the secret fields, or remove them if there is no `decrypt`. A secret that cannot be read
    becomes None; how many there are is logged."""
    unreadable = 0
    for field, type_ in kind.fields.items():
        if type_ is not FieldType.SECRET:
            continue
        for record in records:
            encrypted = record.values.pop(field)
            if decrypt:
                record.values[field] = text = decrypt(transaction.organization_id, encrypted)
                unreadable += text is None
    if unreadable:
        logger.error(
            "%d personal numbers of organization %d cannot be read: another key, or damaged",
            *(unreadable, transaction.organization_id),
        )
