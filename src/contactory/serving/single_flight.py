"""Work that several requests may ask for at once, and that is done once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """A request that comes while the work is being done shares its result, so that work cannot pile up."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._under_way: asyncio.Task[T] | None = None

    async def ask(self) -> T:
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._work())
        return await asyncio.shield(self._under_way)
