"""Contention between organizations: whether calls of more than one of them come at the moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from contactory.model.limits import CONTENTION_SECONDS

# Numbers that all processes of a service share: who called last, and when that was another one than before.
_CALLER: Final = 1
_CHANGED: Final = 2


class Contention:
    """Each process notes the organization of every call. While callers change, the service is contended.

    Two processes may write at the same moment. Then one change goes unnoticed until the next call.
    """

    def __init__(self, read: Callable[[int], int], write: Callable[[int, int], None]) -> None:
        """Take the functions that read and write a shared number by its index; a new number is 0."""
        self._read = read
        self._write = write

    def note_call(self, organization_id: int) -> None:
        before = self._read(_CALLER)
        if before != organization_id:
            self._write(_CALLER, organization_id)
            if before:
                self._write(_CHANGED, time.monotonic_ns())

    def is_high(self) -> bool:
        changed = self._read(_CHANGED)
        return changed > 0 and time.monotonic_ns() - changed < CONTENTION_SECONDS * 1e9
