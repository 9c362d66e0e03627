"""Work of a transaction that another thread does, in order, while the caller goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Any, Final, TypeVar

_MOST: Final = 8  # pieces of work that wait, so that their memory is bounded

Result = TypeVar("Result")


class Background:
    """Queue of work. After an error, which `run` or `settle` raises, nothing more may be added."""

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._pending = deque[Future[Any]]()

    @property
    def is_busy(self) -> bool:
        return bool(self._pending) and not self._pending[-1].done()

    def run(self, work: Callable[[], Result], *, at_once: bool = True) -> Future[Result]:
        """Do work after all that was added before: `at_once` in this thread where nothing is left to do, else
        in the other one."""
        if self.is_busy or not at_once:
            return self._add(work)
        self.settle()
        done = Future[Result]()
        done.set_result(work())
        return done

    def _add(self, work: Callable[[], Result]) -> Future[Result]:
        """Add work to the end of the queue; wait while too much is in it."""
        while len(self._pending) > _MOST:
            self._pending.popleft().result()
        if self._executor is None:
            self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transaction")
        future = self._executor.submit(copy_context().run, work)
        self._pending.append(future)
        return future

    def settle(self) -> None:
        """Wait until all work is done. Raises the first error."""
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        """Drop the work that has not begun, wait for the rest, and end the thread."""
        for future in reversed(self._pending):
            future.cancel()
        wait(self._pending)
        self._pending.clear()
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None
