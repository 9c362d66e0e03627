"""Where the processes of one service meet: while small calls pass in any of them, large ones go one by one,
so that a small call finds a processor free. While none passes, each process has a large one in hand."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from pathlib import Path
from typing import Final

QUIET: Final = 0.1  # seconds without a small call

_TIME: Final = struct.Struct("d")


class Crossing:
    """By a file that all of them open: its lock is for the large call, which ends with the process that holds
    it; in it is when the last small call came, by the clock that all processes of a machine share."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder the process is alone."""
        self._file = -1
        if folder:
            self._file = os.open(folder / "crossing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.ftruncate(self._file, _TIME.size)
            self._last = mmap.mmap(self._file, _TIME.size)

    def pass_small(self) -> None:
        if self._file >= 0:
            _TIME.pack_into(self._last, 0, time.monotonic())

    def enter_large(self) -> bool:
        """Whether it may begin now."""
        if self._file < 0:
            return True
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return time.monotonic() - float(_TIME.unpack_from(self._last)[0]) > QUIET
        return True

    def leave_large(self) -> None:
        if self._file >= 0:
            fcntl.flock(self._file, fcntl.LOCK_UN)
