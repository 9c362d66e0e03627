"""Files that the processes of a service share.

Each is opened once and kept open, so that it can be used even after its folder was removed.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

_NUMBER: Final = struct.Struct("q")

logger = logging.getLogger(__name__)


class SharedFile:
    """A lock that one process holds at a time, and that is released when it dies; and numbers by index."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self.is_held = False  # by this process, which could lock it again

    @classmethod
    def make(cls, path: Path) -> SharedFile:
        path.touch(0o600)
        return cls(path)

    def lock(self) -> bool:
        """Take the lock if it is free, and return whether it was."""
        if self.is_held:
            return False
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno != errno.EWOULDBLOCK:
                logger.error("the processes cannot share their turns: %s", error)
                self.is_held = True  # At least in this process there is one at a time.
            return self.is_held
        self.is_held = True
        return True

    def unlock(self) -> None:
        with suppress(OSError):  # It was logged that there is no locking.
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self.is_held = False

    def read(self, index: int) -> int:
        """Return the number at an index, 0 where none was written."""
        found = os.pread(self._file, _NUMBER.size, index * _NUMBER.size)
        return int(_NUMBER.unpack(found)[0]) if len(found) == _NUMBER.size else 0

    def write(self, index: int, number: int) -> None:
        os.pwrite(self._file, _NUMBER.pack(number), index * _NUMBER.size)

    def close(self) -> None:
        os.close(self._file)
