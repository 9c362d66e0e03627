"""The command `contactory` in processes of its own, beside a service that may be running."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from contactory.access.caller import authenticate
from contactory.cli.address import reserved_address
from contactory.cli.database import open_database
from contactory.cli.errors import CommandError
from contactory.cli.shared_folder import shared_folder
from contactory.model.caller import Bearer
from contactory.settings import Settings
from contactory.store import embedded
from contactory.store.database import Database
from contactory.store.migrations import revisions


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


class Contactory:
    """The command with one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.variables = {"CONTACTORY_DATA_DIR": str(data_dir)}

    def __call__(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONTACTORY_")}
        return subprocess.run(
            [sys.executable, "-m", "contactory", *words],
            env={**inherited, "PYTHONPATH": os.pathsep.join(sys.path), **self.variables, **variables},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def json(self, *words: str, **variables: str) -> Any:
        done = self(*words, "--json", **variables)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, *words: str, **variables: str) -> str:
        done = self(*words, **variables)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr.strip()


@pytest.fixture(scope="module")
def contactory(data_dir: Path) -> Contactory:
    return Contactory(data_dir)


@pytest.fixture(scope="module")
def org(contactory: Contactory) -> str:
    return str(contactory.json("org", "create", "Acme")["id"])


def test_id_of_an_organization_cannot_be_given_twice(contactory: Contactory, org: str) -> None:
    said = contactory.refused("org", "create", "Again", "--id", org)
    assert said == f"contactory: There is an organization {org} already."


@pytest.mark.parametrize("id_", ["0", "-1", str(2**53), "abc", "1.5", ""])
def test_id_of_an_organization_must_be_within_bounds(contactory: Contactory, id_: str) -> None:
    done = contactory("org", "create", "Acme", "--id", id_)
    assert done.returncode == 2
    assert "--id" in done.stderr and "Traceback" not in done.stderr


def test_quota_that_is_not_given_is_unchanged(contactory: Contactory, org: str) -> None:
    expected = {"id": int(org), "total_contacts": 0, "connect_daily": 0}
    assert contactory.json("org", "quota", org) == expected
    expected["total_contacts"] = 100
    assert contactory.json("org", "quota", org, "--total-contacts", "100") == expected
    expected["connect_daily"] = 5
    assert contactory.json("org", "quota", org, "--connect-daily", "5") == expected
    assert "100 contacts, and each user may add 5 a day" in contactory("org", "quota", org).stdout


def test_user_cannot_be_created_twice(contactory: Contactory, org: str) -> None:
    words = ("user", "create", "--org", org, "--password", "correct horse", "--email")
    names = ("--first-name", "Ada", "--last-name", "Byron")
    made = contactory.json(*words, "a@b.c", "--role", "manager", *names)
    assert (made["role"], made["first_name"], made["last_name"]) == ("manager", "Ada", "Byron")
    assert "has a user A@b.c already" in contactory.refused(*words, "A@b.c")
    assert "'nobody' is not an e-mail address" in contactory.refused(*words, "nobody")


def test_users_clients_and_tokens_created_beside_a_running_service_are_valid(
    contactory: Contactory, org: str, data_dir: Path
) -> None:
    settings = Settings.from_environment({"CONTACTORY_DATA_DIR": str(data_dir)})
    with open_database(settings, exclusive=True) as url:
        database = Database(url, size=1)
        database.open()
        try:
            everything = authenticate(
                database, Bearer(contactory.json("token", "create", "--org", org)["token"])
            )
            contactory.json("user", "create", "--org", org, "--email", "x@y.z", "--password", "p")
            words = ("--user", "X@y.z", "--scopes", "contacts:read lists:read", "--scopes", "users:read")
            limited = authenticate(
                database,
                Bearer(contactory.json("token", "create", "--org", org, *words, "--days", "1")["token"]),
            )
            client = contactory.json("client", "create", "--org", org, "--name", "Sync")
            asked = ("--redirect-uri", "https://app.example.com/back")
            contactory.json("client", "create", "--org", org, "--name", "App", *asked)
            tokens = [contactory.json("token", "create", "--org", org)["token"] for _ in range(2)]
            theirs = contactory.json("token", "create", "--org", org, "--user", "x@y.z")["token"]
            assert contactory.json("token", "revoke", tokens[0]) == {"revoked": 1}
            of_user = ("--org", org, "--user", "x@y.z")
            assert contactory.json("token", "revoke", *of_user) == {"revoked": 2}
            assert contactory.json("token", "revoke", "--client", client["client_id"]) == {"revoked": 0}
            left = [authenticate(database, Bearer(token)) is not None for token in (*tokens, theirs)]
            assert left == [False, True, False]
        finally:
            database.close()
    assert everything
    assert (everything.user_id, everything.scopes) == (None, frozenset({"*"}))
    assert limited
    assert limited.role == "user"
    assert limited.scopes == {"contacts:read", "lists:read", "users:read"}
    assert set(client) == {"client_id", "client_secret"}


def test_migrate_prints_the_applied_migrations(tmp_path: Path) -> None:
    contactory = Contactory(tmp_path)
    assert contactory("migrate").stdout == f"Applied {', '.join(revisions())}.\n"
    assert contactory.json("migrate") == {"applied": []}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("org quota 999", "There is no organization 999."),
        ("user create --org 999 --email a@b.c --password p", "There is no organization 999."),
        ("client create --org 999 --name x", "There is no organization 999."),
        ("token create --org 999", "There is no organization 999."),
        ("token create --org {org} --user x@x", "has no user x@x."),
        ("token create --org {org} --scopes=", "--scopes names no scope"),
        (
            "token create --org {org} --scopes nonsense",
            "There is no scope nonsense. There are: * contacts:read",
        ),
        ("token create --org {org} --scopes companies:read:own", "There is no scope companies:read:own."),
        ("user disable --org {org} --email x@x", "has no user x@x."),
        ("user create --org {org} --email x@x --password p --password-stdin", "not both"),
        ("user create --org {org} --email x@x --password-stdin", "A user needs a password."),
        ("client rotate x", "'x' is not the id of a client."),
        ("client disable c1_0123456789abcdef", "There is no client c1_0123456789abcdef."),
        ("org delete {org}", "say --yes"),
        ("org delete 999 --yes", "There is no organization 999."),
        ("token revoke", "Give a token"),
        ("token revoke x", "Give a token"),
        ("token revoke --user x@x", "Give a token"),
        ("client create --org {org} --name x --redirect-uri /back", "expected an absolute URI"),
    ],
)
def test_command_that_cannot_be_done_prints_one_line(
    contactory: Contactory, org: str, words: str, said: str
) -> None:
    assert said in contactory.refused(*words.format(org=org).split())


