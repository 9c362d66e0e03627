"""Where the processes of one service meet. Each has a lane, in which one large call is worked at. A process
whose own is taken may take another's, and have the call done there (handover.py). And while small calls pass
in any of them, large ones go one by one, so that a small call finds a processor free."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from math import inf
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from contactory.http.wire import Wire, connect

QUIET: Final = 0.1  # seconds without a small call
GIVE_WAY: Final = 0.003  # seconds after a large call, in which those of other processes are first
OWN: Final = True  # lane
ANOTHERS: Final = False

_TIME: Final = struct.Struct("d")


class Lane(NamedTuple):
    """A lane that a call has taken. `there`: the way to the process whose it is, if it is another's."""

    there: Wire | None
    leave: Callable[[], object]


class Alone:
    """A service of one process, which has nobody to meet."""

    has_others: Final = False

    def __init__(self) -> None:
        self._lane = Lock()

    def pass_small(self) -> None:
        pass

    def enter(self, *, own: bool) -> Lane | None:
        taken = own and self._lane.acquire(blocking=False)
        return Lane(None, self._lane.release) if taken else None

    def close(self) -> None:
        pass


class Crossing:
    """By files that all of them open. A lane is the lock of one, which ends with the process that holds it.
    So is the right to be the only large call; in its file is when the last small one came, by the clock that
    all processes of a machine share."""

    has_others: Final = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._only = folder / "crossing"
        self._own = folder / f"{os.getpid()}.lane"
        self.address = _address(self._own)
        self._left = -inf  # when the last large call of this process was over
        self._forget_the_dead()
        self._own.touch(0o600)
        with self._only.open("ab") as file:
            file.truncate(_TIME.size)
        with self._only.open("r+b") as file:
            self._last = mmap.mmap(file.fileno(), _TIME.size)

    def pass_small(self) -> None:
        _TIME.pack_into(self._last, 0, time.monotonic())

    def enter(self, *, own: bool) -> Lane | None:
        """This process's own lane, or another's, if it is free and a large call may begin."""
        if self._gives_way() and not (own and self._is_quiet()):
            return None
        with ExitStack() as taken:
            if not _lock(self._only, taken) and not self._is_quiet():
                return None
            for lane in [self._own] if own else self._others():
                if _lock(lane, taken):
                    try:
                        there = None if own else taken.enter_context(closing(connect(_address(lane))))
                    except OSError:
                        continue  # That process has ended, or only begins.
                    return Lane(there, partial(self._leave, taken.pop_all()))
        return None

    def close(self) -> None:
        """Wait until this process's lane is free, and let nobody enter it any more."""
        fcntl.flock(os.open(self._own, os.O_RDONLY), fcntl.LOCK_EX)

    def _leave(self, taken: ExitStack) -> None:
        taken.close()
        self._left = time.monotonic()

    def _gives_way(self) -> bool:
        """Who waits in another process, for its own lane or to be the only one, looks meanwhile."""
        return time.monotonic() - self._left < GIVE_WAY

    def _is_quiet(self) -> bool:
        return time.monotonic() - float(_TIME.unpack_from(self._last)[0]) > QUIET

    def _others(self) -> Iterator[Path]:
        return (lane for lane in self._folder.glob("*.lane") if lane != self._own)

    def _forget_the_dead(self) -> None:
        for lane in self._others():
            if not Path(f"/proc/{lane.stem}").exists():
                lane.unlink(missing_ok=True)
                _address(lane).unlink(missing_ok=True)


def _address(lane: Path) -> Path:
    """Of the socket on which the process of a lane takes calls."""
    return lane.with_suffix(".sock")


def _lock(path: Path, taken: ExitStack) -> bool:
    """Whether this is the first to have it locked, which it then is until `taken` ends."""
    try:
        file = taken.enter_context(path.open("rb", buffering=0))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
