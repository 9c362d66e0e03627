"""Attribute definitions and directory entries with given ids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from contactory.core.execute import Encryption, execute
from contactory.model.attributes import AttributeDefinition
from contactory.model.bulk import Outcomes
from contactory.model.caller import Actor
from contactory.model.commands import DefineAttributes, FindAttribute
from contactory.model.directory import SaveEntry
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Refusal
from contactory.store.administration import Administration
from contactory.store.database import Database

ENCRYPTION = Encryption(None, lambda _, stored: stored.decode())
HIGH = 1 << 40


def define(database: Database, organization: int, *named: tuple[str, int], with_ids: bool = True) -> Outcomes:
    definitions = [
        AttributeDefinition(id=id_, attribute_class="contact", name=name, type="text") for name, id_ in named
    ]
    wanted = DefineAttributes(definitions=definitions, with_ids=with_ids)
    outcomes = execute(database, ENCRYPTION, Actor(organization), wanted)
    assert isinstance(outcomes, Outcomes)
    return outcomes


def codes(outcomes: Outcomes) -> dict[int, Code]:
    return {row: problem.code for row, problem in outcomes.problems.items()}


def last_id(url: str) -> int:
    with psycopg.connect(url) as owner:
        row = owner.execute("SELECT last_value FROM attributes_id_seq").fetchone()
    assert row is not None
    return int(row[0])


def test_definitions_get_given_ids(
    database: Database, organization: int, administration: Administration
) -> None:
    named = ("COLOR", HIGH), ("SIZE", 0), ("SHAPE", LARGEST_GIVEN_ID)
    for each in (organization, administration.create_organization("Others")):
        outcomes = define(database, each, *named)
        assert not outcomes.problems
        assert (outcomes.ids[0], outcomes.ids[2]) == (HIGH, LARGEST_GIVEN_ID)
        assert define(database, each, *named).ids == outcomes.ids
        found = execute(database, ENCRYPTION, Actor(each), FindAttribute(id=HIGH))
        assert isinstance(found, AttributeDefinition) and found.name == "COLOR"


def test_a_given_id_is_used_once(database: Database, organization: int) -> None:
    define(database, organization, ("COLOR", HIGH), ("SIZE", 0))
    outcomes = define(
        database,
        organization,
        ("SHAPE", HIGH),  # the id of COLOR
        ("COLOR", HIGH + 1),  # COLOR has another one
        ("WEIGHT", HIGH + 2),
        ("HEIGHT", HIGH + 2),  # now the id of WEIGHT
        ("WEIGHT", HIGH + 3),  # WEIGHT has another one now
        ("WEIGHT", HIGH + 2),
        ("SIZE", 0),
    )
    assert codes(outcomes) == {0: Code.ID_TAKEN, 1: Code.ID_DIFFERS, 3: Code.ID_TAKEN, 4: Code.ID_DIFFERS}
    assert outcomes.problems[0].value == str(HIGH)
    assert [outcomes.ids[row] for row in (2, 5)] == [HIGH + 2] * 2


@pytest.mark.parametrize("id_", [-1, LARGEST_GIVEN_ID + 1, 10**30])
def test_a_given_id_out_of_bounds_fails_its_row_only(database: Database, organization: int, id_: int) -> None:
    outcomes = define(database, organization, ("COLOR", id_), ("SIZE", HIGH))
    assert codes(outcomes) == {0: Code.BAD_ID}
    assert outcomes.ids[1] == HIGH


def test_given_ids_are_ignored_without_with_ids(database: Database, organization: int) -> None:
    assert define(database, organization, ("COLOR", HIGH), with_ids=False).ids[0] < HIGH


def test_new_ids_skip_given_ids(database: Database, organization: int, url: str) -> None:
    define(database, organization, ("first", 0))
    before = last_id(url)
    given = [before + number for number in range(1, 101)]
    define(database, organization, *((f"given {id_}", id_) for id_ in given))
    assert last_id(url) == before
    new = list(define(database, organization, *((f"new {number}", 0) for number in range(30))).ids)
    new += define(database, organization, ("last", 0)).ids
    assert len({*new, *given}) == 131
    assert last_id(url) == before + 31


def test_concurrent_given_and_new_ids_are_unique(database: Database, organization: int, url: str) -> None:
    define(database, organization, ("first", 0))
    before = last_id(url)

    def send(call: int) -> Outcomes:
        named = [(f"{call} {row}", before + call * 2 + row if call % 2 else 0) for row in range(4)]
        return define(database, organization, *named)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(send, range(16)))
    made = [id_ for outcomes in done for row, id_ in enumerate(outcomes.ids) if row not in outcomes.problems]
    assert {code for outcomes in done for code in codes(outcomes).values()} <= {Code.ID_TAKEN}
    assert len(made) == len(set(made)) >= 32


@pytest.mark.parametrize("number", [0, -1, LARGEST_GIVEN_ID + 1, 2**63, 10**30])
def test_an_entry_number_out_of_bounds_is_refused(database: Database, organization: int, number: int) -> None:
    for may_exist in (False, True):
        wanted = SaveEntry(kind="group", as_number=number, name="a", may_exist=may_exist)
        with pytest.raises(Refusal) as refused:
            execute(database, ENCRYPTION, Actor(organization), wanted)
        assert (refused.value.problem.code, refused.value.problem.value) == (Code.BAD_ID, str(number))
