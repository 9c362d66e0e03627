"""Memory for the bodies of requests whose caller is not known yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from contactory.model.limits import ANONYMOUS_BYTES, ANONYMOUS_LEAST, ANONYMOUS_SHARE
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.tally import Tally

_RETRY_SECONDS: Final = "2"


class AnonymousBudget:
    """Bytes that anonymous callers of one process have sent and not been answered for. An address may have
    a share of them."""

    def __init__(self) -> None:
        self._held: Tally[str] = Tally()  # bytes, by address

    @contextmanager
    def reserve(self, address: str) -> Iterator[Callable[[int], Awaitable[None]]]:
        """Yield a function that takes the bytes received so far. It raises Refusal (TOO_MANY)."""
        held = 0

        async def take(size: int) -> None:
            nonlocal held
            more = max(size, ANONYMOUS_LEAST) - held
            if self._held.total() + more > ANONYMOUS_BYTES or self._held[address] + more > ANONYMOUS_SHARE:
                raise Refusal(Problem(code=Code.TOO_MANY, value=_RETRY_SECONDS))
            self._held.add(address, more)
            held += more

        try:
            yield take
        finally:
            self._held.add(address, -held)
