"""The progress of a command that reads a file, on a terminal."""

from __future__ import annotations

import os
from types import TracebackType
from typing import BinaryIO, Self


class Progress:
    """Progress bars on standard error, if that is a terminal: of bytes read, and of records done."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        console = Console(stderr=True)
        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.TaskProgressColumn(),
            progress.TimeRemainingColumn(),
        )
        self._bars = progress.Progress(*columns, console=console, disable=not console.is_terminal)
        self._bar = progress.TaskID(0)
        self.completed = 0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bars.stop()

    def start(self, label: str, total: int | BinaryIO) -> None:
        """Begin a step with a total of records, or of the bytes of a file."""
        amount = total if isinstance(total, int) else os.fstat(total.fileno()).st_size
        self._bar, self.completed = self._bars.add_task(label, total=amount), 0

    def advance(self, done: int) -> None:
        """Show how many of the step are done."""
        self.completed = done
        self._bars.update(self._bar, completed=done)
