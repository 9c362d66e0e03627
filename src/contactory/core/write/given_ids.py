"""Resolve: ids that rows give to the records that they create."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from contactory.core.write.targets import Targets
from contactory.model.fields import Kind
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Problem
from contactory.store import records
from contactory.store.database import Transaction


class GivenIds(NamedTuple):
    """Ids of new records, by their index in Targets, and a problem for each row whose id cannot be used."""

    ids: Mapping[int, int]
    problems: dict[int, Problem]


def check_ids(
    transaction: Transaction,
    kind: Kind,
    given_ids: Sequence[int | None],
    targets: Targets,
    failed: Container[int],
) -> GivenIds:
    """Check the given ids in the order of rows, with one query for all of them. An id belongs to the first
    row that gives it, and a record keeps the first id that it is given."""
    targeted = zip(
        given_ids,
        targets.record_of.tolist(),
        targets.row_ids.tolist(),
        targets.rows_of_new.tolist(),
        strict=True,
    )
    given = [
        (row, id_, record, stored, is_new)
        for row, (id_, record, stored, is_new) in enumerate(targeted)
        if id_ is not None and row not in failed
    ]
    if not given:
        return GivenIds({}, {})
    new = [id_ for _, id_, _, _, is_new in given if is_new and _is_in_bounds(id_)]
    taken = records.find_taken_ids(transaction, kind, new) if new else frozenset()
    ids, records_of, problems = dict[int, int](), dict[int, int](), dict[int, Problem]()
    for row, id_, record, stored, is_new in given:
        if not _is_in_bounds(id_):
            code = Code.BAD_ID
        elif (ids.get(record, id_) if is_new else stored) != id_:
            code = Code.ID_DIFFERS
        elif is_new and (id_ in taken or records_of.get(id_, record) != record):
            code = Code.ID_TAKEN
        else:
            if is_new:
                ids[record], records_of[id_] = id_, record
            continue
        problems[row] = Problem(code=code, kind=kind.label, field="id", value=str(id_))
    return GivenIds(ids, problems)


def _is_in_bounds(id_: int) -> bool:
    return 0 < id_ <= LARGEST_GIVEN_ID
