"""What processes of the service say to each other, over sockets in their own folder.

A message is an object and a body. Sockets block: so a body goes in one call of the system's on each side, and
not in dozens of pieces through an event loop that is busy.
"""

from __future__ import annotations

import os
import pickle
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_LONGEST: Final = 100  # bytes of a socket's path; systems differ, but all take this many
_SIZES: Final = struct.Struct("QQ")  # of the object, and of the body


class Wire:
    """One end of a connection. Raises EOFError or OSError when there is no other end any more."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, said: object, body: bytes = b"") -> None:
        head = pickle.dumps(said)
        self._connection.sendall(_SIZES.pack(len(head), len(body)) + head)
        self._connection.sendall(body)

    def receive(self) -> tuple[Any, bytes]:
        head, body = _SIZES.unpack(self._read(_SIZES.size))
        said = pickle.loads(self._read(head))  # noqa: S301, only the service's own user gets into the folder
        return said, self._read(body)

    def close(self) -> None:
        self._connection.close()

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            parts.append(self._connection.recv(size, socket.MSG_WAITALL))
            if not parts[-1]:
                raise EOFError
            size -= len(parts[-1])
        return b"".join(parts)


class Listener:
    """Where a process takes connections."""

    def __init__(self, address: Path) -> None:
        address.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        with _short(address) as name:
            self._socket.bind(name)
        self._socket.listen()

    def accept(self) -> Wire:
        return Wire(self._socket.accept()[0])

    def close(self) -> None:
        self._socket.close()


def connect(address: Path) -> Wire:
    """Raises OSError when nobody listens there."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        with _short(address) as name:
            connection.connect(name)
    except OSError:
        connection.close()
        raise
    return Wire(connection)


@contextmanager
def _short(address: Path) -> Iterator[str]:
    """Another name for a path that is too long for a socket's, where the system has one: through the
    folder, by its number."""
    if len(os.fsencode(address)) <= _LONGEST:
        yield str(address)
        return
    folder = os.open(address.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{address.name}"
    finally:
        os.close(folder)
