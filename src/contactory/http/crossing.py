"""Slots that the processes of one service share. Each process has a slot (a `Lane`), in which one large call
is worked at. A process whose own slot is taken may take another's, and have the call done there
(handover.py). And while small calls pass in any of them, large ones go one by one, so that a small call finds
a processor free. An organization that has a slot leaves the next one to those that have none."""

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

from contactory.http.contention import Contention
from contactory.http.shared_files import SharedFile
from contactory.http.wire import Wire, connect

QUIET: Final = 0.1  # seconds without a small call
GIVE_WAY: Final = 0.003  # seconds after a large call, in which those of other processes are first
OWN: Final = True  # lane
ANOTHERS: Final = False

# Places in the file of a lane, of organizations: whose call is in it, and whose waits in the process that
# has it.
_WORKING: Final = 0
_WAITING: Final = 1
# Place in the file of all, beside those of contention.py: when the last small call came, by the machine's clock.
_LAST_SMALL: Final = 0


class Lane(NamedTuple):
    """A slot that a call has taken. `there`: the way to the process whose it is, if it is another's."""

    there: Wire | None
    leave: Callable[[], object]


class Alone:
    """A service of one process, which has nobody to meet."""

    has_others: Final = False

    def __init__(self) -> None:
        self._lane = Lock()
        numbers: dict[int, int] = {}
        self.contention = Contention(lambda index: numbers.get(index, 0), numbers.__setitem__)

    def pass_small(self) -> None:
        pass

    def enter(self, _organization_id: int, *, own: bool) -> Lane | None:
        taken = own and self._lane.acquire(blocking=False)
        return Lane(None, self._lane.release) if taken else None

    def working(self) -> frozenset[int]:
        return frozenset()

    def show_waiting(self, organization_id: int) -> None:
        pass

    def is_others_turn(self, _organization_id: int) -> bool:
        return False

    def close(self) -> None:
        pass


class Crossing:
    """Slots of several processes, shared by files that all of them open. A slot is the lock of one file,
    which ends with the process that holds it. So is the right to be the only large call; in its file is when
    the last small one came, by the clock that all processes of a machine share."""

    has_others: Final = True

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        self._folder = folder
        self._path = folder / f"{os.getpid()}.lane"
        self.address = _address(self._path)
        self._left = -inf  # when the last large call of this process was over
        self._forget_the_dead()
        self._only = SharedFile.make(folder / "crossing")
        self.contention = Contention(self._only.read, self._only.write)
        self._own = SharedFile.make(self._path)
        self._known: dict[Path, SharedFile] = {}  # lanes of others
        self._looked = 0  # when the folder had changed last
        self._shown = 0

    def pass_small(self) -> None:
        self._only.write(_LAST_SMALL, time.monotonic_ns())

    def enter(self, organization_id: int, *, own: bool) -> Lane | None:
        """This process's own slot, or another's, if it is free and a large call may begin."""
        if self._gives_way() and not (own and self._is_quiet()):
            return None
        with ExitStack() as taken:
            if self._only.lock():
                taken.callback(self._only.unlock)
            elif not self._is_quiet():
                return None
            lanes = {self._path: self._own} if own else self._others()
            for path, lane in lanes.items():
                if lane.lock():
                    with ExitStack() as entered:
                        entered.callback(lane.unlock)
                        try:
                            there = None if own else entered.enter_context(closing(connect(_address(path))))
                        except OSError:
                            continue  # That process has ended, or only begins.
                        lane.write(_WORKING, organization_id)
                        entered.callback(lane.write, _WORKING, 0)
                        taken.push(entered.pop_all())
                    return Lane(there, partial(self._leave, taken.pop_all()))
        return None

    def working(self) -> frozenset[int]:
        """Organizations that have a slot."""
        lanes = (self._own, *self._others().values())
        return frozenset(lane.read(_WORKING) for lane in lanes) - {0}

    def show_waiting(self, organization_id: int) -> None:
        """Tell the other processes whose call here is the next to have a slot; 0: nobody's."""
        if organization_id != self._shown:
            self._own.write(_WAITING, organization_id)
            self._shown = organization_id

    def is_others_turn(self, organization_id: int) -> bool:
        """Tell whether that organization has a slot, and another one that has none waits in another
        process."""
        working = self.working()
        if organization_id not in working:
            return False
        waiting = {lane.read(_WAITING) for lane in self._others().values()}
        return bool(waiting - working - {0})

    def close(self) -> None:
        """Wait until this process's slot is free, and let nobody enter it any more."""
        self._own.wait()

    def _leave(self, taken: ExitStack) -> None:
        taken.close()
        self._left = time.monotonic()

    def _gives_way(self) -> bool:
        """Tell whether calls of other processes, which wait for a slot or to be the only one, are first."""
        return time.monotonic() - self._left < GIVE_WAY

    def _is_quiet(self) -> bool:
        return time.monotonic_ns() - self._only.read(_LAST_SMALL) > QUIET * 1e9

    def _others(self) -> dict[Path, SharedFile]:
        """Find the files of other processes, again when something in the folder has changed."""
        with suppress(OSError):
            changed = self._folder.stat().st_mtime_ns
            if changed != self._looked:
                self._looked = changed
                self._look_for_others()
        return self._known

    def _look_for_others(self) -> None:
        found = {lane for lane in self._folder.glob("*.lane") if lane != self._path}
        for path in [path for path in self._known.keys() - found if not self._known[path].is_held]:
            self._known.pop(path).close()
        for path in found - self._known.keys():
            with suppress(FileNotFoundError):  # Its process has just been forgotten.
                self._known[path] = SharedFile(path)

    def _forget_the_dead(self) -> None:
        for lane in self._folder.glob("*.lane"):
            if not Path(f"/proc/{lane.stem}").exists():
                lane.unlink(missing_ok=True)
                _address(lane).unlink(missing_ok=True)


def _address(lane: Path) -> Path:
    """Of the socket on which the process of a lane takes calls."""
    return lane.with_suffix(".sock")
