"""Worker slots that the processes of one service share, with one large request in each.

There are as many slots as processes. Each process has a slot of its own, which it takes first, and may take
another's when that is free: a process to which more connections have come works at more requests at a time.
While small requests come to any of the processes, large ones run one at a time, so that a small one finds a
processor free. An organization that has a slot yields the next one to organizations that have none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from math import inf
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from contactory.serving.contention import Contention
from contactory.serving.shared_files import SharedFile

QUIET_SECONDS: Final = 0.1  # without a small request, after which large ones run side by side
BACKOFF_SECONDS: Final = 0.003  # after a large request, in which those of other processes come first

# Indices in the file of a slot, of organizations: whose request is in it, and whose waits in the process that
# the slot belongs to.
_WORKING: Final = 0
_WAITING: Final = 1
# Index in the file of all, beside those of contention.py: when the last small request came.
_LAST_SMALL: Final = 0


class Slot(NamedTuple):
    """A slot that a request has taken. `is_own`: whether it belongs to the process of the request."""

    is_own: bool
    release: Callable[[], object]


class SingleProcess:
    """The one slot of a service that has one process only."""

    has_others: Final = False

    def __init__(self) -> None:
        self._slot = Lock()
        numbers: dict[int, int] = {}
        self.contention = Contention(lambda index: numbers.get(index, 0), numbers.__setitem__)

    def note_small_request(self) -> None:
        pass

    def acquire(self, _organization_id: int) -> Slot | None:
        return Slot(True, self._slot.release) if self._slot.acquire(blocking=False) else None

    def busy_organizations(self) -> frozenset[int]:
        return frozenset()

    def show_waiting(self, organization_id: int) -> None:
        pass

    def must_yield(self, _organization_id: int) -> bool:
        return False


class SlotPool:
    """The slots of several processes, in files that all of them open.

    A slot is the lock of one file (flock), so the kernel releases it when its process dies. Another lock
    makes large requests run one at a time; the time of the last small request is in its file, by the clock
    that all processes of a machine share.
    """

    has_others: Final = True

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        self._folder = folder
        self._path = folder / f"{os.getpid()}.slot"
        self._released = -inf  # when this process released a slot last
        self._remove_dead()
        self._only = SharedFile.make(folder / "service")
        self.contention = Contention(self._only.read, self._only.write)
        self._own = SharedFile.make(self._path)
        self._known: dict[Path, SharedFile] = {}  # slots of others
        self._listed = 0  # the folder's time of change when it was listed last
        self._shown = 0

    def note_small_request(self) -> None:
        self._only.write(_LAST_SMALL, time.monotonic_ns())

    def acquire(self, organization_id: int) -> Slot | None:
        """Take this process's own slot, or else another's. Return None unless one is free and a large request
        may begin."""
        is_quiet, others = self._is_quiet(), [*self._others().values()]
        if self._backs_off():
            if not is_quiet:
                return None
            others = []
        with ExitStack() as taken:
            if self._only.lock():
                taken.callback(self._only.unlock)
            elif not is_quiet:
                return None
            for slot in (self._own, *others):
                if slot.lock():
                    taken.callback(slot.unlock)
                    slot.write(_WORKING, organization_id)
                    taken.callback(slot.write, _WORKING, 0)
                    return Slot(slot is self._own, partial(self._release, taken.pop_all()))
        return None

    def busy_organizations(self) -> frozenset[int]:
        """Return the organizations that have a slot."""
        slots = (self._own, *self._others().values())
        return frozenset(slot.read(_WORKING) for slot in slots) - {0}

    def show_waiting(self, organization_id: int) -> None:
        """Publish whose request is the next to have a slot in this process; 0: none waits."""
        if organization_id != self._shown:
            self._own.write(_WAITING, organization_id)
            self._shown = organization_id

    def must_yield(self, organization_id: int) -> bool:
        """Tell whether that organization has a slot, and one that has none waits in another process."""
        busy = self.busy_organizations()
        if organization_id not in busy:
            return False
        waiting = {slot.read(_WAITING) for slot in self._others().values()}
        return bool(waiting - busy - {0})

    def _release(self, taken: ExitStack) -> None:
        taken.close()
        self._released = time.monotonic()

    def _backs_off(self) -> bool:
        """Tell whether other processes, which poll for a slot, are to come first."""
        return time.monotonic() - self._released < BACKOFF_SECONDS

    def _is_quiet(self) -> bool:
        return time.monotonic_ns() - self._only.read(_LAST_SMALL) > QUIET_SECONDS * 1e9

    def _others(self) -> dict[Path, SharedFile]:
        """Return the slots of other processes. The folder is listed again when it has changed."""
        with suppress(OSError):
            changed = self._folder.stat().st_mtime_ns
            if changed != self._listed:
                self._listed = changed
                self._list_others()
        return self._known

    def _list_others(self) -> None:
        found = {slot for slot in self._folder.glob("*.slot") if slot != self._path}
        for path in [path for path in self._known.keys() - found if not self._known[path].is_held]:
            self._known.pop(path).close()
        for path in found - self._known.keys():
            with suppress(FileNotFoundError):  # Its process has just been found to be dead.
                self._known[path] = SharedFile(path)

    def _remove_dead(self) -> None:
        for slot in self._folder.glob("*.slot"):
            if not Path(f"/proc/{slot.stem}").exists():
                slot.unlink(missing_ok=True)
