"""How much memory large calls need, how much there is for those of one process, and who may have it."""

from __future__ import annotations

import resource
from typing import Final

from contactory.http.tally import Tally
from contactory.telemetry.metrics import show_admitted

# Bytes of memory that a large call needs: where it is worked at for its rows, 50,000 at most, and wherever it
# is held for a byte of its body. Measured, see docs/reliability.md.
FOR_ROWS: Final = 48 << 20
FOR_A_BYTE: Final = 2
LEAST: Final = 16 << 20  # bytes for bodies; with less, few large calls could be let in at all
_SPARE: Final = 0.85  # of what is left beside the process itself


def need(length: int) -> int:
    """Bytes for a body of `length` and what is made of it beside its rows."""
    return FOR_A_BYTE * length


def largest_body(budget: int) -> int:
    """Bytes of the largest body that there can be memory for."""
    return budget // FOR_A_BYTE


def own_budget(max_memory_mb: int, processes: int) -> int:
    """Bytes for the bodies of one process, of those that all of them and the one that starts them may have.
    What is left is for the rows of the one large call that it works at."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    share = ((max_memory_mb << 20) - own) // processes
    return max(int((share - own) * _SPARE) - FOR_ROWS, LEAST)


class Budget:
    """Bytes set aside for the bodies of one process, by organization."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: Tally[int] = Tally()
        self._total = 0

    def may_begin(self, organization_id: int, wanted: int) -> bool:
        """An organization that holds nothing may have three quarters, or all for one giant body. Further
        calls of an organization may have half, so that it never takes more for several. The rest is for
        what other processes have worked at here."""
        if not self._total:
            return True
        if self._held[organization_id]:
            return self._total + wanted <= self._size // 2
        most = self._size * 3 // 4 if wanted <= self._size // 2 else self._size
        return self._total + wanted <= most

    def may_begin_beside_slow_ones(self, organization_id: int, wanted: int) -> bool:
        """A call of modest size, whose organization holds nothing, need not wait for bodies that are slow in
        coming: a sixteenth is kept for such on top of all."""
        modest = self._size // 16
        return (
            wanted <= modest
            and not self._held[organization_id]
            and self._total + wanted <= self._size + modest
        )

    def may_grow(self, organization_id: int, held: int, wanted: int) -> bool:
        """One call that holds `held`, within the share of its organization where that has other calls too."""
        others = self._held[organization_id] - held
        return self._total - held + wanted <= self._size and (
            not others or others + wanted <= self._size // 2
        )

    def has_room(self, wanted: int) -> bool:
        return self._total + wanted <= self._size

    def hold(self, organization_id: int, more: int) -> None:
        """`more` than before, or less where it is negative."""
        self._held.add(organization_id, more)
        self._total += more
        show_admitted(self._total)
