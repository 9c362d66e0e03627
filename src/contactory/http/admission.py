"""Whose turn it is. Calls wait at the door, their bodies unread, while their organization has as many in hand
as it may, or while there is no memory for a large one; whose turn does not come is told to come again.

So no organization waits behind another's calls but for the large one in hand, and small calls not for that.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from contactory.http.crossing import Crossing
from contactory.model.problems import Code, Problem, Refusal
from contactory.telemetry.metrics import count_put_off, show_admitted

SMALL: Final = 64 << 10  # bytes of a body that needs no memory set aside
# Bytes of memory that a large call needs: for its rows, 50,000 at most, and for a byte of its body. Measured,
# see docs/reliability.md.
FOR_ROWS: Final = 48 << 20
FOR_A_BYTE: Final = 2
EACH: Final = 2  # calls of an organization in hand
LARGE: Final = 1  # large calls in hand: more of them only hold each other up
PATIENCE: Final = 30.0  # seconds at the door
LOOK_AGAIN: Final = 0.003  # seconds, while another process has the large call
RETRY_SECONDS: Final = 5
LEAST: Final = FOR_ROWS + (16 << 20)  # bytes; with less, few large calls could be let in at all
_SPARE: Final = 0.85  # of what is left beside the process itself


class Place:
    """A call at the door or in hand; `held` is the memory that is set aside for it."""

    def __init__(self, admission: Admission, organization_id: int, length: int | None) -> None:
        self.organization_id = organization_id
        self.is_large = length is None or length > SMALL
        self.held = _need(length or SMALL) if self.is_large else 0
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._admission = admission

    def take(self, size: int) -> None:
        """`size`: bytes read so far, which may be more than were told. Raises Refusal (TOO_MANY)."""
        if self.is_large and _need(size) > self.held:
            self._admission.grow(self, _need(2 * size))


class Admission:
    """Of one process."""

    def __init__(self, budget: int, crossing: Crossing) -> None:
        """budget: bytes of memory for all large calls in hand; crossing: with the other processes."""
        self._crossing = crossing
        self._later: asyncio.TimerHandle | None = None
        self._budget = budget
        self._held = 0
        self._large = 0
        self._inside: Counter[int] = Counter()
        self._door: list[Place] = []

    @asynccontextmanager
    async def place(self, organization_id: int, length: int | None) -> AsyncIterator[Place]:
        """For a body of `length` bytes (None: it does not say). Raises Refusal (TOO_MANY) when its turn does
        not come in time."""
        place = Place(self, organization_id, length)
        self._door.append(place)
        self._let_in()
        try:
            await self._wait(place)
            yield place
        finally:
            if place in self._door:
                self._door.remove(place)
            else:
                self._count(place, -1)
                if place.is_large:
                    self._crossing.leave_large()
            self._let_in()

    def grow(self, place: Place, held: int) -> None:
        """Raises Refusal (TOO_MANY) when there is no memory for it beside the others."""
        if self._held - place.held + held > self._budget:
            raise _too_many()
        self._held += held - place.held
        place.held = held
        show_admitted(self._held)

    async def _wait(self, place: Place) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await place.turn
        except TimeoutError:
            if not place.turn.done() or place.turn.cancelled():
                raise _too_many() from None

    def _let_in(self) -> None:
        """All whose turn it is, in the order in which they came."""
        for place in [*self._door]:
            if self._enters(place):
                self._door.remove(place)
                self._count(place, 1)
                if not place.turn.done():
                    place.turn.set_result(None)

    def _enters(self, place: Place) -> bool:
        """Whether its turn has come, of which the other processes then know."""
        if self._inside[place.organization_id] >= EACH:
            return False
        if not place.is_large:
            self._crossing.pass_small()
            return True
        if self._large >= LARGE or self._held + place.held > self._budget:
            return False
        if self._crossing.enter_large():
            return True
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look_again)
        return False

    def _look_again(self) -> None:
        self._later = None
        self._let_in()

    def _count(self, place: Place, one: int) -> None:
        self._inside[place.organization_id] += one
        if not self._inside[place.organization_id]:
            del self._inside[place.organization_id]
        self._large += one * place.is_large
        self._held += one * place.held
        show_admitted(self._held)


def _need(length: int) -> int:
    return FOR_ROWS + FOR_A_BYTE * length


def _too_many() -> Refusal:
    count_put_off()
    return Refusal(Problem(code=Code.TOO_MANY, value=str(RETRY_SECONDS)))


def largest_body(budget: int) -> int:
    """Bytes of the largest body that there can be memory for."""
    return (budget - FOR_ROWS) // FOR_A_BYTE


def own_budget(max_memory_mb: int, processes: int) -> int:
    """Bytes for the calls of one process, of those that all of them and the one that starts them may have."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    share = ((max_memory_mb << 20) - own) // processes
    return max(int((share - own) * _SPARE), LEAST)
