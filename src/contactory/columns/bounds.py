"""The check of ranges that compiled functions are given: they lie in their buffer."""

from __future__ import annotations

from contactory.columns.jit import Bytes, Ints, inline


@inline
def check_ranges(source: Bytes, starts: Ints, lengths: Ints) -> None:
    """Raise IndexError unless each range lies in `source`. One without bytes may be anywhere."""
    if len(starts) != len(lengths):
        raise IndexError("there are not as many starts as lengths")
    for index in range(len(starts)):
        if lengths[index] > 0 and (starts[index] < 0 or starts[index] + lengths[index] > len(source)):
            raise IndexError("a range is not in its buffer")
