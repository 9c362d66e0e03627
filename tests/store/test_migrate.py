from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from contactory.core.write import write
from contactory.model.bulk import Rows, Status, WriteOptions
from contactory.model.directory import SaveEntry
from contactory.model.fields import CONTACTS, Mode
from contactory.store import embedded, migrate
from contactory.store.administration import Administration, TakenOrganizationError
from contactory.store.database import Database, Transaction
from contactory.store.directory import save_entry
from contactory.store.migrate import MigrationError
from contactory.store.migrations import FOLDER, revisions
from contactory.store.reading import read_identities, read_records


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a separate server, because roles belong to a server and not to one of its databases."""
    with embedded.running(tmp_path_factory.mktemp("server"), exclusive=True) as url:
        yield url


@pytest.fixture
def administrator(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server, autocommit=True) as connection:
        yield connection


@pytest.fixture
def empty(administrator: psycopg.Connection, server: str) -> Iterator[str]:
    """Yield the URL of an empty database, whose owner is no superuser; both are dropped after the test."""
    administrator.execute("CREATE ROLE owner LOGIN")
    administrator.execute("CREATE DATABASE empty OWNER owner")
    yield make_conninfo(server, dbname="empty")
    administrator.execute("DROP DATABASE empty WITH (FORCE)")
    administrator.execute("DROP ROLE IF EXISTS contactory_app, owner")


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }


def test_an_empty_database_gets_every_revision_once(empty: str) -> None:
    assert migrate.migrate(empty) == revisions()
    assert migrate.migrate(empty) == []


def test_alembic_is_not_imported_for_a_database_that_is_up_to_date(empty: str) -> None:
    migrate.migrate(empty)
    script = (
        "import sys; from contactory.store.migrate import migrate; print(migrate(sys.argv[1]),"
        " [name for name in ('alembic', 'sqlalchemy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, empty], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"


def test_processes_that_migrate_at_once_apply_each_revision_once(empty: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        applied = list(pool.map(migrate.migrate, [empty] * 6))
    assert sorted(applied) == [[]] * 5 + [revisions()]


def test_two_databases_of_a_server_may_be_migrated_at_once(
    empty: str, administrator: psycopg.Connection
) -> None:
    administrator.execute("CREATE DATABASE other")
    try:
        with ThreadPoolExecutor(2) as pool:
            applied = list(pool.map(migrate.migrate, [empty, make_conninfo(empty, dbname="other")]))
    finally:
        administrator.execute("DROP DATABASE other WITH (FORCE)")
    assert applied == [revisions(), revisions()]


def test_every_file_of_sql_is_a_revision_of_its_name() -> None:
    assert [file.stem for file in sorted((FOLDER / "versions").glob("[0-9]*.py"))] == revisions()


def test_a_migration_that_fails_leaves_nothing(empty: str) -> None:
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE TABLE attributes ()")
    with pytest.raises(MigrationError, match='"attributes" already exists'):
        migrate.migrate(empty)
    assert tables(empty) == {"attributes"}


def migrate_to(url: str, before: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Migrate to the revision before the given one; return the revisions that are left."""
    older = revisions()[: revisions().index(before)]
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "revisions", lambda: older)
        patched.setattr(migrate, "_HEAD", older[-1])
        migrate.migrate(url)
    return revisions()[len(older) :]


