"""The web server Granian, with a restart of every process that dies."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from granian.server.mp import MPServer

_HEALTHY: Final = 10.0  # seconds after which a process counts as started
_MOST_DEATHS: Final = 5  # of every process in a row, without a start
_LONGEST_PAUSE: Final = 15.0

logger = logging.getLogger(__name__)


class WebServer(MPServer):
    """A server that restarts a process that dies, after a pause that grows. It ends when no process can
    start.

    Granian itself ends all processes when one dies twice within seconds.
    """

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        deaths: Counter[int] = Counter()  # in a row, of a process that had not counted as started
        due: dict[int, float] = {}  # time at which a process is restarted
        while True:
            self.main_loop_interrupt.wait(max(0.0, min(due.values()) - time.monotonic()) if due else None)
            self.main_loop_interrupt.clear()
            if self.interrupt_signal:
                return
            while self.interrupt_children:
                number, now = self.interrupt_children.pop(), time.monotonic()
                deaths[number] = deaths[number] + 1 if now - self.wrks[number].birth < _HEALTHY else 0
                due[number] = now + min(deaths[number] and 2.0 ** (deaths[number] - 1), _LONGEST_PAUSE)
            if all(deaths[number] >= _MOST_DEATHS for number in range(self.workers)):
                logger.error("no process of the service can start")
                self.interrupt_children.extend(due)  # Granian then ends with an error.
                return
            if ready := [number for number, when in due.items() if when <= time.monotonic()]:
                for number in ready:
                    del due[number]
                self._respawn_workers(ready, spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
