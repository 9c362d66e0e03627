"""Resolve: every name in rows becomes an id, with one query per kind of name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from contactory.columns.column import IntegerColumn
from contactory.core.reach import not_owned, refuse_to_give
from contactory.core.write.attributes import encode_values
from contactory.core.write.awaited import resolve_awaited
from contactory.core.write.given_ids import check_ids
from contactory.core.write.largest import find_too_large
from contactory.core.write.lookup import Names
from contactory.core.write.match import match
from contactory.core.write.matched import New, Record
from contactory.core.write.secrets import Encrypt, encrypt_secrets
from contactory.core.write.targets import Targets
from contactory.model.bulk import Rows, WriteOptions
from contactory.model.fields import OWNER
from contactory.model.keys import References
from contactory.model.problems import Code, Problem
from contactory.store.database import Transaction


class Resolved(NamedTuple):
    """Rows with ids in place of names: a target per row, columns of values, and the rows that cannot be
    written.

    awaited: by field and row, the record referred to.
    given_ids: ids for new records, by their index in Targets.
    """

    targets: Targets
    columns: dict[str, Sequence[Any]]
    problems: dict[int, Problem]
    warnings: dict[int, Problem]
    awaited: Mapping[str, Mapping[int, Record]] = {}
    given_ids: Mapping[int, int] = {}

    def with_new(self) -> Resolved:
        """Return a copy in which awaited references are ids; those of new records must be reserved."""
        columns = dict(self.columns)
        for field, records in self.awaited.items():
            ids = [
                int(self.targets.row_ids[record.row]) if isinstance(record, New) else record
                for record in records.values()
            ]
            column = IntegerColumn.from_array(np.array(ids, np.int64), np.ones(len(ids), bool))
            columns[field] = cast("IntegerColumn", columns[field]).replace_rows([*records], column)
        return self._replace(columns=columns, awaited={})


def resolve(
    transaction: Transaction,
    options: WriteOptions,
    rows: Rows,
    names: Names,
    encrypt: Encrypt | None,
    targets: Targets | None = None,
) -> Resolved:
    """Replace the names of rows by ids and encrypt their secrets.

    names: those of these rows, and perhaps of more.
    targets: given where rows are independent, else matched here.
    """
    columns, problems = _resolve_values(transaction, options, rows, names, encrypt)
    awaited: Mapping[str, Mapping[int, Record]] = {}
    given_ids: Mapping[int, int] = {}
    while True:
        if names.awaited:
            targets, awaited, lost = resolve_awaited(
                transaction, options, rows, names.lookup, names.awaited, problems.keys()
            )
            problems |= lost
        targets = targets or match(options, rows, names.lookup, problems)
        wrong = find_too_large(transaction, options, rows, targets, problems) if options.largest else {}
        if rows.given_ids is not None:
            failed = problems.keys() | wrong.keys() | targets.problems.keys()
            given_ids, misplaced = check_ids(transaction, options.kind, rows.given_ids, targets, failed)
            wrong |= misplaced
        if not wrong:
            break
        problems |= wrong  # A row that is not written adds no key, so the targets of others may change.
        targets = None
    if hidden := names.lookup.hidden:
        others = np.flatnonzero(np.isin(targets.row_ids, [*hidden])).tolist()
        problems = dict.fromkeys(others, not_owned(options.kind)) | problems
    for field in {field for _, field in targets.foreign} & columns.keys():
        left_out = {row for row, name in targets.foreign if name == field}
        columns[field] = [None if row in left_out else value for row, value in enumerate(columns[field])]
    warnings = {
        row: Problem(code=Code.KEY_OF_ANOTHER, kind=options.kind.label, field=field)
        for row, field in targets.foreign
    }
    return Resolved(targets, columns, targets.problems | problems, warnings, awaited, given_ids)


def _resolve_values(
    transaction: Transaction, options: WriteOptions, rows: Rows, names: Names, encrypt: Encrypt | None
) -> tuple[dict[str, Sequence[Any]], dict[int, Problem]]:
    """Return the columns of all fields, and the problems of rows whose values cannot be written."""
    kind = options.kind
    encrypted, unencrypted = encrypt_secrets(kind, rows.columns, transaction.organization_id, encrypt)
    columns, problems = {**rows.columns, **encrypted}, {**rows.refused, **unencrypted}
    for field, references in rows.references.items():
        columns[field], missing = _resolve_references(references, names)
        problems |= missing
    names.definitions.look_up(transaction, rows.attributes.values())
    for field, values in rows.attributes.items():
        columns[field], wrong = encode_values(names.definitions, values, rows.count)
        problems |= wrong
    return columns, refuse_to_give(transaction, kind, columns.get(OWNER, ())) | problems


def _resolve_references(references: References, names: Names) -> tuple[IntegerColumn, dict[int, Problem]]:
    """Return the ids of the records that rows refer to, and a problem for each row whose record does not
    exist."""
    found = names.references | dict.fromkeys(names.awaited, 0) if names.awaited else names.references
    records = references.look_up(found)
    ids = np.array([record if isinstance(record, int) else 0 for record in records], np.int64)
    missing = np.array([isinstance(record, Problem) for record in records], bool)[references.number_of]
    problems = {
        row: problem
        for row in np.flatnonzero(missing).tolist()
        if isinstance(problem := records[references.number_of[row]], Problem)
    }
    return IntegerColumn.from_array(ids, ids > 0).take(references.number_of), problems
