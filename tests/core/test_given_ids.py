"""Ids that an import gives to new records: they are used, or their rows fail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from contactory.core.execute import Encryption, execute
from contactory.model.bulk import BulkWrite, Outcomes, Rows
from contactory.model.caller import Actor
from contactory.model.commands import Delete, Find, Record
from contactory.model.fields import COMPANIES, CONTACTS, CUSTOMERS, KINDS, Kind
from contactory.model.keys import Keys, Scheme
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Refusal
from contactory.store.administration import Administration
from contactory.store.database import Database

ENCRYPTION = Encryption(None, lambda _, stored: stored.decode())
SCHEME = Scheme("everbridge", "externalId")
HIGH = 1 << 40  # beyond the sequence


def write(
    database: Database, organization: int, rows: list[tuple[str, int | None]], kind: Kind = CONTACTS
) -> Outcomes:
    """Write rows of (key, given id)."""
    keys = Keys([SCHEME], [0] * len(rows), [key for key, _ in rows])
    names = [f"{number}" for number in range(len(rows))]
    field = "name" if kind is COMPANIES else "first_name"
    given = Rows(count=len(rows), keys=keys, given_ids=[id_ for _, id_ in rows], columns={field: names})
    outcomes = execute(database, ENCRYPTION, Actor(organization), BulkWrite(kind=kind, rows=given))
    assert isinstance(outcomes, Outcomes)
    return outcomes


def codes(outcomes: Outcomes) -> dict[int, Code]:
    assert all(problem.field == "id" and problem.value for problem in outcomes.problems.values())
    return {row: problem.code for row, problem in outcomes.problems.items()}


def find(database: Database, organization: int, id_: int, kind: Kind = CONTACTS) -> Record | None:
    wanted = Find(kind=kind, key_name="id", id=id_, with_identities=True)
    try:
        found: Any = execute(database, ENCRYPTION, Actor(organization), wanted)
    except Refusal:
        return None
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_new_records_get_given_ids(database: Database, organization: int, kind: Kind) -> None:
    outcomes = write(database, organization, [("a", HIGH + 7), ("b", None), ("c", LARGEST_GIVEN_ID)], kind)
    assert not outcomes.problems
    assert (outcomes.ids[0], outcomes.ids[2]) == (HIGH + 7, LARGEST_GIVEN_ID)
    for key, id_ in zip("abc", outcomes.ids, strict=True):
        record = find(database, organization, id_, kind)
        assert record is not None and [identity.key for identity in record.identities] == [key]


def test_the_same_write_again_changes_nothing(database: Database, organization: int) -> None:
    first = write(database, organization, [("a", HIGH + 1), ("b", HIGH + 2)])
    again = write(database, organization, [("a", HIGH + 1), ("b", HIGH + 2)])
    assert again.ids == first.ids and not again.problems
    assert {status.value for status in again.statuses} == {"unchanged"}


def test_a_given_id_is_used_once(database: Database, organization: int) -> None:
    write(database, organization, [("a", HIGH + 1)])
    outcomes = write(
        database,
        organization,
        [
            ("b", HIGH + 1),  # the id of a
            ("a", HIGH + 2),  # a has another one
            ("c", HIGH + 3),
            ("d", HIGH + 3),  # now the id of c
            ("c", HIGH + 4),  # c has another one now
            ("c", HIGH + 3),
            ("b", HIGH + 5),  # this row creates it, since the first one failed
        ],
    )
    assert codes(outcomes) == {
        0: Code.ID_TAKEN,
        1: Code.ID_DIFFERS,
        3: Code.ID_TAKEN,
        4: Code.ID_DIFFERS,
    }
    assert [outcomes.ids[row] for row in (2, 5, 6)] == [HIGH + 3, HIGH + 3, HIGH + 5]
    assert outcomes.problems[0].value == str(HIGH + 1)
    assert find(database, organization, HIGH + 4) is None


@pytest.mark.parametrize("id_", [0, -1, -(2**63), LARGEST_GIVEN_ID + 1, 2**63, 10**30])
def test_a_given_id_out_of_bounds_fails_its_row_only(database: Database, organization: int, id_: int) -> None:
    outcomes = write(database, organization, [("a", id_), ("b", None), ("a", HIGH)])
    assert codes(outcomes) == {0: Code.BAD_ID}
    assert outcomes.problems[0].value == str(id_)
    assert outcomes.ids[2] == HIGH


def test_ids_of_organizations_and_kinds_are_independent(
    database: Database, organization: int, administration: Administration
) -> None:
    """They are so also where records of two kinds have the same key: deletion of one keeps those of the
    other."""
    other = administration.create_organization("Others")
    for each in (organization, other):
        for kind in KINDS:
            assert write(database, each, [("a", HIGH)], kind).ids == [HIGH]
    execute(database, ENCRYPTION, Actor(organization), Delete(kind=CONTACTS, ids=[HIGH]))
    assert find(database, organization, HIGH) is None
    for each, kind in ((organization, COMPANIES), (organization, CUSTOMERS), (other, CONTACTS)):
        record = find(database, each, HIGH, kind)
        assert record is not None and [identity.key for identity in record.identities] == ["a"]
        assert write(database, each, [("a", None)], kind).ids == [HIGH]


def test_the_id_of_a_deleted_record_cannot_be_given_again(database: Database, organization: int) -> None:
    write(database, organization, [("a", HIGH)])
    execute(database, ENCRYPTION, Actor(organization), Delete(kind=CONTACTS, ids=[HIGH]))
    assert codes(write(database, organization, [("a", HIGH)])) == {0: Code.ID_TAKEN}


def test_rows_found_by_id_create_records_with_given_ids(database: Database, organization: int) -> None:
    def send() -> Outcomes:
        ids = [HIGH, HIGH + 1, HIGH]
        rows = Rows(count=3, ids=ids, given_ids=ids, columns={"name": ["Acme", "Apex", "Acme"]})
        outcomes = execute(database, ENCRYPTION, Actor(organization), BulkWrite(kind=COMPANIES, rows=rows))
        assert isinstance(outcomes, Outcomes)
        return outcomes

    assert send().ids == send().ids == [HIGH, HIGH + 1, HIGH]


def last_id(url: str) -> int:
    with psycopg.connect(url) as owner:
        row = owner.execute("SELECT last_value FROM record_ids").fetchone()
    assert row is not None
    return int(row[0])


def test_new_ids_skip_given_ids(database: Database, organization: int, url: str) -> None:
    """The next ids of the sequence are given, one to a company; the sequence is not moved by that."""
    write(database, organization, [("first", None), ("largest", LARGEST_GIVEN_ID)])
    before = last_id(url)
    given = [before + number for number in range(1, 1001)]
    write(database, organization, [(f"given {id_}", id_) for id_ in given])
    write(database, organization, [("given", before + 1500)], COMPANIES)
    assert last_id(url) == before
    made = list[int]()
    for call, amount in enumerate((1, 1, 7, 300, 1, 400, 2)):
        outcomes = write(database, organization, [(f"new {call} {row}", None) for row in range(amount)])
        assert not outcomes.problems
        made += outcomes.ids
    assert len({*made, *given, before + 1500}) == 712 + 1001
    assert max(made) < before + 5000
    assert last_id(url) == before + 712


def test_concurrent_given_and_new_ids_are_unique(database: Database, organization: int, url: str) -> None:
    """Two writes that need the same ids: one gets them; the other gets new ones, or a problem for the row."""
    write(database, organization, [("first", None)])
    before = last_id(url)

    def send(call: int) -> Outcomes:
        ids = [before + call * 5 + row if call % 2 else None for row in range(10)]
        return write(database, organization, [(f"{call} {row}", id_) for row, id_ in enumerate(ids)])

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(send, range(24)))
    made = list[int]()
    for call, outcomes in enumerate(done):
        assert {*codes(outcomes).values()} <= {Code.ID_TAKEN}
        assert call % 2 or not outcomes.problems
        made += [id_ for row, id_ in enumerate(outcomes.ids) if row not in outcomes.problems]
    assert len(made) == len(set(made)) >= 120
    for call, outcomes in enumerate(done):
        again = write(database, organization, [(f"{call} {row}", None) for row in range(10)])
        kept = [row for row in range(10) if row not in outcomes.problems]
        assert [again.ids[row] for row in kept] == [outcomes.ids[row] for row in kept]
