from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from contactory.store import embedded
from contactory.store.embedded import EmbeddedError
from contactory.store.embedded.directory import DataDirectory
from contactory.store.embedded.errors import failure
from contactory.store.embedded.postmaster import find_postmaster

HOLD = """
import sys
from pathlib import Path
from contactory.store import embedded

with embedded.running(Path(sys.argv[1]), exclusive=sys.argv[2] == "exclusive") as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a cluster once, because that takes a second; each test stops its server."""
    folder = tmp_path_factory.mktemp("data")
    with embedded.running(folder, exclusive=True) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE notes (text text)")
    return folder


@pytest.fixture(autouse=True)
def nothing_left_running(data_dir: Path) -> Iterator[None]:
    yield
    assert running_pid(data_dir) is None


class Holder:
    """Another process that uses the data directory until it is told to end, or killed."""

    def __init__(self, data_dir: Path, how: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, data_dir, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def leave(self) -> None:
        _, errors = self.process.communicate("")
        assert self.process.returncode == 0, errors


def running_pid(data_dir: Path) -> int | None:
    postmaster = find_postmaster(DataDirectory(data_dir.resolve(), None))
    return postmaster.pid if postmaster else None


def refusal(data_dir: Path) -> str:
    """Return the error of a service that cannot start."""
    with pytest.raises(EmbeddedError) as error, embedded.running(data_dir, exclusive=True):
        pass
    return str(error.value)


def write(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO notes VALUES (%s)", [text])


def holds(url: str, text: str) -> bool:
    with psycopg.connect(url) as connection:
        return bool(connection.execute("SELECT FROM notes WHERE text = %s", [text]).fetchall())


def test_written_data_is_there_after_a_restart(data_dir: Path) -> None:
    with embedded.running(data_dir, exclusive=True) as url:
        write(url, "restart")
    assert running_pid(data_dir) is None
    with embedded.running(data_dir, exclusive=True) as url:
        assert holds(url, "restart")


def test_a_second_service_is_refused_with_directory_and_process(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_EXCLUSIVE_TIMEOUT", 0.2)
    holder = Holder(data_dir, "exclusive")
    said = refusal(data_dir)
    assert str(data_dir) in said
    assert f"process {holder.process.pid}" in said
    assert running_pid(data_dir), "the first one's server was stopped"
    holder.leave()


def test_a_command_shares_the_services_server_and_leaves_it_running(data_dir: Path) -> None:
    holder = Holder(data_dir, "exclusive")
    with embedded.running(data_dir, exclusive=False) as url:
        assert url == holder.url
    assert holds(url, "nothing") is False
    holder.leave()


def test_overlapping_commands_do_not_stop_the_server_of_each_other(data_dir: Path) -> None:
    first = Holder(data_dir, "shared")
    second = Holder(data_dir, "shared")
    first.leave()
    assert holds(second.url, "nothing") is False
    second.leave()
    assert running_pid(data_dir) is None


def test_many_commands_at_once_all_work_and_the_last_stops_the_server(data_dir: Path) -> None:
    def command(number: int) -> None:
        with embedded.running(data_dir, exclusive=False) as url:
            write(url, f"command {number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(command, range(24)))
    assert running_pid(data_dir) is None


def test_a_server_left_by_a_killed_service_is_adopted_with_all_that_was_committed(data_dir: Path) -> None:
    holder = Holder(data_dir, "exclusive")
    write(holder.url, "adopted")
    holder.kill()
    left = running_pid(data_dir)
    assert left
    with embedded.running(data_dir, exclusive=True) as url:
        assert running_pid(data_dir) == left
        assert holds(url, "adopted")


def test_a_killed_server_starts_again_with_all_that_was_committed(data_dir: Path) -> None:
    holder = Holder(data_dir, "exclusive")
    write(holder.url, "killed")
    pid = running_pid(data_dir)
    assert pid
    with psycopg.connect(holder.url):
        os.kill(pid, signal.SIGKILL)
        holder.kill()
        with embedded.running(data_dir, exclusive=True) as url:
            assert holds(url, "killed")


def test_the_pid_file_of_a_crashed_machine_is_no_problem(data_dir: Path) -> None:
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as other:
        for pid in (other.pid, 2**22 - 1):
            lines = f"{pid}\n{data_dir}/postgres\n1\n5432\n\n\n"
            (data_dir / "postgres" / "postmaster.pid").write_text(lines)
            with embedded.running(data_dir, exclusive=True) as url:
                assert holds(url, "nothing") is False


def test_an_incomplete_cluster_is_created_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.unfinished").mkdir()
    (tmp_path / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    with embedded.running(tmp_path, exclusive=True) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (tmp_path / "postgres.unfinished").exists()


def test_data_of_another_version_are_refused_by_both_versions(data_dir: Path) -> None:
    file = data_dir / "postgres" / "PG_VERSION"
    ours = file.read_text()
    file.write_text("12\n")
    try:
        said = refusal(data_dir)
    finally:
        file.write_text(ours)
    assert "written by PostgreSQL 12, and this is" in said
    assert f"this is PostgreSQL {ours.strip()}: dump them" in said
    assert "CONTACTORY_DATABASE_URL" in said


def test_only_the_servers_user_can_reach_the_socket_and_no_port_is_open(data_dir: Path) -> None:
    with embedded.running(data_dir, exclusive=True) as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        folder = Path(connection.info.host)
        assert folder == data_dir / "socket"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == (data_dir / "postgres").stat().st_uid


def test_durability_is_not_traded_for_speed(data_dir: Path) -> None:
    with embedded.running(data_dir, exclusive=True) as url, psycopg.connect(url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_a_long_path_has_its_socket_in_the_temporary_directory(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long, " * 20 + "'path\"")
    with embedded.running(data_dir, exclusive=True) as url, psycopg.connect(url) as connection:
        folder = Path(connection.info.host)
        assert folder.name.startswith("contactory-")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_a_socket_directory_of_another_user_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / ("long" * 30)
    (tmp_path / "elsewhere").mkdir()
    # The path of a test's own folder can be longer than that of a socket may be.
    with tempfile.TemporaryDirectory() as short:
        Path(short).chmod(0o711)  # The database may run as another user.
        monkeypatch.setattr("tempfile.tempdir", short)
        with embedded.running(data_dir, exclusive=True) as url, psycopg.connect(url) as connection:
            folder = Path(connection.info.host)
        folder.symlink_to(tmp_path / "elsewhere")
        assert f"{folder} belongs to another user" in refusal(data_dir)


def test_the_error_names_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for data_dir in (tmp_path / "file", tmp_path / "file" / "data"):
        said = refusal(data_dir)
        assert f"{data_dir} cannot be written" in said
        assert "set CONTACTORY_DATA_DIR to another" in said


def test_a_full_disk_is_recognized_in_messages_of_postgresql(tmp_path: Path) -> None:
    said = (
        'FATAL:  could not write to file "pg_wal/xlogtemp.12": No space left on device\nLOG:  shutting down'
    )
    assert "is full" in str(failure("Starting the database", said, tmp_path))
    other = str(failure("Starting the database", "one\n" * 9 + "FATAL:  last words\n", tmp_path))
    assert other.endswith("one | one | one | one | FATAL:  last words")
    assert "\n" not in other


def test_the_error_on_a_full_disk_tells_that_it_is_full(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", tmp_path], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    try:
        assert f"{tmp_path} is full" in refusal(tmp_path)
        with suppress(OSError), (tmp_path / "filling").open("wb") as file:
            file.write(bytes(2**24))
        assert f"{tmp_path} is full" in refusal(tmp_path)
    finally:
        subprocess.run(["/bin/umount", tmp_path], check=True)


def test_concurrent_processes_create_the_key_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(embedded.encryption_key, [tmp_path / "data"] * 24))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


def test_a_damaged_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(EmbeddedError, match="holds 5 bytes, expected 32"):
        embedded.encryption_key(tmp_path)
    assert (tmp_path / "secret.key").read_bytes() == b"short"


def test_the_server_stops_soon(data_dir: Path) -> None:
    with embedded.running(data_dir, exclusive=True):
        began = time.monotonic()
    assert time.monotonic() - began < 10