def test_wrong_settings_and_databases_print_one_line(contactory: Contactory, tmp_path: Path) -> None:
    assert "CONTACTORY_POOL_SIZE is 'x'" in contactory.refused("migrate", CONTACTORY_POOL_SIZE="x")
    nowhere = f"postgresql://user:hidden@/x?host={tmp_path}"
    said = contactory.refused("org", "create", "x", CONTACTORY_DATABASE_URL=nowhere)
    assert "cannot be reached" in said
    assert "hidden" not in said
    (tmp_path / "file").touch()
    said = contactory.refused("migrate", CONTACTORY_DATA_DIR=str(tmp_path / "file"))
    assert "cannot be written" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--port 0", "--port is 0, expected a number from 1 to 65535."),
        ("--port 65536", "--port is 65536, expected"),
        ("--host nonsense.invalid", "no address or name of this machine"),
        ("--host 192.0.2.1", "no such address"),
        ("--workers -1", "--workers is -1, expected a number from 0 to 64."),
        ("--workers 65", "--workers is 65, expected"),
    ],
)
def test_address_that_serve_cannot_listen_on_prints_one_line(
    contactory: Contactory, words: str, said: str
) -> None:
    assert said in contactory.refused("serve", *words.split())


def test_taken_port_prints_one_line(contactory: Contactory) -> None:
    """Check this although the other program would share the port, as two services do."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"port {port}: another program listens there" in contactory.refused("serve", "--port", port)


def test_reserved_address_is_shared_only_by_processes_of_one_service() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with reserved_address("localhost", port) as address:
        with pytest.raises(CommandError), reserved_address(address, port):
            pass
        for _ in range(2):
            with socket.socket() as process:
                process.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                process.bind((address, port))


def test_backup_that_cannot_be_written_prints_one_line(contactory: Contactory, org: str) -> None:
    assert org and "cannot be written" in contactory.refused("backup", "/proc/nowhere/x")


def test_folders_of_killed_services_are_removed_and_those_in_use_are_not(tmp_path: Path) -> None:
    with shared_folder(tmp_path) as first:
        left = tmp_path / "contactory-run-left"
        left.mkdir()
        (left / "lock").touch()
        with shared_folder(tmp_path) as second:
            assert sorted(tmp_path.iterdir()) == sorted([first, second])
        assert list(tmp_path.iterdir()) == [first]
        assert first.stat().st_mode & 0o777 == 0o700


def test_database_of_the_url_in_the_settings_is_used(tmp_path: Path) -> None:
    with embedded.running(tmp_path / "server", exclusive=True) as url:
        contactory = Contactory(tmp_path / "unused")
        done = contactory("org", "create", "Acme", "--json", CONTACTORY_DATABASE_URL=url)
    assert json.loads(done.stdout) == {"id": 1}
    assert not (tmp_path / "unused").exists()


def test_purge_removes_deleted_records_at_once(contactory: Contactory, data_dir: Path, org: str) -> None:
    with embedded.running(data_dir, exclusive=False) as url, psycopg.connect(url, autocommit=True) as owner:
        owner.execute("INSERT INTO contacts (organization_id, id, deleted_at) VALUES (%s, 7, now())", [org])
        owner.execute("INSERT INTO deletions VALUES (%s, 'contacts', 7)", [org])
        assert contactory.json("purge") == {"days": 30}
        count = b"SELECT count(*) FROM contacts WHERE id = 7"
        assert owner.execute(count).fetchone() == (1,)
        assert contactory.json("purge", "--days", "0") == {"days": 0}
        assert owner.execute(count).fetchone() == (0,)


def test_help_loads_no_package_of_the_verbs() -> None:
    script = """
import sys
from typer.testing import CliRunner
from contactory.cli import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
assert CliRunner().invoke(app, ["token", "create", "--help"]).exit_code == 0
print([name for name in ("psycopg", "alembic", "argon2", "cryptography") if name in sys.modules])
"""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
