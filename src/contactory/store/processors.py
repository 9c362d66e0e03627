"""A thread and the server's process that it talks to, on different processors while both are at work.

Linux wakes a process on the processor of the one that writes to it, and hardly looks for an idle one where
there are few: of two, one is often idle while both take turns on the other.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from struct import calcsize, unpack
from typing import Final

from psycopg import Connection

_FEW: Final = 3
_WEIGHT: Final = 0.15  # of what is seen last, against all before
_MORE: Final = 0.4  # threads on average that may want to run beside as many as there are processors for
_CREDENTIALS: Final = "3i"  # process, user and group


class Apart:
    """This thread and the process that serves its connection, if that runs here: kept apart where there are
    two or three processors, while hardly more threads want to run than these."""

    def __init__(self, connection: Connection) -> None:
        self._server = connection.info.backend_pid
        self._processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._can = 2 <= len(self._processors) <= _FEW and _is_here(connection)
        self._is_apart = False

    def look(self) -> None:
        """How it is now."""
        if not self._can:
            return
        if _crowd.look() > len(self._processors) + _MORE:
            self.end()
        elif not self._is_apart:
            self._part()

    def end(self) -> None:
        if self._is_apart:
            self._is_apart = False
            os.sched_setaffinity(0, self._processors)
            with suppress(OSError):  # It may have ended.
                os.sched_setaffinity(self._server, self._processors)

    def _part(self) -> None:
        with suppress(OSError):  # We may not do that with every process.
            os.sched_setaffinity(self._server, self._processors[1::2])
            os.sched_setaffinity(0, self._processors[::2])
            self._is_apart = True
        self._can = self._is_apart


class _Crowd:
    """How many threads of the machine run or could, this one included: on average, over what this process has
    seen of it lately. Two large calls are three such on average, and one is two; at a moment, each is any."""

    def __init__(self) -> None:
        self._average = 0.0

    def look(self) -> float:
        self._average += _WEIGHT * (_runnable() - self._average)
        return self._average


_crowd: Final = _Crowd()


def _runnable() -> int:
    return int(os.pread(_loads(), 100, 0).split()[3].partition(b"/")[0])


@cache
def _loads() -> int:
    """The file that says so, which stays open."""
    return os.open("/proc/loadavg", os.O_RDONLY)


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
