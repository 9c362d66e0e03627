"""Usage of a data directory by processes, one of which holds it.

One process at a time holds the directory (`lock`), and only that one starts or stops the server. Each process
that uses the server has a shared lock of `users`. The last one stops the server, so that two short commands
that overlap do not stop it while the other uses it, and no server is left running. Both are flocks, which end
with the process.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress

from contactory.store.embedded.directory import DataDirectory


class Usage:
    """Use of a data directory by this process, from now on."""

    def __init__(self, directory: DataDirectory) -> None:
        self._lock = directory.open("lock")
        self._users = directory.open("users")
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def hold(self) -> bool:
        """Try to become the holder, without waiting; return whether it worked."""
        if not _locked(self._lock.fileno()):
            return False
        # The process id is only shown to people, so a full disk is no reason to fail.
        with suppress(OSError):
            self._lock.truncate(0)
            os.pwrite(self._lock.fileno(), str(os.getpid()).encode(), 0)
        return True

    def holder(self) -> str:
        """Return the process id of the holder."""
        return os.pread(self._lock.fileno(), 20, 0).decode(errors="replace") or "unknown"

    def end(self, stop: Callable[[], None]) -> None:
        """End the use. `stop` is called when no other process uses the server."""
        fcntl.flock(self._users, fcntl.LOCK_UN)
        try:
            # The second attempt is for a process that ended its use, and could not stop the server, while
            # this one held the directory.
            for _ in range(2):
                if _locked(self._lock.fileno()):
                    try:
                        if _locked(self._users.fileno()):
                            stop()
                    finally:
                        fcntl.flock(self._users, fcntl.LOCK_UN)
                        fcntl.flock(self._lock, fcntl.LOCK_UN)
        finally:
            self._users.close()
            self._lock.close()


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
