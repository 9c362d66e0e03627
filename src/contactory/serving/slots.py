"""Worker slots that the processes of one service share, with one large request in each.

Every process owns one slot. A process whose own slot is taken may take another's, and have the request
worked at there (dispatch.py). While small requests come to any of the processes, large ones run one at a
time, so that a small one finds a processor free. An organization that has a slot yields the next one to
organizations that have none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from math import inf
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from contactory.serving.channel import Channel, connect
from contactory.serving.contention import Contention
from contactory.serving.shared_files import SharedFile

QUIET_SECONDS: Final = 0.1  # without a small request, after which large ones run side by side
BACKOFF_SECONDS: Final = 0.003  # after a large request, in which those of other processes come first
OWN: Final = True
REMOTE: Final = False

# Indices in the file of a slot, of organizations: whose request is in it, and whose waits in its process.
_WORKING: Final = 0
_WAITING: Final = 1
# Index in the file of all, beside those of contention.py: when the last small request came.
_LAST_SMALL: Final = 0


class Slot(NamedTuple):
    """A slot that a request has taken. `remote`: the channel to its process, where that is another one."""

    remote: Channel | None
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

    def acquire(self, _organization_id: int, *, own: bool) -> Slot | None:
        taken = own and self._slot.acquire(blocking=False)
        return Slot(None, self._slot.release) if taken else None

    def busy_organizations(self) -> frozenset[int]:
        return frozenset()

    def show_waiting(self, organization_id: int) -> None:
        pass

    def must_yield(self, _organization_id: int) -> bool:
        return False

    def drain(self) -> None:
        pass


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
        self.address = _address(self._path)
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

    def acquire(self, organization_id: int, *, own: bool) -> Slot | None:
        """Take this process's own slot, or another's. Return None unless it is free and a large request may
        begin."""
        if self._backs_off() and not (own and self._is_quiet()):
            return None
        with ExitStack() as taken:
            if self._only.lock():
                taken.callback(self._only.unlock)
            elif not self._is_quiet():
                return None
            slots = {self._path: self._own} if own else self._others()
            for path, slot in slots.items():
                if slot.lock():
                    with ExitStack() as entered:
                        entered.callback(slot.unlock)
                        try:
                            remote = None if own else entered.enter_context(closing(connect(_address(path))))
                        except OSError:
                            continue  # That process has ended, or is only starting.
                        slot.write(_WORKING, organization_id)
                        entered.callback(slot.write, _WORKING, 0)
                        taken.push(entered.pop_all())
                    return Slot(remote, partial(self._release, taken.pop_all()))
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

    def drain(self) -> None:
        """Wait until this process's slot is free, and keep it locked."""
        self._own.wait()

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
                _address(slot).unlink(missing_ok=True)


def _address(slot: Path) -> Path:
    """Return the socket on which the process of a slot takes dispatched requests."""
    return slot.with_suffix(".sock")
