"""Which rows a case sends, and how many of them must have been written."""

from __future__ import annotations

from typing import Final, NamedTuple

from bench.batches import Span

ROWS: Final = 10_000
SCENARIOS: Final = ("create", "update", "half", "unchanged")

_BLOCKS: Final = 100  # that the known rows of a call come in


class Case(NamedTuple):
    scenario: str
    held: int  # contacts in the table beforehand
    callers: int

    @property
    def population(self) -> int:
        """Contacts that have to be there before: every caller changes others."""
        return max(self.held, 0 if self.scenario == "create" else self.callers * ROWS)

    def written(self, rounds: int) -> int:
        """Rows that have another version after these rounds."""
        share = self.callers * ROWS
        match self.scenario:
            case "create":
                return share * rounds
            case "update":
                return share
            case "half":
                return share // 2 * (rounds + 1)
            case _:
                return 0


class Crowd:
    """The contacts that are held: numbers below `held`, and those created since, up to `following`."""

    def __init__(self) -> None:
        self.held = 0
        self._following = 0
        self._revision = 0

    def forget(self) -> None:
        self.held = self._following = 0

    def grow(self, callers: int, target: int, size: int = ROWS) -> list[list[Span]]:
        """For each caller part of what is still to be sent until `target` contacts are held."""
        parts: list[list[Span]] = []
        while self._following < target and len(parts) < callers:
            parts.append(self._new(min(size, target - self._following)))
        self.held = max(self.held, min(self._following, target))
        return parts

    def rows(self, case: Case) -> list[list[Span]]:
        """For each caller what to send. Every time other rows, except those of `unchanged`."""
        if case.scenario in ("update", "half"):
            self._revision += 1
        return [self._rows_of(case, caller) for caller in range(case.callers)]

    def _rows_of(self, case: Case, caller: int) -> list[Span]:
        match case.scenario:
            case "create":
                return self._new(ROWS)
            case "half":
                return self._known(case.callers, caller, ROWS // 2) + self._new(ROWS // 2)
            case _:
                return self._known(case.callers, caller, ROWS)

    def _new(self, count: int) -> list[Span]:
        first = self._following
        self._following += count
        return [Span(first, count)]

    def _known(self, callers: int, caller: int, count: int) -> list[Span]:
        """Spread evenly over all that are held, because that is where a sync finds its changes."""
        step = self.held // _BLOCKS
        share = ROWS // _BLOCKS
        assert step >= callers * share
        return [
            Span(block * step + caller * share, count // _BLOCKS, self._revision) for block in range(_BLOCKS)
        ]
