"""Memory of the server's processes, and of PostgreSQL's, idle and under calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from functools import partial
from typing import Any, Final, NamedTuple

import psutil

from bench.batches import CREATE, UNCHANGED, UPDATE, Batch, make_batch
from bench.rows import ROWS, Span
from bench.service import Ours, Service
from bench.sides import Session
from bench.vendors.vendor import Vendor

_INTERVAL: Final = 0.01
_SETTLED: Final = 2.0  # seconds in which a server that has started comes to rest


class Memory(NamedTuple):
    """Bytes: of the server (its main process and workers), and of PostgreSQL without its shared buffers.

    What several processes share counts once (PSS), where the system tells it.
    """

    server: int
    database: int


class Watched:
    def __init__(self, server_pid: int, backend_pid: int) -> None:
        self._server = psutil.Process(server_pid)
        postmaster = psutil.Process(backend_pid).parent()
        assert postmaster is not None
        self._postmaster = postmaster

    def now(self) -> Memory:
        # The server may have started PostgreSQL, which is counted apart.
        backends = [self._postmaster, *self._postmaster.children(recursive=True)]
        apart = {process.pid for process in backends}
        server = [self._server, *self._server.children(recursive=True)]
        return Memory(
            _sum((process for process in server if process.pid not in apart), _proportional),
            _sum(backends, _private),
        )

    def peak_of(self, work: Callable[[], object]) -> Memory:
        """Return the most that each had at any moment of the work."""
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


def measure(vendors: Iterable[Vendor], service: Service, watched: Watched) -> dict[str, Memory]:
    """Return what a server that has done nothing yet has, and its peak in the first calls of each API."""
    time.sleep(_SETTLED)
    taken = {"idle": watched.now()}
    for vendor in vendors:
        service.send_all([*vendor.references()])
        for scenario, revision in ((CREATE, 0), (UPDATE, 1), (UNCHANGED, 1)):
            batch = make_batch(vendor, scenario, [Span(0, ROWS, revision)])
            with closing(Ours(service, vendor.name).open()) as session:
                session.prepare()
                taken[f"{vendor.label}, {scenario}"] = watched.peak_of(partial(_call, session, batch))
    return taken


def _call(session: Session, batch: Batch) -> None:
    session.check(session.send(batch), batch)


def _sum(processes: Iterable[psutil.Process], size: Callable[[psutil.Process], int]) -> int:
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += size(process)
    return total


def _proportional(process: psutil.Process) -> int:
    info: Any = process.memory_full_info()
    return int(getattr(info, "pss", info.uss))


def _private(process: psutil.Process) -> int:
    """Return its memory without what is shared, where the system tells that."""
    info: Any = process.memory_info()
    return int(info.rss - getattr(info, "shared", 0))
