"""Work that another thread does while the caller goes on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Result = TypeVar("Result")


def meanwhile(work: Callable[[], Result]) -> Callable[[], Result]:
    """Start work in a thread. Return a function that waits for its result, and raises its error."""
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="meanwhile")
    future = executor.submit(copy_context().run, work)
    executor.shutdown(wait=False)
    return future.result
