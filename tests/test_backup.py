"""Backup and restore, with a comparison of the contents, and the findings of the doctor."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from contactory.store import embedded
from tests.acceptance.client import Api, row
from tests.acceptance.server import Server
from tests.test_cli import Contactory


def contents(url: str) -> dict[str, list[Any]]:
    with psycopg.connect(url) as owner:
        names = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {
            name: owner.execute(f"SELECT t::text FROM {name} AS t ORDER BY 1".encode()).fetchall()
            for (name,) in names.fetchall()
        }


def test_restored_backup_of_a_running_service_has_the_same_contents(
    tmp_path: Path, http: httpx.Client
) -> None:
    server, folder = Server(tmp_path), tmp_path / "backup"
    here = Contactory(server.data_dir)
    try:
        organization = here.json("org", "create", "Acme")["id"]
        token = here.json("token", "create", "--org", str(organization))["token"]
        Api(http, server.url, organization, token).store(
            *(row(number, firstName="Élodie", ssn=f"93-{number}") for number in range(500))
        )
        assert here.json("backup", str(folder))["bytes"] > 10_000
        assert "exists already" in here.refused("backup", str(folder))
        assert {oct(file.stat().st_mode & 0o777) for file in folder.iterdir()} == {"0o600"}
        with embedded.running(server.data_dir, exclusive=False) as url:
            stored = contents(url)
    finally:
        server.stop()
    elsewhere = tmp_path / "elsewhere"
    there = Contactory(elsewhere)
    assert there.json("restore", str(folder)) == {"restored": True}
    assert "has a database already" in there.refused("restore", str(folder))
    with embedded.running(elsewhere, exclusive=False) as url:
        assert contents(url) == stored
    (tmp_path / "again").mkdir()
    again = Server(tmp_path / "again", DATA_DIR=str(elsewhere))
    try:
        api = Api(http, again.url, organization, token)
        assert api.contact(499)["ssn"] == "93-499"
        assert api.store(row("new")) == [501]
    finally:
        again.stop()


def test_backup_and_restore_refuse_wrong_input(tmp_path: Path) -> None:
    here = Contactory(tmp_path / "data")
    assert "is not a backup" in here.refused("restore", str(tmp_path))
    other = {"CONTACTORY_DATABASE_URL": "postgresql://x/y"}
    assert "use pg_dump" in here.refused("backup", str(tmp_path / "b"), **other)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "database.dump").write_bytes(b"no dump")
    (broken / "secret.key").write_bytes(b"k" * 32)
    failed = here("restore", str(broken))
    assert failed.returncode == 1 and "could not be restored" in failed.stderr
    assert here.json("org", "create", "Acme") == {"id": 1}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a backup of a database with one organization."""
    folder = tmp_path_factory.mktemp("made")
    here = Contactory(folder / "data")
    here.json("org", "create", "Acme")
    here.json("backup", str(folder / "backup"))
    return folder / "backup"


def test_restore_never_overwrites_a_key(made: Path, tmp_path: Path) -> None:
    data, key = tmp_path / "data", (made / "secret.key").read_bytes()
    data.mkdir()
    (data / "secret.key").write_bytes(other := b"o" * 32)
    refused = Contactory(data)("restore", str(made))
    assert refused.returncode == 1 and "is the key of other data" in refused.stderr
    assert [(file.name, file.read_bytes()) for file in data.glob("*.key*")] == [("secret.key", other)]
    assert not (data / "postgres").exists() and not (data / "restore.unfinished").exists()
    (data / "secret.key").write_bytes(key)  # the key of a database that was moved away
    assert Contactory(data).json("restore", str(made)) == {"restored": True}
    assert (data / "secret.key").read_bytes() == key
    assert Contactory(data).json("org", "create", "Second") == {"id": 2}


def test_failed_restore_leaves_the_existing_key(made: Path, tmp_path: Path) -> None:
    broken, data = tmp_path / "broken", tmp_path / "data"
    shutil.copytree(made, broken)
    (broken / "database.dump").write_bytes((made / "database.dump").read_bytes()[:9000])
    here = Contactory(data)
    for has_key in (False, True):
        if has_key:
            shutil.copy(made / "secret.key", data)
        assert "could not be restored" in here("restore", str(broken)).stderr
        assert (data / "secret.key").exists() == has_key
        assert not (data / "postgres").exists() and not (data / "restore.unfinished").exists()


@pytest.mark.parametrize("name", ["restore.unfinished", "secret.key", "postgres"])
def test_killed_restore_is_repeated_and_its_database_is_not_used_before(
    made: Path, tmp_path: Path, name: str
) -> None:
    """Kill a restore as soon as a file exists, and a second one half a second later, while processes of the
    first may still run."""
    data = tmp_path / "data"
    here = Contactory(data)
    command = [sys.executable, "-m", "contactory", "restore", str(made)]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **here.variables}
    for more in (0.0, 0.5):
        process = subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL, start_new_session=True)
        while not (data / name).exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(more)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if (data / "restore.unfinished").exists():
        assert "run `contactory restore` again" in here.refused("org", "create", "x")
        assert "run `contactory restore` again" in here("doctor").stdout
    if (data / "restore.unfinished").exists() or not (data / "postgres").exists():
        assert here.json("restore", str(made)) == {"restored": True}
    assert (data / "secret.key").read_bytes() == (made / "secret.key").read_bytes()
    assert here.json("org", "create", "Second") == {"id": 2}


def test_doctor_reports_findings_and_exits_with_1(tmp_path: Path) -> None:
    here = Contactory(tmp_path / "data")
    assert "no schema yet" in here("doctor").stdout
    here.json("migrate")
    found = here.json("doctor")["findings"]
    assert {finding["state"] for finding in found} == {"ok"}, found
    with embedded.running(tmp_path / "data", exclusive=False) as url, psycopg.connect(url) as owner:
        owner.execute("ALTER TABLE contacts DISABLE ROW LEVEL SECURITY")
    told = here("doctor")
    assert told.returncode == 1 and "WRONG   Row-level security is off for contacts" in told.stdout
    told = here("doctor", CONTACTORY_POOL_SIZE="x")
    assert told.returncode == 1 and "CONTACTORY_POOL_SIZE" in told.stdout
    told = here("doctor", CONTACTORY_DATABASE_URL=f"postgresql://user@/x?host={tmp_path}")
    assert told.returncode == 1 and "WRONG   The database cannot be used" in told.stdout
