"""A backup is restored elsewhere and compared; the doctor says what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import psycopg

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


def test_a_backup_of_a_running_service_is_the_same_elsewhere(tmp_path: Path, http: httpx.Client) -> None:
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


def test_what_cannot_be_backed_up_or_restored(tmp_path: Path) -> None:
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


def test_the_doctor(tmp_path: Path) -> None:
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
