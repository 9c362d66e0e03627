"""Which processes use a data directory, and which of them holds it.

One process at a time holds it (`lock`), and only that one starts or stops the server. Everybody who uses
the server has a share of `users`. The last to leave stops the server, so that two short commands that
overlap do not stop it under each other, and a server is not left running. Both are flocks, which end
with the process whatever kills it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress

from contactory.store.embedded.directory import DataDirectory


class Usage:
    def __init__(self, directory: DataDirectory) -> None:
        self._lock = directory.open("lock")
        self._users = directory.open("users")
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def hold(self) -> bool:
        """Try to become the holder; at once True or False."""
        if not _locked(self._lock.fileno()):
            return False
        # The number is for a person only, so a full disk is not a reason to give up here.
        with suppress(OSError):
            self._lock.truncate(0)
            os.pwrite(self._lock.fileno(), str(os.getpid()).encode(), 0)
        return True

    def holder(self) -> str:
        return os.pread(self._lock.fileno(), 20, 0).decode(errors="replace") or "unknown"

    def leave(self, stop: Callable[[], None]) -> None:
        """`stop` is called when nobody else uses the server."""
        fcntl.flock(self._users, fcntl.LOCK_UN)
        try:
            # The second look is for who left, and could not stop the server, while we held the directory.
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
