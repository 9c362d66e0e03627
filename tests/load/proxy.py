"""A network between a service and its database, which can be cut off or swallow everything."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

_PIECE: Final = 1 << 16


class Proxy:
    """A listener on a TCP port of loopback that forwards to the Unix socket of a PostgreSQL."""

    def __init__(self, target: Path, *, listens: bool = True) -> None:
        self._target = str(target)
        self._flows = threading.Event()
        self._flows.set()
        self._lines: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        if listens:
            self.listen()

    def listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._start(self._accept, self._listener)

    def swallow(self) -> None:
        """Forward nothing from now on, and let no end notice it."""
        self._flows.clear()

    def flow(self) -> None:
        """Forward again, beginning with what was held back."""
        self._flows.set()

    def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._flows.set()
        self.cut()
        for thread in self._threads:
            thread.join(10)
        for line in self._lines:
            line.close()

    def _start(self, work: Callable[..., None], *lines: socket.socket) -> None:
        thread = threading.Thread(target=work, args=lines, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _ = listener.accept()
                there = socket.socket(socket.AF_UNIX)
                there.connect(self._target)
                self._lines += [here, there]
                for source, sink in ((here, there), (there, here)):
                    self._start(self._pass_on, source, sink)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                self._flows.wait()
                sink.sendall(piece)
        for line in (source, sink):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
