"""The service as a process of its own, started and stopped with the demo."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Final

HOST: Final = "127.0.0.1"

_PATIENCE: Final = 120.0  # seconds for its start; creating a database takes two
_LAST_PATIENCE: Final = 20.0
_TAIL_BYTES: Final = 8_000
_TAIL_LINES: Final = 20


class ServerError(Exception):
    """A service that ended or did not start. `log`: the last lines of its output."""

    def __init__(self, text: str, log: str) -> None:
        super().__init__(text)
        self.log = log


def free_port(wanted: int) -> int:
    """Return the wanted port, or another one if that is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


class Server:
    def __init__(self, port: int) -> None:
        self.port = port
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed by close)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start the service, and wait until it responds. Raises ServerError.

        The caller must hold back interrupts: a service that is ended while it starts its database leaves that
        running.
        """
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            # With one worker process, a response means that all of the service has started: a worker process
            # that gets the signal to end while it starts misses it. One client needs no second one.
            [
                sys.executable,
                "-m",
                "contactory",
                "serve",
                f"--host={HOST}",
                f"--port={self.port}",
                "--workers=1",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            # Ctrl-C goes to all processes of the terminal, but the demo itself ends this one.
            start_new_session=True,
        )
        deadline = time.monotonic() + _PATIENCE
        while not self._is_healthy():
            self.check()
            if time.monotonic() > deadline:
                raise ServerError(f"The service did not answer within {_PATIENCE:.0f} seconds.", self._tail())
            time.sleep(0.05)

    def check(self) -> None:
        """Raises ServerError if the service has ended."""
        if self._process and self._process.poll() is not None:
            code = self._process.returncode
            raise ServerError(f"The service ended by itself, with code {code}.", self._tail())

    def close(self) -> bool:
        """Stop the service. Return False if it had to be killed, so that its database still runs."""
        process = self._process
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(_LAST_PATIENCE)
            except subprocess.TimeoutExpired:
                # It leads a process group, which are its workers.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._log.close()
        return not process or process.returncode >= 0

    def _is_healthy(self) -> bool:
        with closing(HTTPConnection(HOST, self.port, timeout=5)) as connection:
            try:
                connection.request("GET", "/health")
                return connection.getresponse().status == 200
            except (OSError, HTTPException):
                return False

    def _tail(self) -> str:
        # Seeking would move the position of the process that writes the file.
        file = self._log.fileno()
        size = os.fstat(file).st_size
        end = os.pread(file, _TAIL_BYTES, max(0, size - _TAIL_BYTES)).decode(errors="replace")
        return "\n".join(end.splitlines()[-_TAIL_LINES:])
