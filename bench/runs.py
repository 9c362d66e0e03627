"""Running the cases: every side in turn, round after round."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final, NamedTuple

from bench.batches import Span, make_batch
from bench.callers import Callers
from bench.cases import ROWS, Case, Crowd
from bench.endpoint import Endpoint
from bench.memory import Memory, Watched, call_peaks
from bench.sides import Side
from bench.tables import Tables

_LARGE: Final = 100_000  # from here on, a filled table is used for several cases
_WARMING: Final = 10


class Result(NamedTuple):
    case: Case
    seconds: dict[str, list[float]]  # by side, a value per round

    def median(self, side: str) -> float:
        return statistics.median(self.seconds[side])

    def speed(self, side: str) -> float | None:
        """Rows per second; None where the side took no part."""
        return self.case.callers * ROWS / self.median(side) if side in self.seconds else None


@dataclass(frozen=True)
class Bench:
    endpoint: Endpoint
    sides: list[Side]
    callers: Callers
    tables: Tables
    crowd: Crowd

    def measure_memory(self, watched: Watched) -> tuple[Memory, dict[str, Memory]]:
        """Of a server that has done nothing yet: idle, and in its first calls."""
        idle = watched.now()
        self.endpoint.send_what_contacts_refer_to(attributes=True)
        parts = {"create": self.crowd.grow(1, ROWS)}
        parts |= {scenario: self.crowd.rows(Case(scenario, 0, 1)) for scenario in ("update", "unchanged")}
        calls = {scenario: make_batch(spans) for scenario, (spans,) in parts.items()}
        return idle, call_peaks(watched, self.endpoint.open(), calls)

    def warm_up(self) -> None:
        """So that all connections are open, and have prepared their statements."""
        self.tables.fill()
        self._empty()
        callers = self.callers.count
        while parts := self.crowd.grow(callers, callers * ROWS, size=ROWS // _WARMING):
            self._send(parts)
        parts = self.crowd.rows(Case("update", 0, callers))
        for _ in range(_WARMING):
            self._send(parts)
        self._empty()

    def run(self, case: Case, rounds: int) -> Result:
        """The first round is not measured."""
        self._prepare(case)
        self.tables.checkpoint()
        seconds: dict[str, list[float]] = {side.name: [] for side in self.sides}
        self._send(self.crowd.rows(case))
        since = self.tables.moment()
        for _ in range(rounds):
            if case.scenario != "unchanged":
                self.callers.hand_out(self.crowd.rows(case))
            for side in self.sides:
                seconds[side.name].append(self.callers.send(side))
        self._check(case, rounds, since)
        return Result(case, seconds)

    def _prepare(self, case: Case) -> None:
        if case.held >= _LARGE and self.crowd.held == case.population:
            return
        self._empty()
        while parts := self.crowd.grow(self.callers.count, case.population):
            self._send(parts)

    def _send(self, parts: list[list[Span]]) -> None:
        self.callers.hand_out(parts)
        for side in self.sides:
            self.callers.send(side)

    def _empty(self) -> None:
        self.tables.empty(self.sides)
        self.crowd.forget()
        self.endpoint.send_what_contacts_refer_to(attributes=False)

    def _check(self, case: Case, rounds: int, since: int) -> None:
        expected = case.written(rounds)
        written, keys = self.tables.written(since)
        if written != expected or (keys and case.scenario in ("update", "unchanged")):
            raise RuntimeError(f"{case}: {written} contacts and {keys} keys written, expected {expected}")
