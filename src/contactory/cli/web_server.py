"""Granian, with processes that die begun again whatever happens to the others."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from granian.server.mp import MPServer

_HEALTHY: Final = 10.0  # seconds that a process lives which could start
_MOST_DEATHS: Final = 5  # of every process in a row, of which none could start
_LONGEST_PAUSE: Final = 15.0

logger = logging.getLogger(__name__)


class WebServer(MPServer):
    """Granian itself ends all processes when one dies twice within seconds, though the others are well. Here
    it is begun again, after a pause that grows. Only when no process can even start does the service end."""

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        deaths: Counter[int] = Counter()  # in a row, of a process that had hardly begun
        due: dict[int, float] = {}  # when a process is begun again
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
                self.interrupt_children.extend(due)  # So that it ends with an error.
                return
            if ready := [number for number, when in due.items() if when <= time.monotonic()]:
                for number in ready:
                    del due[number]
                self._respawn_workers(ready, spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
