"""Servers as child processes: a port for them, their start and their end."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

_PATIENCE: Final = 60.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the URL responds with success. Raises RuntimeError."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        # An answer that is no success raises too: it is not ready.
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(url, timeout=5):  # noqa: S310
            return
        time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer after {_PATIENCE:.0f} seconds")


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ends the process with the block, gently if it can be."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
