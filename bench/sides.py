"""What is compared: a side opens sessions, one for each caller."""

from __future__ import annotations

from typing import Any, Protocol

from bench.batches import Batch


class Session(Protocol):
    def prepare(self) -> None:
        """What a call needs and is not measured."""
        ...

    def send(self, batch: Batch) -> Any:
        """The measured part; the answer is for `check`."""
        ...

    def check(self, answer: Any, batch: Batch) -> None:
        """Raises ValueError when not all rows were written."""
        ...


class Side(Protocol):
    """Goes to the processes of the callers, so it can be pickled."""

    @property
    def name(self) -> str: ...

    def open(self) -> Session: ...
