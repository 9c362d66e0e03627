"""Functions that reserve ids, called as the role of the service."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors

from contactory.model.fields import KINDS
from contactory.store.administration import Administration

ROOM = 1 << 22  # more ids than any test here reserves


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def service(url: str, organization: int) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True, options="-c role=contactory_app") as connection:
        connection.execute("SELECT set_config('contactory.organization', %s::text, false)", [organization])
        yield connection


def ask(connection: psycopg.Connection, query: str, *values: object) -> int:
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


def last_id(owner: psycopg.Connection) -> int:
    return ask(owner, "SELECT last_value FROM record_ids")


def add_contacts(owner: psycopg.Connection, organization: int, first: int, last: int) -> None:
    owner.execute(
        "INSERT INTO contacts_rows (organization_id, id) SELECT %s, generate_series(%s::bigint, %s)",
        [organization, first, last],
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_reserved_block_has_no_id_of_a_record_of_any_kind(
    service: psycopg.Connection, owner: psycopg.Connection, organization: int, kind: object
) -> None:
    first = ask(service, "SELECT reserve_record_ids(10)") + 10
    table = getattr(kind, "name", "")
    owner.execute(
        f"INSERT INTO {table} (organization_id, id) VALUES (%s, %s)".encode(), [organization, first + 9]
    )
    # The record is still in the block when that is moved by 1, 2, 4 and 8 ids.
    assert ask(service, "SELECT reserve_record_ids(10)") == first + 16


def test_ids_of_another_organization_do_not_matter(
    service: psycopg.Connection, owner: psycopg.Connection, administration: Administration
) -> None:
    first = ask(service, "SELECT reserve_record_ids(10)") + 10
    add_contacts(owner, administration.create_organization("Other"), first, first + 10)
    assert ask(service, "SELECT reserve_record_ids(10)") == first


def test_a_long_run_of_given_ids_is_skipped_and_moves_no_sequence(
    service: psycopg.Connection, owner: psycopg.Connection, organization: int
) -> None:
    """Blocks that are moved by the same distance are disjoint."""
    before = last_id(owner)
    add_contacts(owner, organization, before + 1, before + 20_000)
    blocks = [
        (ask(service, "SELECT reserve_record_ids(%s)", amount), amount) for amount in (10, 500, 1, 1, 90)
    ]
    assert last_id(owner) == before + 602
    ids = [id_ for start, amount in blocks for id_ in range(start, start + amount)]
    assert len(set(ids)) == 602 and min(ids) > before + 20_000 and max(ids) < before + 2 * 20_000


def test_a_reserved_block_has_no_id_of_a_hidden_record(
    service: psycopg.Connection, owner: psycopg.Connection, organization: int
) -> None:
    first = ask(service, "SELECT reserve_record_ids(1)") + 1
    owner.execute(
        "INSERT INTO contacts (organization_id, id, owner_id) VALUES (%s, %s, 7)", [organization, first]
    )
    owner.execute(
        "INSERT INTO directory (organization_id, kind, number, name, details)"
        " SELECT %s, 'list', last_value + 1, 'theirs', '{\"owner\": 7}' FROM directory_numbers",
        [organization],
    )
    service.execute(
        "SELECT set_config('contactory.user', '8', false), set_config('contactory.lists_user', '8', false)"
    )
    assert ask(service, "SELECT count(*) FROM contacts") == 0
    assert ask(service, "SELECT reserve_record_ids(1)") == first + 1
    taken = ask(owner, "SELECT last_value + 1 FROM directory_numbers")
    assert ask(service, "SELECT new_directory_number('list')") == taken + 1


def test_with_a_record_at_every_distance_another_block_is_reserved(
    service: psycopg.Connection, owner: psycopg.Connection, organization: int
) -> None:
    first = ask(service, "SELECT reserve_record_ids(1)") + 1
    distances = [0, *(1 << power for power in range(53))]
    for distance in distances:
        add_contacts(owner, organization, first + distance, first + distance)
    with pytest.raises(errors.SerializationFailure):
        service.execute("SELECT reserve_record_ids(1)")
    # The next id is given, too; the one after it is not.
    assert ask(service, "SELECT reserve_record_ids(1)") == first + 1 + 2


def test_a_reserved_block_has_at_least_one_id(service: psycopg.Connection) -> None:
    for amount in (0, -1):
        for function in ("reserve_record_ids", "reserve_attribute_ids"):
            with pytest.raises(errors.RaiseException):
                service.execute(f"SELECT {function}(%s)".encode(), [amount])


def test_blocks_reserved_at_the_same_time_are_disjoint(url: str, organization: int) -> None:
    def take(amount: int) -> range:
        with psycopg.connect(url, options="-c role=contactory_app") as connection:
            connection.execute("SELECT set_config('contactory.organization', %s::text, true)", [organization])
            first = ask(connection, "SELECT reserve_record_ids(%s)", amount)
            return range(first, first + amount)

    with ThreadPoolExecutor(8) as pool:
        blocks = list(pool.map(take, range(1, 60)))
    assert len({id_ for block in blocks for id_ in block}) == sum(map(len, blocks))


def test_the_service_cannot_move_a_sequence(service: psycopg.Connection) -> None:
    for statement in (
        "SELECT take_numbers('record_ids', 1000000)",
        "SELECT setval('record_ids', 1000000)",
        "SELECT nextval('record_ids')",
        "SELECT setval('directory_numbers', 1000000)",
        "SELECT nextval('attributes_id_seq')",
        "SELECT new_organization_id()",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            service.execute(statement.encode())
