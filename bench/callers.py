"""Callers: processes that send at the same moment, so that one's work does not hold up another's."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Self, TypeAlias

from bench.batches import Batch, make_batch
from bench.rows import Span
from bench.sides import Side
from bench.vendors import VENDORS

_Pipe: TypeAlias = "Connection[Any, Any]"


class Callers:
    """Callers of one API, each with a session on every side.

    What is handed out once is then sent to side after side.
    """

    def __init__(self, vendor: str, count: int, sides: Sequence[Side]) -> None:
        context = multiprocessing.get_context("spawn")
        self.count = count
        self._pipes: list[_Pipe] = []
        self._active: list[_Pipe] = []
        self._processes = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(vendor, sides, theirs), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join()

    def hand_out(self, scenario: str, parts: Sequence[Sequence[Span]]) -> None:
        """Have each caller make a batch of its part; as many callers take part as there are parts."""
        self._active = self._pipes[: len(parts)]
        for pipe, spans in zip(self._active, parts, strict=True):
            pipe.send((scenario, spans))

    def send(self, side: Side) -> float:
        """Return the seconds from the first caller's start to the last one's end."""
        for pipe in self._active:
            pipe.send(side.name)
        for pipe in self._active:
            _receive(pipe)
        for pipe in self._active:
            pipe.send(None)
        starts, ends = zip(*map(_receive, self._active), strict=True)
        return float(max(ends) - min(starts))


def _receive(pipe: _Pipe) -> Any:
    answer = pipe.recv()
    if isinstance(answer, str):
        raise RuntimeError(f"a caller failed:\n{answer}")
    return answer


def _work(vendor: str, sides: Sequence[Side], pipe: _Pipe) -> None:
    """Run a caller's process, which ends when the pipe does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    try:
        _answer(vendor, sides, pipe)
    except EOFError:
        pass
    except Exception:
        # After an interruption nobody is there to read it.
        with suppress(ConnectionError):
            pipe.send(traceback.format_exc())


def _answer(vendor: str, sides: Sequence[Side], pipe: _Pipe) -> None:
    sessions = {side.name: side.open() for side in sides}
    batch: Batch | None = None
    while True:
        task = pipe.recv()
        if not isinstance(task, str):
            batch = make_batch(VENDORS[vendor], *task, documents="postgrest" in sessions)
            continue
        assert batch is not None
        session = sessions[task]
        session.prepare()
        pipe.send(None)
        pipe.recv()
        # One clock for all processes of the machine.
        start = time.monotonic()
        answer = session.send(batch)
        end = time.monotonic()
        session.check(answer, batch)
        pipe.send((start, end))
