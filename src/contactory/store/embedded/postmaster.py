"""Running server of a cluster, found by its pid file."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import psycopg

from contactory.store.embedded.directory import DataDirectory
from contactory.store.embedded.socket_path import PORT

_DATABASE: Final = "contactory"


class Postmaster(NamedTuple):
    pid: int
    socket_directory: str  # empty while it is starting

    def url(self, database: str = _DATABASE) -> str:
        return f"postgresql://postgres@/{database}?host={quote(self.socket_directory, safe='')}&port={PORT}"

    def has_database(self) -> bool:
        """Tell whether it accepts connections to our database now."""
        if not self.socket_directory:
            return False
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def make_database(self) -> bool:
        """Create our database unless it exists; return False when the server does not accept connections yet,
        or no longer does."""
        if not self.socket_directory:
            return False
        try:
            connection = psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5)
        except psycopg.OperationalError:
            return False
        with connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [_DATABASE]).fetchall():
                connection.execute(f"CREATE DATABASE {_DATABASE}")
        return True


def find_postmaster(directory: DataDirectory) -> Postmaster | None:
    """Find the running server. One that was started in another way is not found; PostgreSQL then refuses to
    start a second."""
    lines = _pid_lines(directory.cluster)
    if not lines or f"={directory.name} " not in (_command_line(int(lines[0])) or ""):
        return None
    return Postmaster(int(lines[0]), lines[4] if len(lines) > 5 else "")


def remove_stale_pid(directory: DataDirectory) -> None:
    """Remove a pid file whose process is not a server.

    PostgreSQL respects the file while any process of the same user has its process id. After a restart of the
    machine that may be another program, and in a container the dead server itself, as a zombie.
    """
    lines = _pid_lines(directory.cluster)
    program = _command_line(int(lines[0])) if lines else None
    if program is not None and "postgres" not in program:
        (directory.cluster / "postmaster.pid").unlink(missing_ok=True)


def _pid_lines(cluster: Path) -> list[str]:
    """Return the lines of the pid file: process, data, start, port, socket's directory, ...; empty when there
    is none."""
    try:
        lines = (cluster / "postmaster.pid").read_text("utf-8", "replace").split("\n")
    except FileNotFoundError:
        return []
    return lines if lines[0].strip().isdigit() else []


def _command_line(pid: int) -> str | None:
    """Return the command line of a process: None when it does not exist, empty when it is a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
        except OSError:
            return None
    command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (a number)
    return listed.stdout if listed.returncode == 0 else None
