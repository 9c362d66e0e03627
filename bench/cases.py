"""The cases: the rows that each sends, and how many of them must have been written."""

from __future__ import annotations

from typing import Final, NamedTuple

from bench.batches import CREATE, UNCHANGED, UPDATE
from bench.rows import ROWS, Span

SCENARIOS: Final = (CREATE, UPDATE, UNCHANGED)

_BLOCKS: Final = 100  # that the known rows of a call come in, at most
_MORE_ROUNDS: Final = 10  # times as many for small batches


class Case(NamedTuple):
    """`rows`: of each call; `held`: contacts in the table beforehand."""

    scenario: str
    rows: int
    held: int
    callers: int

    @property
    def population(self) -> int:
        """Count the contacts that have to be there before: every caller changes others."""
        return max(self.held, 0 if self.scenario == CREATE else self.callers * ROWS)

    def rounds(self, rounds: int) -> int:
        return rounds if self.rows == ROWS else rounds * _MORE_ROUNDS

    def written(self, rounds: int) -> int:
        """Count the rows that have another version after these rounds."""
        share = self.callers * self.rows
        return {CREATE: share * rounds, UPDATE: share, UNCHANGED: 0}[self.scenario]


class Crowd:
    """The contacts that are held: numbers below `held`, and those created since, up to `following`."""

    def __init__(self) -> None:
        self.held = 0
        self._following = 0
        self._revision = 0

    def forget(self) -> None:
        self.held = self._following = 0

    def grow(self, callers: int, target: int, size: int = ROWS) -> list[list[Span]]:
        """Return for each caller part of what is still to be sent until `target` contacts are held."""
        parts: list[list[Span]] = []
        while self._following < target and len(parts) < callers:
            parts.append(self._new(min(size, target - self._following)))
        self.held = max(self.held, min(self._following, target))
        return parts

    def rows(self, case: Case) -> list[list[Span]]:
        """Return for each caller what to send: every time other rows, except those of `unchanged`."""
        if case.scenario == UPDATE:
            self._revision += 1
        if case.scenario == CREATE:
            return [self._new(case.rows) for _ in range(case.callers)]
        return [self._known(case, caller) for caller in range(case.callers)]

    def _new(self, count: int) -> list[Span]:
        first = self._following
        self._following += count
        return [Span(first, count)]

    def _known(self, case: Case, caller: int) -> list[Span]:
        """Spread rows evenly over all that are held, because that is where a sync finds its changes."""
        blocks = min(_BLOCKS, case.rows)
        step, share = self.held // blocks, case.rows // blocks
        assert step >= case.callers * share
        return [Span(block * step + caller * share, share, self._revision) for block in range(blocks)]
