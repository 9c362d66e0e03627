"""Resolve: every name in a BulkWrite becomes an id, with one query per kind of name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from contactory.core.attributes import encode_values, find_definitions
from contactory.core.identities import Targets, find_targets
from contactory.core.references import find_references
from contactory.core.secrets import Seal, seal_secrets
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Problem
from contactory.store.database import Transaction


class Resolved(NamedTuple):
    """What the names meant: a record per row, columns without names, and the rows that cannot be written."""

    targets: Targets
    columns: dict[str, Sequence[Any]]
    problems: dict[int, Problem]


def resolve(transaction: Transaction, bulk: BulkWrite, seal: Seal | None) -> Resolved:
    sealed, unsealed = seal_secrets(bulk, transaction.organization_id, seal)
    columns, problems = {**bulk.columns, **sealed}, {**bulk.refused, **unsealed}
    for field, references in bulk.references.items():
        found = find_references(transaction, (reference for reference in references if reference))
        columns[field] = [reference and found[reference] for reference in references]
        problems |= {row: id_ for row, id_ in enumerate(columns[field]) if isinstance(id_, Problem)}
    definitions = find_definitions(transaction, chain.from_iterable(bulk.attributes.values()))
    look_up = find_targets(transaction, bulk)
    for field, values in bulk.attributes.items():
        columns[field], wrong = encode_values(definitions, values)
        problems |= wrong
    targets = look_up(problems)
    return Resolved(targets, columns, targets.problems | problems)
