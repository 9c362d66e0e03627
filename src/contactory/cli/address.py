"""The address that `serve` listens on, reserved for this service alone."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from contactory.cli.errors import CommandError

_LAST_PORT: Final = 65_535
_REASONS: Final = {
    errno.EADDRINUSE: "another program listens there: stop that one first, or give another --port",
    errno.EACCES: "this user may not listen on a port below 1024: give another --port",
    errno.EADDRNOTAVAIL: "this machine has no such address: give another --host",
}


@contextmanager
def reserved_address(host: str, port: int) -> Iterator[str]:
    """Reserve an address, and yield it as a number. Raises CommandError.

    The processes of a service share a port, and the system would let any other program of this user share it
    too. A socket that does not listen keeps other programs out.
    """
    if not 1 <= port <= _LAST_PORT:
        raise CommandError(f"--port is {port}, expected a number from 1 to {_LAST_PORT}.")
    family, address = _resolve(host, port)
    with socket.socket(family, socket.SOCK_STREAM) as keeping:
        # Connections that ended a moment ago do not prevent this.
        keeping.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            keeping.bind((address, port))
        except OSError as error:
            reason = _REASONS.get(error.errno or 0, error.strerror)
            raise CommandError(f"Cannot listen on {host}, port {port}: {reason}.") from None
        if sys.platform == "linux":
            keeping.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            keeping.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        else:
            keeping.close()
        yield address


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise CommandError(f"--host is {host!r}, which is no address or name of this machine.") from None
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    return family, str(address[0])
