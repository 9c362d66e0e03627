"""How much may be in hand at once: calls whose rows would need more memory than there is wait at the door,
their bodies unread, and are told to come again if it takes too long. Small calls do not wait for large ones.
"""

from __future__ import annotations

import asyncio
import resource
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from contactory.model.problems import Code, Problem, Refusal
from contactory.telemetry.metrics import count_put_off, show_admitted

SMALL: Final = 64 << 10  # bytes of a body that is let in at once
FACTOR: Final = 12  # bytes of memory for a byte of a body, see docs/reliability.md
PATIENCE: Final = 10.0  # seconds at the door
RETRY_SECONDS: Final = 5
LEAST: Final = 64 << 20  # bytes; with less, no call of any size could be let in
_SPARE: Final = 0.85  # of what is left beside the process itself


class Admission:
    def __init__(self, budget: int, *, at_once: int) -> None:
        """budget: bytes of memory for all large calls of this process; at_once: how many may be in hand."""
        self._budget = budget
        self._at_once = at_once
        self._held = self._inside = 0
        self._door: deque[tuple[asyncio.Future[None], int]] = deque()

    @asynccontextmanager
    async def room(self, length: int | None) -> AsyncIterator[Room]:
        """For a body of `length` bytes (None: it does not say). Raises Refusal (TOO_MANY) when it was not
        to be had in time."""
        if length is not None and length <= SMALL:
            yield Room(self, 0, length)
            return
        need = (length or SMALL) * FACTOR
        await self._enter(need)
        room = Room(self, need, length or SMALL)
        try:
            yield room
        finally:
            self._leave(room.held)

    def grow(self, more: int) -> bool:
        """For a body that is longer than it said, or did not say."""
        if not self._has_room(more, self._inside - 1):
            return False
        self._hold(more)
        return True

    async def _enter(self, need: int) -> None:
        if not self._door and self._has_room(need, self._inside):
            self._inside += 1
            self._hold(need)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._door.append((turn, need))
        try:
            async with asyncio.timeout(PATIENCE):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # It was let in at that very moment.
                self._leave(need)
            else:
                self._door = deque(waiting for waiting in self._door if waiting[0] is not turn)
                self._let_in()
            if isinstance(error, TimeoutError):
                raise too_many() from None
            raise

    def _leave(self, held: int) -> None:
        self._inside -= 1
        self._hold(-held)
        self._let_in()

    def _let_in(self) -> None:
        while self._door and self._has_room(self._door[0][1], self._inside):
            turn, need = self._door.popleft()
            if not turn.cancelled():
                self._inside += 1
                self._hold(need)
                turn.set_result(None)

    def _has_room(self, need: int, others: int) -> bool:
        """A call that is alone is let in whatever it needs: the limit of a body is its bound."""
        return others <= 0 or (others < self._at_once and self._held + need <= self._budget)

    def _hold(self, more: int) -> None:
        self._held += more
        show_admitted(self._held)


class Room:
    """What is set aside for one body."""

    def __init__(self, admission: Admission, held: int, length: int) -> None:
        self.held = held
        self._admission = admission
        self._length = length

    def take(self, size: int) -> None:
        """`size`: bytes read so far. Raises Refusal (TOO_MANY)."""
        if size <= self._length or not self.held:
            return
        more = size * FACTOR - self.held
        if not self._admission.grow(more):
            raise too_many()
        self.held += more
        self._length = size


def too_many() -> Refusal:
    count_put_off()
    return Refusal(Problem(code=Code.TOO_MANY, value=str(RETRY_SECONDS)))


def own_budget(max_memory_mb: int, processes: int) -> int:
    """Bytes for the calls of one process, of those that all of them and the one that starts them may have."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    share = ((max_memory_mb << 20) - own) // processes
    return max(int((share - own) * _SPARE), LEAST)
