"""Resolve: ids that rows give to the records that they create."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

from contactory.columns.column import Ids
from contactory.model.bulk import BulkWrite
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Problem
from contactory.store import records
from contactory.store.database import Transaction


class GivenIds(NamedTuple):
    """Ids of new records, by the rows that create them, and a problem for each row whose id cannot be
    used."""

    ids: Mapping[int, int]
    problems: dict[int, Problem]


def check_ids(transaction: Transaction, bulk: BulkWrite, targets: Ids, failed: Container[int]) -> GivenIds:
    """Check the given ids in the order of rows, with one query for all of them. An id belongs to the first
    row that gives it, and a record keeps the first id that it is given."""
    given = [
        (row, id_, target)
        for row, (id_, target) in enumerate(zip(bulk.given_ids or (), targets.tolist(), strict=False))
        if id_ is not None and row not in failed
    ]
    if not given:
        return GivenIds({}, {})
    new = [id_ for _, id_, target in given if target < 0 and _is_in_bounds(id_)]
    stored = records.find_taken_ids(transaction, bulk.kind, new) if new else frozenset()
    ids, rows_of, problems = dict[int, int](), dict[int, int](), dict[int, Problem]()
    for row, id_, target in given:
        creating_row = -1 - target  # as `creating_rows`, where the record is new
        if not _is_in_bounds(id_):
            code = Code.BAD_ID
        elif (target if target > 0 else ids.get(creating_row, id_)) != id_:
            code = Code.ID_DIFFERS
        elif target < 0 and (id_ in stored or rows_of.get(id_, creating_row) != creating_row):
            code = Code.ID_TAKEN
        else:
            if target < 0:
                ids[creating_row], rows_of[id_] = id_, creating_row
            continue
        problems[row] = Problem(code=code, kind=bulk.kind.label, field="id", value=str(id_))
    return GivenIds(ids, problems)


def _is_in_bounds(id_: int) -> bool:
    return 0 < id_ <= LARGEST_GIVEN_ID
