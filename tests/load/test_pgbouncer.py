"""The service behind PgBouncer: it works in session mode, and refuses transaction mode."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from contactory.store import embedded
from contactory.store.errors import Unfit
from contactory.store.pooler import refuse_transaction_pooling
from contactory.store.session import require_fit
from tests.acceptance.client import Api as Propeller
from tests.acceptance.client import row
from tests.acceptance.datananas.client import Api as Datananas
from tests.acceptance.everbridge.client import Api as Everbridge
from tests.acceptance.everbridge.client import person
from tests.acceptance.server import Server
from tests.clusters import migrated

PGBOUNCER = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")

pytestmark = pytest.mark.skipif(
    PGBOUNCER is None, reason="PgBouncer is not installed: apt-get install pgbouncer"
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded.running(migrated(tmp_path_factory.mktemp("database")), exclusive=True) as url:
        yield url


@contextmanager
def pooler(database: str, folder: Path, mode: str, **more: str) -> Iterator[str]:
    """Yield the URL of a database behind a PgBouncer of its own. As root it runs as the user of the
    database."""
    given = conninfo_to_dict(database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": mode,
        "logfile": str(folder / "pgbouncer.log"),
        "default_pool_size": "40",
        **more,
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    target = f"host={given['host']} port={given['port']} dbname={given['dbname']} user=postgres"
    file = folder / "pgbouncer.ini"
    file.write_text("\n".join(["[databases]", f"* = {target}", "[pgbouncer]", *lines, ""]))
    command = [str(PGBOUNCER), str(file)]
    if os.geteuid() == 0:
        user = Path(str(given["host"])).owner()
        home = pwd.getpwnam(user)
        for name in (folder, file):
            os.chown(name, home.pw_uid, home.pw_gid)
        for parent in folder.parents:
            with suppress(OSError):
                parent.chmod(parent.stat().st_mode | 0o1)
        command[1:1] = ["-u", user]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"postgresql://postgres@127.0.0.1:{port}/contactory"
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(url).close()
                break
            except psycopg.OperationalError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()


def contactory(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONTACTORY_")}
    return subprocess.run(
        [sys.executable, "-m", "contactory", *words],
        env={**inherited, "PYTHONPATH": os.pathsep.join(sys.path), "CONTACTORY_DATABASE_URL": url},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_service_works_behind_pgbouncer_in_session_mode(
    database: str, tmp_path: Path, http: httpx.Client
) -> None:
    with pooler(database, tmp_path, "session") as url:
        server = Server(tmp_path, DATABASE_URL=url, EVERBRIDGE_UPSERT="true")
        try:
            organization = contactory(url, "org", "create", "Acme", "--json").stdout
            number = int(organization.partition(":")[2].strip(" }\n"))
            token = contactory(url, "token", "create", "--org", str(number), "--json")
            assert token.returncode == 0, token.stderr
            secret = token.stdout.split('"')[3]
            propeller = Propeller(http, server.url, number, secret)
            assert len(propeller.store(*(row(i) for i in range(200)))) == 200
            assert propeller.contact(7)
            everbridge = Everbridge(http, server.url, number, secret)
            assert everbridge.call("PUT", "/contacts/{org}/batch", json=[person("e1")]).status_code == 200
            datananas = Datananas(http, server.url, number, secret)
            people = [{"email": f"d{i}@example.org"} for i in range(3000)]
            uuid = datananas.ask("POST", "/contacts/bulk", {"contacts": people})["uuid"]
            deadline = time.monotonic() + 60
            while (job := datananas.ask("GET", f"/contacts/bulk/{uuid}"))["state"] != "ended":
                assert time.monotonic() < deadline, job
                time.sleep(0.05)
            assert job["created"] == 3000
            doctor = contactory(url, "doctor")
            assert doctor.returncode == 0 and "WRONG" not in doctor.stdout, doctor.stdout
        finally:
            server.stop()


def test_pgbouncer_in_transaction_mode_is_refused(database: str, tmp_path: Path) -> None:
    """Check this also with a pooler that ignores startup options, as is often recommended."""
    with pooler(database, tmp_path, "transaction", ignore_startup_parameters="options") as url:
        for words in (["serve"], ["worker"], ["migrate"], ["org", "create", "Acme"]):
            told = contactory(url, *words)
            assert (told.returncode, told.stderr.count("\n")) == (1, 1), told.stderr
            assert "pool_mode transaction" in told.stderr and "set pool_mode to session" in told.stderr
        doctor = contactory(url, "doctor")
        assert doctor.returncode == 1
        assert "WRONG   Between Contactory and PostgreSQL is a pooler" in doctor.stdout


def _nothing(_: str) -> None:
    pass


def _two_in_turns(url: str) -> None:
    """Keep two idle sessions, which the pooler uses in turns."""
    with psycopg.connect(url) as one, psycopg.connect(url) as other:
        for connection in (one, other):
            connection.execute("SELECT 1")


@pytest.mark.parametrize("prepare", [_nothing, _two_in_turns])
@pytest.mark.parametrize("turns", ["0", "1"])
@pytest.mark.parametrize("mode", ["transaction", "statement", "session"])
def test_mode_of_a_pooler_is_detected(
    database: str, tmp_path: Path, mode: str, turns: str, prepare: Callable[[str], None]
) -> None:
    with pooler(database, tmp_path, mode, server_round_robin=turns) as url:
        if mode != "statement":
            prepare(url)
        for _ in range(3):
            if mode == "session":
                refuse_transaction_pooling(url)
                require_fit(url)
            else:
                with pytest.raises(Unfit, match="pool_mode"):
                    refuse_transaction_pooling(url)
