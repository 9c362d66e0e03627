"""Resolve: every name in a BulkWrite becomes an id, with one query per kind of name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, cast

import numpy as np

from contactory.columns.column import Ids, IntegerColumn
from contactory.core.attributes import Definitions, encode_values
from contactory.core.awaited import find_awaited, settle
from contactory.core.given_ids import judge_ids
from contactory.core.identities import find_targets, look_up
from contactory.core.largest import find_too_large
from contactory.core.reach import not_owned, refuse_to_give
from contactory.core.references import find_references
from contactory.core.secrets import Seal, seal_secrets
from contactory.core.targets import Known, Targets, made_by
from contactory.model.bulk import BulkWrite, Reference, References
from contactory.model.fields import OWNER
from contactory.model.problems import Code, Problem
from contactory.store.database import Transaction


class Names(NamedTuple):
    """What the rows' references mean, which of their ids and keys are known, and the attributes that have
    been looked up so far. `awaited`: references whose meaning depends on earlier rows."""

    references: dict[Reference, int | Problem]
    known: Known
    definitions: Definitions
    awaited: frozenset[Reference] = frozenset()


class Resolved(NamedTuple):
    """Meaning of the names: a record per row, columns without names, and the rows that cannot be written.
    `awaited`: records for columns, by row, of which some are still to be created (see `made_by`).
    `given_ids`: ids for such records, by the rows that make them."""

    targets: Targets
    columns: dict[str, Sequence[Any]]
    problems: dict[int, Problem]
    warnings: dict[int, Problem]
    awaited: Mapping[str, Mapping[int, int]] = {}
    given_ids: Mapping[int, int] = {}

    def with_new(self, ids: Ids) -> Resolved:
        """Return a copy with the ids of new records; `ids` has them by the rows that make them."""
        columns = dict(self.columns)
        for field, records in self.awaited.items():
            meant = np.fromiter(records.values(), np.int64, len(records))
            meant = np.where(meant < 0, ids[made_by(np.minimum(meant, -1))], meant)
            packed = IntegerColumn.from_array(meant, np.ones(len(meant), bool))
            columns[field] = cast("IntegerColumn", columns[field]).replace_rows([*records], packed)
        return self._replace(columns=columns, awaited={})


def find_names(transaction: Transaction, bulk: BulkWrite) -> Names:
    """Keys are looked for while the caller goes on."""
    references = filter(None, chain.from_iterable(column.named for column in bulk.references.values()))
    meanings, known = find_references(transaction, references), look_up(transaction, bulk)
    return Names(meanings, known, Definitions(), find_awaited(bulk, known))


def resolve(
    transaction: Transaction,
    bulk: BulkWrite,
    names: Names,
    seal: Seal | None,
    targets: Targets | None = None,
) -> Resolved:
    """`names` are those of these rows, and may be of more; `targets` are known beforehand where rows do not
    bear on each other."""
    sealed, unsealed = seal_secrets(bulk, transaction.organization_id, seal)
    columns, problems = {**bulk.columns, **sealed}, {**bulk.refused, **unsealed}
    for field, references in bulk.references.items():
        columns[field], missing = _resolve(references, names)
        problems |= missing
    names.definitions.look_up(transaction, bulk.attributes.values())
    for field, values in bulk.attributes.items():
        columns[field], wrong = encode_values(names.definitions, values, bulk.count)
        problems |= wrong
    problems = refuse_to_give(transaction, bulk.kind, columns.get(OWNER, ())) | problems
    awaited: Mapping[str, Mapping[int, int]] = {}
    given_ids: Mapping[int, int] = {}
    while True:
        if names.awaited:
            targets, awaited, lost = settle(transaction, bulk, names.known, names.awaited, problems.keys())
            problems |= lost
        targets = targets or find_targets(bulk, names.known, problems)
        wrong = find_too_large(transaction, bulk, targets.records, problems) if bulk.largest else {}
        if bulk.given_ids is not None:
            failed = problems.keys() | wrong.keys() | targets.problems.keys()
            given_ids, misplaced = judge_ids(transaction, bulk, targets.records, failed)
            wrong |= misplaced
        if not wrong:
            break
        problems |= wrong  # A row that is not written gives nobody a key, so others may mean something else.
        targets = None
    if hidden := names.known.hidden():
        others = [row for row, record in enumerate(targets.records.tolist()) if record in hidden]
        problems = dict.fromkeys(others, not_owned(bulk.kind)) | problems
    for field in {field for _, field in targets.foreign} & columns.keys():
        left = {row for row, name in targets.foreign if name == field}
        columns[field] = [None if row in left else value for row, value in enumerate(columns[field])]
    warnings = {
        row: Problem(code=Code.KEY_OF_ANOTHER, kind=bulk.kind.label, field=field)
        for row, field in targets.foreign
    }
    return Resolved(targets, columns, targets.problems | problems, warnings, awaited, given_ids)


def _resolve(references: References, names: Names) -> tuple[IntegerColumn, dict[int, Problem]]:
    """Ids of records, and the rows whose reference is to none."""
    meanings = names.references | dict.fromkeys(names.awaited, 0) if names.awaited else names.references
    meant = references.meanings(meanings)
    ids = np.array([record if isinstance(record, int) else 0 for record in meant], np.int64)
    missing = np.array([isinstance(record, Problem) for record in meant], bool)[references.number_of]
    problems = {row: meant[references.number_of[row]] for row in np.flatnonzero(missing).tolist()}
    return IntegerColumn.from_array(ids, ids > 0).take(references.number_of), problems
