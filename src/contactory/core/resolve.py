"""Resolve: every name in a BulkWrite becomes an id, with one query per kind of name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, cast

import numpy as np

from contactory.columns.column import Ids, IntegerColumn
from contactory.core.attributes import Definitions, encode_values
from contactory.core.awaited import find_awaited, resolve_awaited
from contactory.core.given_ids import check_ids
from contactory.core.identities import find_targets, look_up
from contactory.core.largest import find_too_large
from contactory.core.reach import not_owned, refuse_to_give
from contactory.core.references import find_references
from contactory.core.secrets import Encrypt, encrypt_secrets
from contactory.core.targets import Lookup, Targets, creating_rows
from contactory.model.bulk import BulkWrite, Reference, References
from contactory.model.fields import OWNER
from contactory.model.problems import Code, Problem
from contactory.store.database import Transaction


class Names(NamedTuple):
    """Names that rows give, looked up.

    references: the record id of each, or why there is none.
    lookup: the stored state of ids and keys.
    definitions: attributes that have been looked up so far.
    awaited: references whose record depends on earlier rows.
    """

    references: dict[Reference, int | Problem]
    lookup: Lookup
    definitions: Definitions
    awaited: frozenset[Reference] = frozenset()


class Resolved(NamedTuple):
    """Rows with ids in place of names: a target per row, columns of values, and the rows that cannot be
    written.

    awaited: by field and row, the record referred to, which may be a pending id (see `pending_ids`).
    given_ids: ids for new records, by the rows that create them.
    """

    targets: Targets
    columns: dict[str, Sequence[Any]]
    problems: dict[int, Problem]
    warnings: dict[int, Problem]
    awaited: Mapping[str, Mapping[int, int]] = {}
    given_ids: Mapping[int, int] = {}

    def with_new(self, ids: Ids) -> Resolved:
        """Return a copy with ids in place of pending ids; `ids` has those of new records by the rows that
        create them."""
        columns = dict(self.columns)
        for field, records in self.awaited.items():
            targets = np.fromiter(records.values(), np.int64, len(records))
            targets = np.where(targets < 0, ids[creating_rows(np.minimum(targets, -1))], targets)
            column = IntegerColumn.from_array(targets, np.ones(len(targets), bool))
            columns[field] = cast("IntegerColumn", columns[field]).replace_rows([*records], column)
        return self._replace(columns=columns, awaited={})


def find_names(transaction: Transaction, bulk: BulkWrite) -> Names:
    """Look up references, ids and keys; the query for keys runs while the caller goes on."""
    references = filter(None, chain.from_iterable(column.named for column in bulk.references.values()))
    records, lookup = find_references(transaction, references), look_up(transaction, bulk)
    return Names(records, lookup, Definitions(), find_awaited(bulk, lookup))


def resolve(
    transaction: Transaction,
    bulk: BulkWrite,
    names: Names,
    encrypt: Encrypt | None,
    targets: Targets | None = None,
) -> Resolved:
    """Replace the names of rows by ids and encrypt their secrets.

    names: those of these rows, and perhaps of more.
    targets: given where rows are independent, else found here.
    """
    encrypted, unencrypted = encrypt_secrets(bulk, transaction.organization_id, encrypt)
    columns, problems = {**bulk.columns, **encrypted}, {**bulk.refused, **unencrypted}
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
            targets, awaited, lost = resolve_awaited(
                transaction, bulk, names.lookup, names.awaited, problems.keys()
            )
            problems |= lost
        targets = targets or find_targets(bulk, names.lookup, problems)
        wrong = find_too_large(transaction, bulk, targets.records, problems) if bulk.largest else {}
        if bulk.given_ids is not None:
            failed = problems.keys() | wrong.keys() | targets.problems.keys()
            given_ids, misplaced = check_ids(transaction, bulk, targets.records, failed)
            wrong |= misplaced
        if not wrong:
            break
        problems |= wrong  # A row that is not written adds no key, so the targets of others may change.
        targets = None
    if hidden := names.lookup.hidden():
        others = [row for row, record in enumerate(targets.records.tolist()) if record in hidden]
        problems = dict.fromkeys(others, not_owned(bulk.kind)) | problems
    for field in {field for _, field in targets.foreign} & columns.keys():
        left_out = {row for row, name in targets.foreign if name == field}
        columns[field] = [None if row in left_out else value for row, value in enumerate(columns[field])]
    warnings = {
        row: Problem(code=Code.KEY_OF_ANOTHER, kind=bulk.kind.label, field=field)
        for row, field in targets.foreign
    }
    return Resolved(targets, columns, targets.problems | problems, warnings, awaited, given_ids)


def _resolve(references: References, names: Names) -> tuple[IntegerColumn, dict[int, Problem]]:
    """Return the ids of the records that rows refer to, and a problem for each row whose record does not
    exist."""
    found = names.references | dict.fromkeys(names.awaited, 0) if names.awaited else names.references
    records = references.look_up(found)
    ids = np.array([record if isinstance(record, int) else 0 for record in records], np.int64)
    missing = np.array([isinstance(record, Problem) for record in records], bool)[references.number_of]
    problems = {row: records[references.number_of[row]] for row in np.flatnonzero(missing).tolist()}
    return IntegerColumn.from_array(ids, ids > 0).take(references.number_of), problems
