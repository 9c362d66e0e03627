"""What the routes work with: the database, the keys, the limits, and threads to work in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TypeVar

from litestar.datastructures.url import Address

from contactory.access.throttle import Visitor
from contactory.core.execute import Vault
from contactory.http.admission import Admission
from contactory.http.socket_places import SocketPlaces
from contactory.http.strangers import Strangers
from contactory.model.jobs import Event
from contactory.store.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """Work on the database blocks, so it is done in `threads`, one for each connection of the pool."""

    database: Database
    vault: Vault
    threads: ThreadPoolExecutor
    max_body_bytes: int
    token_seconds: int
    admission: Admission
    strangers: Strangers = field(default_factory=Strangers)
    sockets: SocketPlaces = field(default_factory=SocketPlaces)
    own_threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "operations"))
    cors_origins: Sequence[str] = ()
    shows_metrics: bool = True
    guessing_key: bytes = b""
    announcers: list[Callable[[Event], Awaitable[None]]] = field(default_factory=list)

    def visitor(self, client: Address | None) -> Visitor:
        """Return the source of a connection or a request, as those who count failures want to know it."""
        return Visitor(client.host if client else "", self.guessing_key)

    async def announce(self, event: Event) -> None:
        """Tell those who watch that a job begins, and wait until they know."""
        for announce in self.announcers:
            await announce(event)

    async def look(self, work: Callable[[], T]) -> T:
        """Run work for those who run the service, in a thread of their own: those of calls may all be
        busy."""
        return await asyncio.get_running_loop().run_in_executor(self.own_threads, work)

    async def run(self, work: Callable[[], T]) -> T:
        """In a thread, which knows what call it works for."""
        inside = copy_context()
        return await asyncio.get_running_loop().run_in_executor(self.threads, lambda: inside.run(work))
