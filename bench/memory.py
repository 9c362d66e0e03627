"""Memory of the server's processes, and of PostgreSQL's, during calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple

import psutil

from bench.batches import Batch
from bench.endpoint import EndpointSession

_INTERVAL: Final = 0.003


class Memory(NamedTuple):
    """Bytes: of the server (its main process and workers), and of PostgreSQL without its shared buffers."""

    server: int
    database: int


class Watched:
    def __init__(self, server_pid: int, backend_pid: int) -> None:
        self._server = psutil.Process(server_pid)
        postmaster = psutil.Process(backend_pid).parent()
        assert postmaster is not None
        self._postmaster = postmaster

    def now(self) -> Memory:
        return Memory(_sum(self._server, _resident), _sum(self._postmaster, _private))

    def peak_of(self, work: Callable[[], object]) -> Memory:
        """The most that each had at any moment of the work."""
        samples = [self.now()]
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                samples.append(self.now())
                time.sleep(_INTERVAL)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            work()
        finally:
            done.set()
            watcher.join()
        return Memory(*map(max, zip(*samples, strict=True)))


def call_peaks(watched: Watched, session: EndpointSession, calls: Mapping[str, Batch]) -> dict[str, Memory]:
    """Of each call, one after the other on one connection, so that they meet the same worker."""
    return {name: watched.peak_of(partial(_call, session, batch)) for name, batch in calls.items()}


def _call(session: EndpointSession, batch: Batch) -> None:
    session.check(session.send(batch), batch)


def _sum(root: psutil.Process, size: Callable[[Any], int]) -> int:
    total = 0
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += size(process.memory_info())
    return total


def _resident(info: Any) -> int:
    return int(info.rss)


def _private(info: Any) -> int:
    """Systems other than Linux do not tell what is shared."""
    return int(info.rss - getattr(info, "shared", 0))
