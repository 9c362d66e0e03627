"""A thread and the server's process that it talks to, on different processors while both are at work.

Linux wakes a process on the processor of the one that writes to it, and where there are few hardly looks for an
idle one: of two, one is often idle while both take turns on the other.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from struct import calcsize, unpack
from typing import Final

from psycopg import Connection

_FEW: Final = 3
_CREDENTIALS: Final = "3i"  # process, user and group


@contextmanager
def kept_apart(connection: Connection) -> Iterator[None]:
    """This thread, and the process that serves its connection if that runs here: where there are two or three
    processors, of which one is idle now."""
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    server = connection.info.backend_pid
    if not (_runnable() <= len(processors) <= _FEW and _is_here(connection)):
        yield
        return
    try:
        with suppress(OSError):
            os.sched_setaffinity(server, processors[1::2])
            os.sched_setaffinity(0, processors[::2])
        yield
    finally:
        os.sched_setaffinity(0, processors)
        with suppress(OSError):
            os.sched_setaffinity(server, processors)


def _runnable() -> int:
    """How many threads of the machine run or could, this one included."""
    return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])


def _is_here(connection: Connection) -> bool:
    """Whether the server is on this machine, and its processes have here the numbers that it knows them by:
    that of this connection is a child of the one that listens."""
    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        if line.family is not socket.AF_UNIX:
            return False
        told = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, calcsize(_CREDENTIALS))
    listener = int(unpack(_CREDENTIALS, told)[0])
    try:
        status = Path(f"/proc/{connection.info.backend_pid}/stat").read_text()
    except OSError:
        return False
    parent = int(status.rpartition(")")[2].split()[1])
    return parent == listener
