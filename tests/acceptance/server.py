"""The service as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import httpx

from tests.clusters import migrated

_PATIENCE = 60.0


class Server:
    """`contactory serve` with its files in `folder`; `variables` are settings without their prefix. Of those
    of the tests themselves it has CONTACTORY_SCANNER only.

    Unless it is fresh, it finds a database that was made for tests.
    """

    def __init__(self, folder: Path, *, workers: str = "1", fresh: bool = False, **variables: str) -> None:
        self._workers = workers
        self.data_dir = folder / "data"
        self.log = folder / "server.log"
        self._settings = {"DATA_DIR": str(self.data_dir), **variables}
        if not fresh and not variables.keys() & {"DATA_DIR", "DATABASE_URL"}:
            migrated(self.data_dir)
        self.start()

    def start(self) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        foreign = {name for name in os.environ if name.startswith("CONTACTORY_")} - {"CONTACTORY_SCANNER"}
        inherited = {name: value for name, value in os.environ.items() if name not in foreign}
        settings = {f"CONTACTORY_{name}": value for name, value in self._settings.items()}
        command = [sys.executable, "-m", "contactory", "serve"]
        with self.log.open("ab") as log, self._output(log) as output:
            self._process = subprocess.Popen(
                [*command, "--port", str(port), "--workers", self._workers],
                env={**inherited, "PYTHONPATH": os.pathsep.join(sys.path), **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._await_health()

    @contextmanager
    def _output(self, log: BinaryIO) -> Iterator[int]:
        """Yield the file for the output of the service."""
        yield log.fileno()

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait(_PATIENCE) == 0, self.log.read_text()

    def kill(self) -> None:
        """Kill everything as a power cut does: the service's processes first, then the database's first
        process."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self.kill_database()
        self._process.wait(_PATIENCE)

    def kill_database(self) -> None:
        postmaster = int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)

    def _await_health(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        self._process.kill()
        self._process.wait()
        raise AssertionError(f"the server did not start:\n{self.log.read_text()}")


class ServerOnATerminal(Server):
    """A server whose output goes to a terminal, and from there to the log."""

    @contextmanager
    def _output(self, log: BinaryIO) -> Iterator[int]:  # noqa: ARG002
        ours, theirs = os.openpty()
        threading.Thread(target=self._copy, args=(ours,), daemon=True).start()
        try:
            yield theirs
        finally:
            os.close(theirs)

    def _copy(self, terminal: int) -> None:
        """Copy the output until its last writer has ended, which a terminal reports as an error."""
        with self.log.open("ab", buffering=0) as log, suppress(OSError):
            while said := os.read(terminal, 1 << 16):
                log.write(said)
        os.close(terminal)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
