"""How much memory large calls need, and how much there is for those of one process."""

from __future__ import annotations

import resource
from typing import Final

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
