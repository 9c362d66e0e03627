"""Whose turn it is. Calls wait at the door, their bodies unread, while their organization has as many in hand
as it may, or while there is no memory for them. Large ones that have been read wait for a lane. Whose turn
does not come is told to come again.

So no organization waits behind another's calls but for the large ones in hand, and small calls not for those;
and nobody waits for a body that is slow in coming.
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
PATIENCE: Final = 30.0  # seconds at the door, and as many for a lane
LOOK_AGAIN: Final = 0.003  # seconds, while all lanes are taken; no more than GIVE_WAY
RETRY_SECONDS: Final = 5


class Place:
    """A call at the door or in hand. A large one has memory set aside for its body (`held`), and when that is
    read a `lane`."""

    def __init__(self, admission: Admission, organization_id: int, length: int | None) -> None:
        self.organization_id = organization_id
        self.is_large = length is None or length > SMALL
        self.length = length or SMALL
        self.lane: Lane | None = None
        self.held = 0
        self._admission = admission
        self._new_turn()

    @property
    def is_here(self) -> bool:
        """Whether it is this process that works at it."""
        return self.lane is None or self.lane.there is None

    def take(self, size: int) -> None:
        """`size`: bytes read so far, which may be more than were told. Raises Refusal (TOO_MANY)."""
        if self.is_large and need(size) > self.held:
            self._admission.grow(self, need(2 * size))

    async def take_lane(self) -> None:
        """Once it is read. Raises Refusal (TOO_MANY) when its turn does not come in time."""
        if self.is_large:
            self._new_turn()
            await self._admission.wait_for_lane(self)

    async def wait(self) -> None:
        """For its turn. Raises Refusal (TOO_MANY) when that does not come in time."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turn
        except TimeoutError:
            if not self._turn.done() or self._turn.cancelled():
                raise _too_many() from None

    def call(self) -> None:
        """It is its turn."""
        if not self._turn.done():
            self._turn.set_result(None)

    def _new_turn(self) -> None:
        self._turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Admission:
    """Of one process."""

    def __init__(self, budget: int, crossing: Crossing | Alone) -> None:
        """budget: bytes of memory for the bodies of all large calls in hand; crossing: with the other
        processes."""
        self.crossing = crossing
        self._later: asyncio.TimerHandle | None = None
        self._budget = budget
        self._held = 0
        self._inside: Counter[int] = Counter()  # calls in hand that are worked at here, by organization
        self._door: list[Place] = []
        self._read: list[Place] = []  # those that wait for a lane

    @asynccontextmanager
    async def place(self, organization_id: int, length: int | None) -> AsyncIterator[Place]:
        """For a body of `length` bytes (None: it does not say), which may be read now. Raises Refusal
        (TOO_MANY) when its turn does not come in time."""
        place = Place(self, organization_id, length)
        self._door.append(place)
        self._let_in()
        try:
            await place.wait()
            yield place
        finally:
            if place in self._door:
                self._door.remove(place)
            else:
                self._leave(place)
            self._let_in()

    async def wait_for_lane(self, place: Place) -> None:
        self._read.append(place)
        self._let_in()
        try:
            await place.wait()
        finally:
            if place in self._read:
                self._read.remove(place)

    @contextmanager
    def lend(self, organization_id: int, length: int) -> Iterator[None]:
        """While a call of another process, which has taken the lane of this one, is worked at. Raises Refusal
        (TOO_MANY) when there is no memory for it beside what this process has read."""
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

    def _let_in(self) -> None:
        """All whose turn it is, in the order in which they came."""
        is_full = False  # for all that came behind the first for which there is no memory
        for place in [*self._door]:
            if self._inside[place.organization_id] >= EACH:
                continue
            if place.is_large:
                if is_full := is_full or not self._has_memory(place):
                    continue
                place.held = need(place.length)
            else:
                self.crossing.pass_small()
            self._door.remove(place)
            self._count(place, 1)
            place.call()
        while self._read and (lane := self._find_lane()):
            place = self._read.pop(0)
            self._count(place, -1)
            place.lane = lane
            self._count(place, 1)
            place.call()

    def _has_memory(self, place: Place) -> bool:
        """For one that is read beside others half of it, so that some is left for what other processes have
        worked at here."""
        return not self._held or self._held + need(place.length) <= self._budget // 2

    def _find_lane(self) -> Lane | None:
        if self._later:
            return None
        lane = self.crossing.enter(own=OWN) or self.crossing.enter(own=ANOTHERS)
        if lane is None and self.crossing.has_others:
            # Other processes do not tell when they leave a lane.
            self._later = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look_again)
        return lane

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
