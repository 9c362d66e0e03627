"""The sides that are compared. A side opens a session for each caller."""

from __future__ import annotations

from typing import Any, Protocol

from bench.batches import Batch


class Session(Protocol):
    def prepare(self) -> None:
        """Do the part of a call that is not measured."""
        ...

    def send(self, batch: Batch) -> Any:
        """Do the part that is measured; the answer is for `check`."""
        ...

    def check(self, answer: Any, batch: Batch) -> None:
        """Raise ValueError when not all rows were written."""
        ...

    def close(self) -> None: ...


class Side(Protocol):
    """A way to write the rows. It goes to the processes of the callers, so it can be pickled."""

    @property
    def name(self) -> str: ...

    def open(self) -> Session: ...