def test_a_record_of_an_older_schema_keeps_its_keys(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = migrate_to(empty, "0008_direct", monkeypatch)
    with psycopg.connect(empty) as owner:
        owner.execute("INSERT INTO organizations (name) VALUES ('Older')")
        owner.execute(
            "INSERT INTO schemes (organization_id, kind, system, name, qualifier)"
            " VALUES (1, 'contacts', 's', 'n', '')"
        )
        owner.execute("INSERT INTO contacts (organization_id, id, identity_keys) VALUES (1, 7, '{K}')")
        owner.execute("INSERT INTO identities SELECT 1, 7, id, 'K' FROM schemes")
    assert migrate.migrate(empty) == left
    with in_organization(empty) as transaction:
        found = read_identities(transaction, CONTACTS, [7])
    assert [identity.key for identity in found[7]] == ["K"]


def test_users_clients_and_tokens_of_an_older_schema_become_authors(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = migrate_to(empty, "0022_authors", monkeypatch)
    with psycopg.connect(empty) as owner:
        owner.execute("INSERT INTO organizations (name) VALUES ('Older')")
        owner.execute(
            "INSERT INTO users (organization_id, email, password_hash, role, first_name, last_name) VALUES"
            " (1, 'nia@example.com', '', 'manager', 'Nia', 'Holt'), (1, 'bo@example.com', '', 'user', '', '')"
        )
        owner.execute(
            "INSERT INTO clients (organization_id, client_id, name, secret_hash) VALUES (1, 'c', 'Sync', '')"
        )
        owner.execute(
            "INSERT INTO tokens (organization_id, token_hash, scopes, user_id, client_id)"
            " VALUES (1, 'of nobody', '{*}', NULL, NULL), (1, 'u', '{*}', 2, NULL),"
            " (1, 'c', '{*}', NULL, 'c')"
        )
        owner.execute("INSERT INTO contacts (organization_id, id) VALUES (1, 7)")
    assert migrate.migrate(empty) == left
    with psycopg.connect(empty) as owner:
        named = "SELECT name, id FROM authors WHERE organization_id = 1"
        authors: dict[str, int] = dict(owner.execute(named).fetchall())
        found = "SELECT user_id, client_id, author_id FROM find_token(1, %s)"
        tokens = [owner.execute(found, [hash_]).fetchone() for hash_ in (b"of nobody", b"u", b"c")]
        made = owner.execute("SELECT created_by, updated_by FROM contacts").fetchall()
    own = f"token {b'of nobody'.hex()[:16]}"
    assert authors == {"Nia Holt": 1, "bo@example.com": 2, "Sync": authors["Sync"], own: authors[own]}
    assert len({*authors.values()}) == 4
    assert tokens == [(None, None, authors[own]), (2, None, 2), (None, "c", authors["Sync"])]
    assert made == [(0, None)]


def test_a_record_of_an_older_schema_is_unchanged_by_empty_values(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = migrate_to(empty, "0009_sparse", monkeypatch)
    with psycopg.connect(empty) as owner:
        owner.execute("INSERT INTO contacts (organization_id, id, suffix) VALUES (1, 7, 'Jr.')")
    assert migrate.migrate(empty) == left
    given: dict[str, Sequence[Any]] = {
        "country": [""],
        "addresses": [b"[]"],
        "vars": [b"{}"],
        "suffix": ["Jr."],
    }
    modes = {"vars": Mode.REPLACE}
    with in_organization(empty) as transaction:
        options, rows = WriteOptions(kind=CONTACTS, modes=modes), Rows(count=1, ids=[7], columns=given)
        outcomes = write(transaction, options, rows)
        (record,) = read_records(transaction, CONTACTS, [7])
    assert list(outcomes.statuses) == [Status.UNCHANGED]
    assert [record.values[field] for field in given] == ["", [], {}, "Jr."]


def test_an_empty_set_of_scopes_is_migrated_to_its_meaning(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = migrate_to(empty, "0011_rights", monkeypatch)
    consent = "'8a6e0804-2bd0-4672-b79d-d97027f9071a'"
    secrets = (
        "INSERT INTO exchange_secrets (organization_id, secret_hash, kind, authorization_id, client_id,"
        " user_id, scopes, expires_at) SELECT 1, %s::bytea, 'refresh_token', {}, 'c', users.id, %s, now()"
        " FROM users"
    )
    with psycopg.connect(empty) as owner:
        owner.execute("INSERT INTO organizations (name) VALUES ('Older')")
        owner.execute(
            "INSERT INTO users (organization_id, email, password_hash, role) VALUES (1, '', '', 'user')"
        )
        owner.execute(
            "INSERT INTO clients (organization_id, client_id, name, secret_hash) VALUES (1, 'c', '', '')"
        )
        owner.execute(secrets.format("gen_random_uuid()").encode(), ["a", []])
        owner.execute(secrets.format(consent).encode(), ["b", ["contacts:read:own"]])
        for name, scopes, authorization in (("a", "{}", "NULL"), ("b", "{x}", "NULL"), ("c", "{}", consent)):
            owner.execute(
                "INSERT INTO tokens (organization_id, token_hash, scopes, authorization_id)"
                f" VALUES (1, '{name}', '{scopes}', {authorization})".encode()
            )
    assert migrate.migrate(empty) == left
    with psycopg.connect(empty, autocommit=True) as owner:
        tokens = owner.execute("SELECT scopes FROM tokens ORDER BY token_hash").fetchall()
        assert tokens == [(["*"],), (["x"],), (["contacts:read:own"],)]
        found = owner.execute("SELECT scopes FROM exchange_secrets ORDER BY secret_hash").fetchall()
        assert found == [(["*"],), (["contacts:read:own"],)]
        for table in ("tokens", "exchange_secrets"):
            with pytest.raises(psycopg.errors.CheckViolation):
                owner.execute(f"UPDATE {table} SET scopes = '{{}}'".encode())
        with pytest.raises(psycopg.errors.NotNullViolation):
            owner.execute("INSERT INTO tokens (organization_id, token_hash) VALUES (1, 'd')")


def test_ids_of_an_older_database_continue(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = migrate_to(empty, "0021_numbers", monkeypatch)
    with psycopg.connect(empty) as owner:
        owner.execute("INSERT INTO organizations (name) VALUES ('Older')")
        owner.execute("INSERT INTO contacts (organization_id, id) VALUES (1, reserve_record_ids(1))")
        owner.execute("INSERT INTO attributes (organization_id, class, name, type) VALUES (1, '', 'a', '')")
        row = owner.execute("SELECT max(number) FROM directory WHERE number < 2000").fetchone()
    assert row is not None and migrate.migrate(empty) == left
    with in_organization(empty) as transaction:
        assert write(transaction, WriteOptions(kind=CONTACTS), Rows(count=2, ids=[0, 0])).ids == [2, 3]
        assert transaction.row("reserve_attribute_ids", amount=1)[0] == 2
        saved = save_entry(transaction, SaveEntry(kind="group", name="a"))
        assert saved is not None and saved.number == row[0] + 1
    with Administration(empty) as administration:
        assert [administration.create_organization("Newer", id_) for id_ in (3, None, None)] == [3, 2, 4]
        with pytest.raises(TakenOrganizationError):
            administration.create_organization("Newer", 4)


def test_delivery_paths_and_accounts_of_an_older_schema_equal_new_ones(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = migrate_to(empty, "0018_everbridge", monkeypatch)
    accounts = {7: "0042", 8: "42", 9: "none", 10: ""}
    with psycopg.connect(empty) as owner:
        owner.execute("INSERT INTO organizations (name) VALUES ('Older')")
        for id_, account in accounts.items():
            values = [id_, account]
            owner.execute(
                "INSERT INTO contacts (organization_id, id, individual_account_id) VALUES (1, %s, %s)", values
            )
    assert migrate.migrate(empty) == left
    with psycopg.connect(empty) as owner:
        owner.execute("INSERT INTO organizations (name) VALUES ('Newer')")
        query = (
            "SELECT number, name, details FROM directory"
            " WHERE organization_id = %s AND kind = 'path' ORDER BY number"
        )
        older, newer = (owner.execute(query, [id_]).fetchall() for id_ in (1, 2))
        kept: dict[int, str] = dict(
            owner.execute("SELECT id, individual_account_id FROM contacts").fetchall()
        )
    assert older == newer
    assert sorted(details["seq"] for _, _, details in older) == list(range(1, 13))
    assert kept == accounts | {7: "42"}


def test_digests_of_rows_with_a_personal_number_are_removed(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = migrate_to(empty, "0013_digests", monkeypatch)
    tables = ("contacts", "customers")
    with psycopg.connect(empty) as owner:
        for table in tables:
            owner.execute(
                f"INSERT INTO {table} (organization_id, id, ssn, digest)"
                " VALUES (1, 1, 'x', gen_random_uuid()), (1, 2, '', gen_random_uuid())".encode()
            )
    assert migrate.migrate(empty) == left
    with psycopg.connect(empty) as owner:
        for table in tables:
            query = f"SELECT id FROM {table} WHERE digest IS NOT NULL".encode()
            assert owner.execute(query).fetchall() == [(2,)]


@contextmanager
def in_organization(url: str) -> Iterator[Transaction]:
    database = Database(url, size=1)
    database.open()
    try:
        with database.transaction(1) as transaction:
            yield transaction
    finally:
        database.close()


def test_a_database_of_a_newer_contactory_is_refused(empty: str) -> None:
    migrate.migrate(empty)
    with psycopg.connect(empty) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_future'")
    with pytest.raises(MigrationError, match="revision 9999_future, made by a newer Contactory"):
        migrate.migrate(empty)


def test_an_old_server_is_refused(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_OLDEST_SERVER", 99)
    with pytest.raises(MigrationError, match="needs PostgreSQL 99 or newer"):
        migrate.migrate(empty)


def test_the_error_tells_an_administrator_how_to_create_the_role(
    empty: str, administrator: psycopg.Connection
) -> None:
    as_owner = make_conninfo(empty, user="owner")
    with pytest.raises(MigrationError) as error:
        migrate.migrate(as_owner)
    assert tables(empty) == set()
    _, _, statements = str(error.value).partition("must run ")
    for statement in statements.rstrip(";").split(";"):
        administrator.execute(statement.encode())
    assert migrate.migrate(as_owner) == revisions()
    works_as_application(as_owner)


def test_a_user_who_may_create_roles_creates_the_role_and_may_act_as_it(
    empty: str, administrator: psycopg.Connection
) -> None:
    administrator.execute("ALTER ROLE owner CREATEROLE")
    as_owner = make_conninfo(empty, user="owner")
    assert migrate.migrate(as_owner) == revisions()
    works_as_application(as_owner)


def test_a_role_that_bypasses_row_level_security_is_refused(
    empty: str, administrator: psycopg.Connection
) -> None:
    administrator.execute("CREATE ROLE contactory_app BYPASSRLS")
    with pytest.raises(MigrationError, match="gets past row-level security"):
        migrate.migrate(empty)


def works_as_application(url: str) -> None:
    with in_organization(url) as transaction:
        assert transaction.row("find_organization") is None
