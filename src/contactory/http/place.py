"""A call that waits for its turn or is in hand, and the memory that is set aside for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from contactory.http.crossing import Lane
from contactory.http.memory import need
from contactory.model.limits import TURN_SECONDS
from contactory.model.problems import Code, Problem, Refusal
from contactory.telemetry.metrics import count_put_off

if TYPE_CHECKING:
    from contactory.http.admission import Admission

SMALL: Final = 64 << 10  # bytes of a body that needs no slot, and no memory set aside
PIECE: Final = 256 << 10  # bytes that a slow body may grow by before it asks for more memory
RETRY_SECONDS: Final = 5


class Place:
    """A large call has memory set aside for its body (`held`), and when that is read a slot (`lane`). While
    the body comes briskly, that is the memory for all that it has told of; afterwards for what has come."""

    def __init__(self, admission: Admission, organization_id: int, length: int | None) -> None:
        self.organization_id = organization_id
        self.is_large = length is None or length > SMALL
        self.length = length or SMALL
        self.is_slow = False
        self.come = 0
        self.lane: Lane | None = None
        self.held = 0
        self._admission = admission
        self._turn = self._new_turn()

    @property
    def is_here(self) -> bool:
        """Tell whether this process is the one that works at the call."""
        return self.lane is None or self.lane.there is None

    @property
    def slow_need(self) -> int:
        """Bytes while it is slow."""
        return need(self.come + PIECE)

    async def take(self, size: int) -> None:
        """`size`: bytes read so far, which may be more than were told. Raises Refusal (TOO_MANY) when there
        is no memory for them in time."""
        self.come = size
        if self.is_large and need(size) > self.held:
            for wanted in (() if self.is_slow else (2 * size,)) + (size + PIECE, size):
                if self._admission.try_to_grow(self, need(wanted)):
                    return
            self._turn = self._new_turn()
            await self._admission.wait_to_grow(self, need(size))

    async def take_lane(self) -> None:
        """Once it is read. Raises Refusal (TOO_MANY) when its turn does not come in time."""
        if self.is_large:
            self._turn = self._new_turn()
            await self._admission.wait_for_lane(self)

    async def wait(self) -> None:
        """Wait for the call's turn. Raises Refusal (TOO_MANY) when that does not come in time."""
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turn
        except TimeoutError:
            if not self._turn.done() or self._turn.cancelled():
                raise too_many() from None

    def call(self) -> None:
        """Tell the call that its turn has come."""
        if not self._turn.done():
            self._turn.set_result(None)

    def _new_turn(self) -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()


def too_many() -> Refusal:
    count_put_off()
    return Refusal(Problem(code=Code.TOO_MANY, value=str(RETRY_SECONDS)))
