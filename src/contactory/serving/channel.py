"""Channels between the processes of a service: sockets in a folder of their own.

A message is an object and a body. The sockets block, so that a body takes one system call on each side, and
not dozens of reads on a busy event loop.
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


class Channel:
    """An end of a connection. Its methods raise EOFError or OSError when the other end has closed."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, message: object, body: bytes = b"") -> None:
        head = pickle.dumps(message)
        self._connection.sendall(_SIZES.pack(len(head), len(body)) + head)
        self._connection.sendall(body)

    def receive(self) -> tuple[Any, bytes]:
        head, body = _SIZES.unpack(self._read(_SIZES.size))
        message = pickle.loads(self._read(head))  # noqa: S301, only the service's own user can write to the folder
        return message, self._read(body)

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
    """The socket on which a process accepts channels."""

    def __init__(self, address: Path) -> None:
        address.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        with _short_path(address) as name:
            self._socket.bind(name)
        self._socket.listen()

    def accept(self) -> Channel:
        return Channel(self._socket.accept()[0])

    def close(self) -> None:
        self._socket.close()


def connect(address: Path) -> Channel:
    """Raises OSError when no process listens at that address."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        with _short_path(address) as name:
            connection.connect(name)
    except OSError:
        connection.close()
        raise
    return Channel(connection)


@contextmanager
def _short_path(address: Path) -> Iterator[str]:
    """Yield a path of that socket which is not too long, if need be through the number of its open folder."""
    if len(os.fsencode(address)) <= _LONGEST:
        yield str(address)
        return
    folder = os.open(address.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{address.name}"
    finally:
        os.close(folder)
