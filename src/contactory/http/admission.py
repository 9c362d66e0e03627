"""Whose turn it is. Calls wait at the door, their bodies unread, while their organization has as many in hand
as it may, or while a large one has no lane or no memory; whose turn does not come is told to come again.

So no organization waits behind another's calls but for the large one in hand, and small calls not for that.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from contactory.http.crossing import ANOTHERS, OWN, Alone, Crossing, Lane
from contactory.http.memory import need
from contactory.model.problems import Code, Problem, Refusal
from contactory.telemetry.metrics import count_put_off, show_admitted

SMALL: Final = 64 << 10  # bytes of a body that needs no lane, and no memory set aside
EACH: Final = 2  # calls of an organization in hand
PATIENCE: Final = 30.0  # seconds at the door
LOOK_AGAIN: Final = 0.003  # seconds, while all lanes are taken; no more than GIVE_WAY
RETRY_SECONDS: Final = 5


class Place:
    """A call at the door or in hand. A large one has a `lane` then, and memory that is set aside (`held`)."""

    def __init__(self, admission: Admission, organization_id: int, length: int | None) -> None:
        self.organization_id = organization_id
        self.is_large = length is None or length > SMALL
        self.length = length or SMALL
        self.lane: Lane | None = None
        self.held = 0
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._admission = admission

    @property
    def is_here(self) -> bool:
        """Whether it is this process that works at it."""
        return self.lane is None or self.lane.there is None

    def take(self, size: int) -> None:
        """`size`: bytes read so far, which may be more than were told. Raises Refusal (TOO_MANY)."""
        if self.is_large and need(size, here=self.is_here) > self.held:
            self._admission.grow(self, need(2 * size, here=self.is_here))


class Admission:
    """Of one process."""

    def __init__(self, budget: int, crossing: Crossing | Alone) -> None:
        """budget: bytes of memory for all large calls in hand; crossing: with the other processes."""
        self.crossing = crossing
        self._later: asyncio.TimerHandle | None = None
        self._budget = budget
        self._held = 0
        self._inside: Counter[int] = Counter()  # calls that are worked at here, by organization
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
                self._leave(place)
            self._let_in()

    @contextmanager
    def lend(self, organization_id: int, length: int) -> Iterator[None]:
        """While a call of another process, which has taken the lane of this one, is worked at. Raises Refusal
        (TOO_MANY) when there is no memory for it beside what this process has read for others."""
        place = Place(self, organization_id, length)
        self.grow(place, need(length))
        self._inside[organization_id] += 1
        try:
            yield
        finally:
            self._count(place, -1)
            self._let_in()

    def grow(self, place: Place, held: int) -> None:
        """Raises Refusal (TOO_MANY) when there is no memory for it beside the others."""
        if self._held - place.held + held > self._budget:
            raise _too_many()
        self._held += held - place.held
        place.held = held
        show_admitted(self._held)

    def _leave(self, place: Place) -> None:
        self._count(place, -1)
        if place.lane:
            place.lane.leave()
            if self._later:
                self._later.cancel()
                self._later = None

    async def _wait(self, place: Place) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await place.turn
        except TimeoutError:
            if not place.turn.done() or place.turn.cancelled():
                raise _too_many() from None

    def _let_in(self) -> None:
        """All whose turn it is, in the order in which they came."""
        lanes = [] if self._later else [OWN, ANOTHERS]
        for place in [*self._door]:
            if self._enters(place, lanes):
                self._door.remove(place)
                self._count(place, 1)
                if not place.turn.done():
                    place.turn.set_result(None)

    def _enters(self, place: Place, lanes: list[bool]) -> bool:
        """Whether its turn has come. `lanes`: whose to look at; what is found taken is struck off."""
        if not place.is_large:
            if self._inside[place.organization_id] >= EACH:
                return False
            self.crossing.pass_small()
            return True
        for own in [*lanes]:
            if self._has_room(place, here=own):
                if lane := self.crossing.enter(own=own):
                    place.lane, place.held = lane, need(place.length, here=own)
                    return True
                lanes.remove(own)
        self._look_later()
        return False

    def _has_room(self, place: Place, *, here: bool) -> bool:
        if here and self._inside[place.organization_id] >= EACH:
            return False
        return self._held + need(place.length, here=here) <= self._budget

    def _look_later(self) -> None:
        """Other processes do not tell when they leave a lane."""
        if self.crossing.has_others and self._later is None:
            self._later = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look_again)

    def _look_again(self) -> None:
        self._later = None
        self._let_in()

    def _count(self, place: Place, one: int) -> None:
        self._inside[place.organization_id] += one * place.is_here
        if not self._inside[place.organization_id]:
            del self._inside[place.organization_id]
        self._held += one * place.held
        show_admitted(self._held)


def _too_many() -> Refusal:
    count_put_off()
    return Refusal(Problem(code=Code.TOO_MANY, value=str(RETRY_SECONDS)))
