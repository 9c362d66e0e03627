"""The memory budget of one process: what requests need, what there is, and which organization may have it."""

from __future__ import annotations

import resource
from typing import Final

from contactory.serving.tally import Tally
from contactory.telemetry.metrics import show_reserved

# Measured, see docs/reliability.md.
ROWS_BYTES: Final = 48 << 20  # that a large request needs for its rows, 50,000 at most
BYTES_PER_BYTE: Final = 2  # of its body, wherever that is held
LEAST: Final = 16 << 20  # bytes for bodies; with less, few large requests could be admitted at all
_SPARE: Final = 0.85  # of what is left beside the process itself


def bytes_for(length: int) -> int:
    """Return the memory for a body of `length` bytes and what is made of it beside its rows."""
    return BYTES_PER_BYTE * length


def largest_body(budget: int) -> int:
    """Return the bytes of the largest body that a budget has memory for."""
    return budget // BYTES_PER_BYTE


def own_budget(max_memory_mb: int, processes: int) -> int:
    """Return one process's share of the memory of the service, in bytes for request bodies.

    What the process itself has and what the rows of the one large request in its slot need is taken off; a
    process that uses the slot of another has the memory that is left over there.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    share = ((max_memory_mb << 20) - own) // processes
    return max(int((share - own) * _SPARE) - ROWS_BYTES, LEAST)


class Budget:
    """Bytes reserved for the bodies of one process, by organization."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: Tally[int] = Tally()
        self._total = 0

    def may_begin(self, organization_id: int, wanted: int) -> bool:
        """Tell whether a body may be read.

        An organization that holds nothing may have three quarters of the budget, or all for one giant body.
        With its further requests it may have half. The rest is for bodies that outgrow their reservation.
        """
        if not self._total:
            return True
        if self._held[organization_id]:
            return self._total + wanted <= self._size // 2
        most = self._size * 3 // 4 if wanted <= self._size // 2 else self._size
        return self._total + wanted <= most

    def may_begin_beside_slow_ones(self, organization_id: int, wanted: int) -> bool:
        """Tell whether a body of modest size may be read while slow ones hold the budget.

        A sixteenth of the budget is kept on top of it for organizations that hold nothing.
        """
        modest = self._size // 16
        return (
            wanted <= modest
            and not self._held[organization_id]
            and self._total + wanted <= self._size + modest
        )

    def may_grow(self, organization_id: int, held: int, wanted: int) -> bool:
        """Tell whether a request that holds `held` bytes may hold `wanted`, within the share of its
        organization where that has other requests too."""
        others = self._held[organization_id] - held
        return self._total - held + wanted <= self._size and (
            not others or others + wanted <= self._size // 2
        )

    def add(self, organization_id: int, more: int) -> None:
        """Reserve `more` bytes, or give them back where `more` is negative."""
        self._held.add(organization_id, more)
        self._total += more
        show_reserved(self._total)
