"""Admission control: which request of a process is read, and which is worked at.

A request waits, its body unread, while its organization has as many in hand as it may, or while the memory
budget is used up. A large request that has been read then waits for a slot, and organizations take turns in
the slots. A request that waits too long is answered 429.

So an organization waits for another one's requests only where large ones are being worked at. Small requests
do not wait for large ones, and no request waits for a body that is slow in coming.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from contactory.model.limits import BRISK_SECONDS, CALLS_IN_CONTENTION, CALLS_IN_HAND, MOST_WAITING
from contactory.serving.memory import Budget, bytes_for
from contactory.serving.slots import SingleProcess, Slot, SlotPool
from contactory.serving.tally import Tally
from contactory.serving.ticket import Ticket, too_many

POLL_SECONDS: Final = 0.003  # between looks for a free slot; no more than slots.BACKOFF_SECONDS
_REMEMBERED: Final = 1000  # organizations that had a slot last


class Admission:
    """The admission control of one process."""

    def __init__(self, budget: int, slots: SlotPool | SingleProcess) -> None:
        """`budget`: bytes of memory for the bodies of all large requests in hand."""
        self.slots = slots
        self._poll: asyncio.TimerHandle | None = None
        self._budget = Budget(budget)
        self._in_hand: Tally[int] = Tally()  # requests that are worked at here, by organization
        self._queue: list[Ticket] = []  # unread requests
        self._awaiting_memory: list[tuple[Ticket, int]] = []  # slow bodies, with the bytes that they need
        self._awaiting_slot: list[Ticket] = []
        self._slow = 0  # bodies that are slow in coming
        self._served: OrderedDict[int, None] = OrderedDict()  # organizations, the last to have a slot last

    @asynccontextmanager
    async def ticket(self, organization_id: int, length: int | None) -> AsyncIterator[Ticket]:
        """Yield the ticket of a request when its body may be read.

        `length`: declared bytes of the body, None where none are declared. Raises Refusal (TOO_MANY) when the
        wait takes too long, or too many requests of the organization wait already.
        """
        if sum(ticket.organization_id == organization_id for ticket in self._queue) >= MOST_WAITING:
            raise too_many()
        self.slots.contention.note_call(organization_id)
        ticket = Ticket(self, organization_id, length)
        self._queue.append(ticket)
        self._admit()
        try:
            await ticket.wait()
            slowing = asyncio.get_running_loop().call_later(BRISK_SECONDS, self._mark_slow, ticket)
            try:
                yield ticket
            finally:
                slowing.cancel()
        finally:
            if ticket in self._queue:
                self._queue.remove(ticket)
            else:
                self._release(ticket)
            self._admit()

    async def wait_for_slot(self, ticket: Ticket) -> None:
        self._mark_read(ticket)
        self._awaiting_slot.append(ticket)
        self._admit()
        try:
            await ticket.wait()
        finally:
            if ticket in self._awaiting_slot:
                self._awaiting_slot.remove(ticket)
                self._admit()

    def try_to_grow(self, ticket: Ticket, wanted: int) -> bool:
        """Reserve `wanted` bytes for a body that has outgrown its reservation. Return whether they fit."""
        if self._budget.may_grow(ticket.organization_id, ticket.reserved, wanted):
            self._reserve(ticket, wanted)
            return True
        return False

    async def wait_to_grow(self, ticket: Ticket, wanted: int) -> None:
        waiting = (ticket, wanted)
        self._awaiting_memory.append(waiting)
        try:
            await ticket.wait()
        finally:
            if waiting in self._awaiting_memory:
                self._awaiting_memory.remove(waiting)

    def _mark_slow(self, ticket: Ticket) -> None:
        """Give back the memory that was reserved for what a slow body declared and has not sent."""
        if ticket.is_large and ticket.slot is None and ticket not in self._awaiting_slot:
            ticket.is_slow = True
            self._slow += 1
            self._reserve(ticket, min(ticket.reserved, ticket.slow_need))
            self._admit()

    def _mark_read(self, ticket: Ticket) -> None:
        self._slow -= ticket.is_slow
        ticket.is_slow = False

    def _reserve(self, ticket: Ticket, size: int) -> None:
        self._budget.add(ticket.organization_id, size - ticket.reserved)
        ticket.reserved = size

    def _release(self, ticket: Ticket) -> None:
        self._mark_read(ticket)
        self._reserve(ticket, 0)
        self._in_hand.add(ticket.organization_id, -ticket.counts_here)
        if ticket.slot:
            ticket.slot.release()
            if self._poll:
                self._poll.cancel()
                self._poll = None

    def _admit(self) -> None:
        """Admit all requests that may go on: bodies that are being read before those that are not."""
        for waiting in [*self._awaiting_memory]:
            if self.try_to_grow(*waiting):
                self._awaiting_memory.remove(waiting)
                waiting[0].admit()
        most = CALLS_IN_CONTENTION if self.slots.contention.is_high() else CALLS_IN_HAND
        is_full = False  # for all requests behind the first one for which there is no memory
        for ticket in [*self._queue]:
            if self._in_hand[ticket.organization_id] >= most:
                continue
            if ticket.is_large:
                wanted = bytes_for(ticket.length)
                is_full = is_full or not self._budget.may_begin(ticket.organization_id, wanted)
                if is_full and not self._may_overtake(ticket):
                    continue
                self._reserve(ticket, wanted)
            else:
                self.slots.note_small_request()
            self._queue.remove(ticket)
            self._in_hand.add(ticket.organization_id, 1)
            ticket.admit()
        self._give_slots()

    def _may_overtake(self, ticket: Ticket) -> bool:
        return self._slow > 0 and self._budget.may_begin_beside_slow_ones(
            ticket.organization_id, bytes_for(ticket.length)
        )

    def _give_slots(self) -> None:
        while (ticket := self._next()) and (slot := self._find_slot(ticket.organization_id)):
            self._awaiting_slot.remove(ticket)
            self._in_hand.add(ticket.organization_id, -1)
            ticket.slot = slot
            self._in_hand.add(ticket.organization_id, ticket.counts_here)
            self._served[ticket.organization_id] = None
            self._served.move_to_end(ticket.organization_id)
            if len(self._served) > _REMEMBERED:
                self._served.popitem(last=False)
            ticket.admit()

    def _next(self) -> Ticket | None:
        """Return the first request of the organization that has waited longest for a slot, preferring
        organizations that have none now."""
        if not self._awaiting_slot:
            self.slots.show_waiting(0)
            return None
        busy = self.slots.busy_organizations()
        turns = {organization_id: turn for turn, organization_id in enumerate(self._served)}
        ticket = min(
            self._awaiting_slot,
            key=lambda each: (each.organization_id in busy, turns.get(each.organization_id, -1)),
        )
        self.slots.show_waiting(ticket.organization_id)
        return ticket

    def _find_slot(self, organization_id: int) -> Slot | None:
        if self._poll:
            return None
        slot = None
        if not self.slots.must_yield(organization_id):
            slot = self.slots.acquire(organization_id)
        if slot is None and self.slots.has_others:
            # Other processes do not tell when they release a slot.
            self._poll = asyncio.get_running_loop().call_later(POLL_SECONDS, self._poll_again)
        return slot

    def _poll_again(self) -> None:
        self._poll = None
        self._admit()
