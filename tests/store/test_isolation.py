"""Isolation: the role of the service sees the organization that a transaction is bound to, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from psycopg import errors
from psycopg.sql import SQL, Identifier

from contactory.store.administration import Administration
from contactory.store.application_role import log_in_as_application

# Columns that a row of each table needs besides its organization. A new table must be added here.
NEEDED = {
    "users": "email, password_hash, role) VALUES (%(id)s, 'a@b.c', '', 'user')",
    "clients": "client_id, name, secret_hash) VALUES (%(id)s, 'c', '', '')",
    "tokens": "token_hash, scopes) VALUES (%(id)s, 'hash', '{*}')",
    "contacts": "id) VALUES (%(id)s, 1)",
    "companies": "id) VALUES (%(id)s, 1)",
    "customers": "id) VALUES (%(id)s, 1)",
    "schemes": "id, kind, system, name, qualifier) VALUES (%(id)s, 1, '', '', '', '')",
    "identities": "record_id, scheme_id, key) VALUES (%(id)s, 1, 1, 'k')",
    "attributes": "class, name, type) VALUES (%(id)s, '', '', '')",
    "jobs": "id, user_id, list_id, total, reserved, reserved_connect, payload)"
    " VALUES (%(id)s, gen_random_uuid(), 0, 0, 1, 0, 0, '')",
    "connect_usage": "user_id, day, created) VALUES (%(id)s, 1, '2000-01-01', 1)",
    "exchange_secrets": "client_id, user_id, secret_hash, kind, authorization_id, scopes, expires_at)"
    " VALUES (%(id)s, 'c', (SELECT max(id) FROM users WHERE organization_id = %(id)s), '', 'code',"
    " gen_random_uuid(), '{*}', now())",
    "deletions": "id, kind) VALUES (%(id)s, 1, '')",
    "directory": "kind, name) VALUES (%(id)s, 'group', 'g')",
    "authors": "id, name) VALUES (%(id)s, 1, 'a')",
}
ROWS = {table: f"INSERT INTO {table} (organization_id, {needed}" for table, needed in NEEDED.items()}
TABLES = [*ROWS, "organizations"]
# Tables that the service reaches by functions only, or not at all.
CLOSED = ("login_failures", "login_places", "secret_key_proof")
PARTITIONS = {f"{table}_rows": table for table in ("contacts", "companies", "customers", "identities")}


@pytest.fixture(scope="module")
def organizations(url: str, administration: Administration) -> tuple[int, int]:
    ours, others = administration.create_organization("Ours"), administration.create_organization("Others")
    with psycopg.connect(url) as owner:
        for statement in ROWS.values():
            for organization_id in (ours, others):
                owner.execute(statement.encode(), {"id": organization_id})
    return ours, others


@pytest.fixture
def service(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True, options="-c role=contactory_app") as connection:
        yield connection


def bind(service: psycopg.Connection, organization_id: int) -> None:
    service.execute("SELECT set_config('contactory.organization', %s::text, false)", [organization_id])


def seen(service: psycopg.Connection, table: str) -> list[int]:
    """Return the organizations whose rows can be seen."""
    column = "id" if table == "organizations" else "organization_id"
    query = SQL("SELECT DISTINCT {} FROM {}").format(Identifier(column), Identifier(table))
    return [organization_id for (organization_id,) in service.execute(query)]


def test_every_table_is_tested(url: str) -> None:
    with psycopg.connect(url) as owner:
        names = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert {name for (name,) in names} - {"alembic_version"} == {*TABLES, *PARTITIONS, *CLOSED}


@pytest.mark.parametrize("table", CLOSED)
def test_a_closed_table_cannot_be_used(
    service: psycopg.Connection, organizations: tuple[int, int], table: str
) -> None:
    bind(service, organizations[0])
    for statement in ("SELECT FROM {}", "DELETE FROM {}", "TRUNCATE {}", "INSERT INTO {} DEFAULT VALUES"):
        with pytest.raises(errors.InsufficientPrivilege):
            service.execute(SQL(statement).format(Identifier(table)))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("organizations")
def test_without_an_organization_no_row_is_seen(service: psycopg.Connection, table: str) -> None:
    assert seen(service, table) == []


@pytest.mark.parametrize("table", TABLES)
def test_only_the_bound_organization_is_seen(
    service: psycopg.Connection, organizations: tuple[int, int], table: str
) -> None:
    for organization_id in organizations:
        bind(service, organization_id)
        assert seen(service, table) == [organization_id]


@pytest.mark.parametrize("table", TABLES)
def test_row_level_security_cannot_be_turned_off(
    service: psycopg.Connection, organizations: tuple[int, int], table: str
) -> None:
    bind(service, organizations[0])
    service.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege):
        seen(service, table)


@pytest.mark.parametrize("table", TABLES)
def test_row_level_security_cannot_be_bypassed_by_changing_tables(
    service: psycopg.Connection, table: str
) -> None:
    for change in ("DISABLE ROW LEVEL SECURITY", "OWNER TO contactory_app"):
        with pytest.raises(errors.InsufficientPrivilege):
            service.execute(SQL("ALTER TABLE {} " + change).format(Identifier(table)))


@pytest.mark.parametrize("table", ROWS)
def test_a_row_cannot_be_put_into_another_organization(
    service: psycopg.Connection, organizations: tuple[int, int], table: str
) -> None:
    ours, others = organizations
    bind(service, ours)
    with pytest.raises(errors.InsufficientPrivilege):
        service.execute(ROWS[table].encode(), {"id": others})
    with pytest.raises(errors.InsufficientPrivilege):
        service.execute(SQL("UPDATE {} SET organization_id = %s").format(Identifier(table)), [others])


@pytest.mark.parametrize("table", ROWS)
def test_another_organizations_rows_cannot_be_deleted(
    service: psycopg.Connection, organizations: tuple[int, int], table: str
) -> None:
    ours, others = organizations
    bind(service, ours)
    query = SQL("DELETE FROM {} WHERE organization_id = %s").format(Identifier(table))
    assert service.execute(query, [others]).rowcount == 0


@pytest.mark.parametrize("partition", PARTITIONS)
def test_partitions_cannot_be_read_or_changed(
    service: psycopg.Connection, organizations: tuple[int, int], partition: str
) -> None:
    bind(service, organizations[0])
    for statement in (
        "SELECT FROM {}",
        "DELETE FROM {}",
        "UPDATE {} SET organization_id = 1",
        "TRUNCATE {}",
        "ALTER TABLE {} ALTER organization_id SET DEFAULT 1",
        "INSERT INTO {} DEFAULT VALUES RETURNING organization_id",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            service.execute(SQL(statement).format(Identifier(partition)))


@pytest.mark.parametrize(("partition", "table"), PARTITIONS.items())
def test_rows_put_into_a_partition_belong_to_the_bound_organization(
    service: psycopg.Connection, organizations: tuple[int, int], partition: str, table: str
) -> None:
    ours, others = organizations
    needed = NEEDED[table].replace("%(id)s, 1", "77").replace("'k'", "'other'")
    columns, values = needed.split(") VALUES ")
    with service.transaction(force_rollback=True):
        with pytest.raises(errors.NotNullViolation), service.transaction():
            service.execute(f"INSERT INTO {partition} ({columns}) VALUES {values}".encode())
        bind(service, ours)
        with pytest.raises(errors.InsufficientPrivilege), service.transaction():
            service.execute(
                ROWS[table].replace(f"INTO {table}", f"INTO {partition}").encode(), {"id": others}
            )
        before = seen(service, table)
        service.execute(f"INSERT INTO {partition} ({columns}) VALUES {values}".encode())
        assert seen(service, table) == before == [ours]
        bind(service, others)
        assert seen(service, table) == [others]


# Tables whose rows have owners: columns and values of a row of %(owner)s, and the owner of a row in SQL.
OWNED = {
    "contacts": ("id, owner_id) VALUES (%(id)s, 100 + %(owner)s, %(owner)s)", "owner_id", "contactory.user"),
    "jobs": (
        "id, user_id, list_id, total, reserved, reserved_connect, payload)"
        " VALUES (%(id)s, gen_random_uuid(), %(owner)s, 0, 1, 0, 0, '')",
        "user_id",
        "contactory.user",
    ),
    "directory": (
        "kind, name, details) VALUES"
        " (%(id)s, 'list', 'of ' || %(owner)s, jsonb_build_object('owner', %(owner)s::bigint))",
        "coalesce((details ->> 'owner')::bigint, 0)",
        "contactory.lists_user",
    ),
}


@pytest.fixture
def owned(url: str, administration: Administration, service: psycopg.Connection) -> int:
    """Bind an organization that has, in each table, a row without an owner, one of user 1 and one of user
    2."""
    organization = administration.create_organization("Owned")
    with psycopg.connect(url) as owner:
        for table, (needed, _, _) in OWNED.items():
            for user in (0, 1, 2):
                values = {"id": organization, "owner": user}
                owner.execute(f"INSERT INTO {table} (organization_id, {needed}".encode(), values)
        owner.execute(b"DELETE FROM directory WHERE organization_id = %s AND kind <> 'list'", [organization])
    bind(service, organization)
    return organization


@pytest.mark.parametrize("table", OWNED)
@pytest.mark.usefixtures("owned")
def test_a_limited_transaction_reaches_rows_of_its_user_or_without_an_owner(
    service: psycopg.Connection, table: str
) -> None:
    _, owner, setting = OWNED[table]

    def owners() -> list[int]:
        return [row[0] for row in service.execute(f"SELECT {owner} FROM {table} ORDER BY 1".encode())]

    for user, expected in (("", [0, 1, 2]), ("1", [0, 1]), ("2", [0, 2]), ("3", [0]), ("0", [0])):
        service.execute("SELECT set_config(%s, %s, false)", [setting, user])
        assert owners() == expected
    service.execute("SELECT set_config(%s, '1', false)", [setting])
    for others in (b"UPDATE %b SET organization_id = organization_id", b"DELETE FROM %b"):
        statement = others % table.encode() + f" WHERE {owner} = 2".encode()
        assert service.execute(statement).rowcount == 0
    service.execute("SELECT set_config(%s, '', false)", [setting])
    assert owners() == [0, 1, 2]


@pytest.mark.parametrize("table", OWNED)
@pytest.mark.usefixtures("owned")
def test_the_limit_is_read_once_for_a_statement(service: psycopg.Connection, table: str) -> None:
    _, _, setting = OWNED[table]
    service.execute("SELECT set_config(%s, '1', false)", [setting])
    plan = service.execute(f"EXPLAIN (ANALYZE, FORMAT json) SELECT FROM {table}".encode()).fetchone()
    assert plan
    ((top,),) = [plan[0]]
    parts = {part["Subplan Name"]: part for part in top["Plan"]["Plans"] if "Subplan Name" in part}
    assert len(parts) >= 2
    assert {(part["Parent Relationship"], part["Actual Loops"]) for part in parts.values()} <= {
        ("InitPlan", 1),
        ("InitPlan", 0),
    }


def test_a_limited_transaction_cannot_give_rows_to_another_user(
    service: psycopg.Connection, owned: int
) -> None:
    service.execute("SELECT set_config('contactory.user', '1', false)")
    service.execute("SELECT set_config('contactory.lists_user', '1', false)")
    for statement in (
        "UPDATE contacts SET owner_id = 2",
        "UPDATE jobs SET user_id = 2",
        """UPDATE directory SET details = '{"owner": 2}'""",
        *(f"INSERT INTO {table} (organization_id, {needed}" for table, (needed, _, _) in OWNED.items()),
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            service.execute(statement.encode(), {"id": owned, "owner": 3} if "INSERT" in statement else None)


@pytest.mark.usefixtures("owned")
def test_hidden_rows_are_found_in_the_bound_organization_only(
    service: psycopg.Connection, administration: Administration
) -> None:
    hidden = (
        "SELECT find_hidden_contacts('{100,101,102}'), has_hidden_list('{}', '{of 2}'), count_all_contacts()"
    )
    assert service.execute("SELECT count(*) FROM find_hidden_contacts('{102}')").fetchone() == (0,)
    service.execute("SELECT set_config('contactory.user', '1', false)")
    service.execute("SELECT set_config('contactory.lists_user', '1', false)")
    assert service.execute(hidden.encode()).fetchall() == [(102, True, 3)]
    bind(service, administration.create_organization("Another"))
    assert service.execute(hidden.encode()).fetchall() == []
    assert service.execute("SELECT has_hidden_list('{}', '{of 2}'), count_all_contacts()").fetchone() == (
        False,
        0,
    )


def test_the_service_cannot_create_or_change_organizations(
    service: psycopg.Connection, organizations: tuple[int, int]
) -> None:
    bind(service, organizations[0])
    for statement in ("INSERT INTO organizations (name) VALUES ('x')", "UPDATE organizations SET name = 'x'"):
        with pytest.raises(errors.InsufficientPrivilege):
            service.execute(statement.encode())


def test_resetting_the_role_does_not_leave_it(service: psycopg.Connection) -> None:
    service.execute("RESET ROLE")
    assert service.execute("SELECT current_user").fetchone() == ("contactory_app",)


def test_the_service_logs_in_as_a_role_that_cannot_become_another(url: str) -> None:
    with psycopg.connect(log_in_as_application(url), autocommit=True) as connection:
        assert connection.execute("SELECT session_user").fetchone() == ("contactory_app",)
        for way_out in ("SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "SET row_security = off"):
            with suppress(errors.InsufficientPrivilege):
                connection.execute(way_out.encode())
        assert connection.execute("SELECT current_user").fetchone() == ("contactory_app",)
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM contacts")
