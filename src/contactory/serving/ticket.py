"""The ticket of a request: its place in the queues, and the memory and the slot that it holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from contactory.model.limits import TURN_SECONDS
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.memory import bytes_for
from contactory.serving.slots import Slot
from contactory.telemetry.metrics import count_rejected

if TYPE_CHECKING:
    from contactory.serving.admission import Admission

SMALL: Final = 64 << 10  # bytes of a body that needs no slot, and no memory reserved
PIECE: Final = 256 << 10  # bytes that a slow body may grow by before it asks for more memory
RETRY_SECONDS: Final = 5


class Ticket:
    """A request that waits or is in hand.

    A large request has memory reserved for its body: first for the declared length, and once the body is
    slow in coming, for what has been received. When the body is read, the request waits for a slot.
    """

    def __init__(self, admission: Admission, organization_id: int, length: int | None) -> None:
        """`length`: declared bytes of the body, None where the headers do not declare any."""
        self.organization_id = organization_id
        self.is_large = length is None or length > SMALL
        self.length = length or SMALL
        self.is_slow = False
        self.received = 0  # bytes
        self.reserved = 0  # bytes
        self.slot: Slot | None = None
        self._admission = admission
        self._turn = self._new_turn()

    @property
    def counts_here(self) -> bool:
        """Tell whether the request counts for its organization in this process. One in the slot of another
        process does not, so that those slots can be filled."""
        return self.slot is None or self.slot.is_own

    @property
    def slow_need(self) -> int:
        """Bytes of memory to reserve while the body is slow in coming."""
        return bytes_for(self.received + PIECE)

    async def reserve(self, size: int) -> None:
        """Reserve memory for the `size` bytes that have been received, which may be more than were declared.

        Raises Refusal (TOO_MANY) when there is no memory for them in time.
        """
        self.received = size
        if self.is_large and bytes_for(size) > self.reserved:
            for wanted in (() if self.is_slow else (2 * size,)) + (size + PIECE, size):
                if self._admission.try_to_grow(self, bytes_for(wanted)):
                    return
            self._turn = self._new_turn()
            await self._admission.wait_to_grow(self, bytes_for(size))

    async def take_slot(self) -> None:
        """Wait for a slot, once the body is read. Raises Refusal (TOO_MANY) when there is none in time."""
        if self.is_large:
            self._turn = self._new_turn()
            await self._admission.wait_for_slot(self)

    async def wait(self) -> None:
        """Wait until the request is admitted. Raises Refusal (TOO_MANY) when that takes too long."""
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turn
        except TimeoutError:
            if not self._turn.done() or self._turn.cancelled():
                raise too_many() from None

    def admit(self) -> None:
        """End the wait that the request is in."""
        if not self._turn.done():
            self._turn.set_result(None)

    def _new_turn(self) -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()


def too_many() -> Refusal:
    """Make the refusal of a request that waited too long, or would have to."""
    count_rejected()
    return Refusal(Problem(code=Code.TOO_MANY, value=str(RETRY_SECONDS)))
