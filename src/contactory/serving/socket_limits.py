"""Limits of open sockets: of unauthenticated callers, of a user, and of an organization."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from contactory.model.caller import Caller
from contactory.model.limits import (
    SOCKETS_OF_ORGANIZATION,
    SOCKETS_OF_USER,
    SOCKETS_READ,
    SOCKETS_READ_HERE,
    SOCKETS_UNKNOWN,
    SOCKETS_UNKNOWN_HERE,
)
from contactory.serving.tally import Tally


class SocketLimits:
    """Count the sockets of one process.

    The web server takes messages of up to 64 MB, so the first messages, whose senders are not authenticated
    yet, are read a few at a time.
    """

    def __init__(self) -> None:
        self._unknown: Tally[str] = Tally()  # by address
        self._users: Tally[tuple[int, int | None]] = Tally()
        self._organizations: Tally[int] = Tally()
        self._reading = asyncio.Semaphore(SOCKETS_READ)
        self._reading_from: dict[str, asyncio.Semaphore] = {}

    @contextmanager
    def unknown(self, address: str) -> Iterator[bool]:
        """Yield whether one more unauthenticated socket may be open. It then counts."""
        if self._unknown.total() >= SOCKETS_UNKNOWN or self._unknown[address] >= SOCKETS_UNKNOWN_HERE:
            yield False
            return
        self._unknown.add(address, 1)
        try:
            yield True
        finally:
            self._unknown.add(address, -1)
            if address not in self._unknown:
                self._reading_from.pop(address, None)

    @asynccontextmanager
    async def reading(self, address: str) -> AsyncIterator[None]:
        """Wait until a first message may be read."""
        here = self._reading_from.setdefault(address, asyncio.Semaphore(SOCKETS_READ_HERE))
        async with here, self._reading:
            yield

    @contextmanager
    def known(self, caller: Caller) -> Iterator[bool]:
        """Yield whether that user and organization may have one more socket. It then counts."""
        user, organization = (caller.organization_id, caller.user_id), caller.organization_id
        if (
            self._users[user] >= SOCKETS_OF_USER
            or self._organizations[organization] >= SOCKETS_OF_ORGANIZATION
        ):
            yield False
            return
        self._users.add(user, 1)
        self._organizations.add(organization, 1)
        try:
            yield True
        finally:
            self._users.add(user, -1)
            self._organizations.add(organization, -1)
