"""Admission of calls, in turns. A call waits, its body unread, while its organization has as many in hand as
it may, or while there is no memory for it. Large ones that have been read wait for a slot, in which
organizations take turns. A call whose turn does not come is told to come again.

So no organization waits behind another's calls but for the large ones that are worked at, and small calls
not for those; and nobody waits for a body that is slow in coming."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from contactory.http.crossing import ANOTHERS, OWN, Alone, Crossing, Lane
from contactory.http.memory import Budget, need
from contactory.http.place import Place, too_many
from contactory.http.tally import Tally
from contactory.model.limits import BRISK_SECONDS, CALLS_IN_CONTENTION, CALLS_IN_HAND, MOST_WAITING

LOOK_AGAIN: Final = 0.003  # seconds, while all slots are taken; no more than GIVE_WAY
_REMEMBERED: Final = 1000  # organizations that had a slot last


class Admission:
    """Of one process."""

    def __init__(self, budget: int, crossing: Crossing | Alone) -> None:
        """budget: bytes of memory for the bodies of all large calls in hand; crossing: with the other
        processes."""
        self.crossing = crossing
        self._later: asyncio.TimerHandle | None = None
        self._budget = Budget(budget)
        self._inside: Tally[int] = Tally()  # calls in hand that are worked at here, by organization
        self._door: list[Place] = []  # those that wait to be read
        self._growing: list[tuple[Place, int]] = []  # slow ones that wait for more memory
        self._read: list[Place] = []  # those that wait for a slot
        self._slow = 0  # bodies that are slow in coming
        self._served: OrderedDict[int, None] = OrderedDict()  # organizations, the last to have a slot last

    @asynccontextmanager
    async def place(self, organization_id: int, length: int | None) -> AsyncIterator[Place]:
        """For a body of `length` bytes (None: it does not say), which may be read now. Raises Refusal
        (TOO_MANY) when its turn does not come in time, or too many of its organization wait already."""
        if sum(place.organization_id == organization_id for place in self._door) >= MOST_WAITING:
            raise too_many()
        self.crossing.contention.note_call(organization_id)
        place = Place(self, organization_id, length)
        self._door.append(place)
        self._let_in()
        try:
            await place.wait()
            slowing = asyncio.get_running_loop().call_later(BRISK_SECONDS, self._slow_down, place)
            try:
                yield place
            finally:
                slowing.cancel()
        finally:
            if place in self._door:
                self._door.remove(place)
            else:
                self._leave(place)
            self._let_in()

    async def wait_for_lane(self, place: Place) -> None:
        self._hurry(place)
        self._read.append(place)
        self._let_in()
        try:
            await place.wait()
        finally:
            if place in self._read:
                self._read.remove(place)
                self._let_in()

    @contextmanager
    def lend(self, organization_id: int, length: int) -> Iterator[None]:
        """While a call of another process, which has taken the slot of this one, is worked at. Raises Refusal
        (TOO_MANY) when there is no memory for it beside what this process has read."""
        if not self._budget.has_room(need(length)):
            raise too_many()
        self._budget.hold(organization_id, need(length))
        self._inside.add(organization_id, 1)
        try:
            yield
        finally:
            self._budget.hold(organization_id, -need(length))
            self._inside.add(organization_id, -1)
            self._let_in()

    def try_to_grow(self, place: Place, wanted: int) -> bool:
        """Take more memory for a body that has come to more than was set aside, and tell whether there was
        any."""
        if self._budget.may_grow(place.organization_id, place.held, wanted):
            self._hold(place, wanted)
            return True
        return False

    async def wait_to_grow(self, place: Place, wanted: int) -> None:
        waiting = (place, wanted)
        self._growing.append(waiting)
        try:
            await place.wait()
        finally:
            if waiting in self._growing:
                self._growing.remove(waiting)

    def _slow_down(self, place: Place) -> None:
        """Mark a call as slow: its body has not come in time to keep the memory that it told of."""
        if place.is_large and place.lane is None and place not in self._read:
            place.is_slow = True
            self._slow += 1
            self._hold(place, min(place.held, place.slow_need))
            self._let_in()

    def _hurry(self, place: Place) -> None:
        """Mark a call as no longer slow: its body has come, or it has gone."""
        self._slow -= place.is_slow
        place.is_slow = False

    def _hold(self, place: Place, held: int) -> None:
        self._budget.hold(place.organization_id, held - place.held)
        place.held = held

    def _leave(self, place: Place) -> None:
        self._hurry(place)
        self._hold(place, 0)
        self._inside.add(place.organization_id, -place.is_here)
        if place.lane:
            place.lane.leave()
            if self._later:
                self._later.cancel()
                self._later = None

    def _let_in(self) -> None:
        """All whose turn it is: those that are being read before those that are not."""
        for waiting in [*self._growing]:
            if self.try_to_grow(*waiting):
                self._growing.remove(waiting)
                waiting[0].call()
        most = CALLS_IN_CONTENTION if self.crossing.contention.is_high() else CALLS_IN_HAND
        is_full = False  # for all that came behind the first for which there is no memory
        for place in [*self._door]:
            if self._inside[place.organization_id] >= most:
                continue
            if place.is_large:
                is_full = is_full or not self._budget.may_begin(place.organization_id, need(place.length))
                if is_full and not self._goes_past(place):
                    continue
                self._hold(place, need(place.length))
            else:
                self.crossing.pass_small()
            self._door.remove(place)
            self._inside.add(place.organization_id, 1)
            place.call()
        self._give_slots()

    def _goes_past(self, place: Place) -> bool:
        return self._slow > 0 and self._budget.may_begin_beside_slow_ones(
            place.organization_id, need(place.length)
        )

    def _give_slots(self) -> None:
        while (place := self._next()) and (lane := self._find_lane(place.organization_id)):
            self._read.remove(place)
            self._inside.add(place.organization_id, -1)
            place.lane = lane
            self._inside.add(place.organization_id, place.is_here)
            self._served[place.organization_id] = None
            self._served.move_to_end(place.organization_id)
            if len(self._served) > _REMEMBERED:
                self._served.popitem(last=False)
            place.call()

    def _next(self) -> Place | None:
        """Find the next call to have a slot: the first one of the organization that has waited longest for
        one, preferring organizations that have none now."""
        if not self._read:
            self.crossing.show_waiting(0)
            return None
        working = self.crossing.working()
        turns = {organization_id: turn for turn, organization_id in enumerate(self._served)}
        place = min(
            self._read,
            key=lambda each: (each.organization_id in working, turns.get(each.organization_id, -1)),
        )
        self.crossing.show_waiting(place.organization_id)
        return place

    def _find_lane(self, organization_id: int) -> Lane | None:
        if self._later:
            return None
        lane = None
        if not self.crossing.is_others_turn(organization_id):
            lane = self.crossing.enter(organization_id, own=OWN)
            lane = lane or self.crossing.enter(organization_id, own=ANOTHERS)
        if lane is None and self.crossing.has_others:
            # Other processes do not tell when they leave a slot.
            self._later = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look_again)
        return lane

    def _look_again(self) -> None:
        self._later = None
        self._let_in()
