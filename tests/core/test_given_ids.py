"""Ids that an import gives to records: kept as they are given, or refused row by row."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.core.execute import Vault, execute
from contactory.model.bulk import BulkWrite, Keys, Outcomes, Scheme
from contactory.model.caller import Actor
from contactory.model.commands import Find, Record
from contactory.model.fields import COMPANIES, CONTACTS, KINDS, Kind
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Refusal
from contactory.store.database import Database

VAULT = Vault(None, lambda _, stored: stored.decode())
SCHEME = Scheme("everbridge", "externalId")
HIGH = 1 << 40  # out of the sequence's way


def write(
    database: Database, organization: int, rows: list[tuple[str, int | None]], kind: Kind = CONTACTS
) -> Outcomes:
    """Rows of (key, given id)."""
    keys = Keys([SCHEME], [0] * len(rows), [key for key, _ in rows])
    names = [f"{number}" for number in range(len(rows))]
    field = "name" if kind is COMPANIES else "first_name"
    bulk = BulkWrite(
        kind=kind, count=len(rows), keys=keys, given_ids=[id_ for _, id_ in rows], columns={field: names}
    )
    outcomes = execute(database, VAULT, Actor(organization), bulk)
    assert isinstance(outcomes, Outcomes)
    return outcomes


def codes(outcomes: Outcomes) -> dict[int, Code]:
    assert all(problem.field == "id" and problem.value for problem in outcomes.problems.values())
    return {row: problem.code for row, problem in outcomes.problems.items()}


def find(database: Database, organization: int, id_: int, kind: Kind = CONTACTS) -> Record | None:
    wanted = Find(kind=kind, key_name="id", id=id_, with_identities=True)
    try:
        found: Any = execute(database, VAULT, Actor(organization), wanted)
    except Refusal:
        return None
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_new_records_get_the_ids_that_are_given(database: Database, organization: int, kind: Kind) -> None:
    outcomes = write(database, organization, [("a", HIGH + 7), ("b", None), ("c", LARGEST_GIVEN_ID)], kind)
    assert not outcomes.problems
    assert (outcomes.ids[0], outcomes.ids[2]) == (HIGH + 7, LARGEST_GIVEN_ID)
    for key, id_ in zip("abc", outcomes.ids, strict=True):
        record = find(database, organization, id_, kind)
        assert record is not None and [identity.key for identity in record.identities] == [key]


def test_the_same_again_changes_nothing(database: Database, organization: int) -> None:
    first = write(database, organization, [("a", HIGH + 1), ("b", HIGH + 2)])
    again = write(database, organization, [("a", HIGH + 1), ("b", HIGH + 2)])
    assert again.ids == first.ids and not again.problems
    assert {status.value for status in again.statuses} == {"unchanged"}
