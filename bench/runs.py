"""Running the cases of one API: every side in turn, round after round."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from bench.batches import CREATE, UNCHANGED, UPDATE
from bench.callers import Callers
from bench.cases import Case, Crowd
from bench.rows import ROWS, Span
from bench.service import Service
from bench.sides import Side
from bench.tables import Tables
from bench.vendors.vendor import Vendor

_WARMING: Final = 10


class Result(NamedTuple):
    api: str
    case: Case
    seconds: dict[str, list[float]]  # by side, a value per round

    def median(self, side: str) -> float:
        return statistics.median(self.seconds[side])

    def speed(self, side: str) -> float | None:
        """Return rows per second; None where the side took no part."""
        if side not in self.seconds:
            return None
        return self.case.callers * self.case.rows / self.median(side)


@dataclass(frozen=True)
class Bench:
    vendor: Vendor
    service: Service
    sides: list[Side]
    callers: Callers
    tables: Tables
    crowd: Crowd

    def run_all(self, cases: list[Case], rounds: int, tell: Callable[[str], None]) -> Iterator[Result]:
        tell("warming up")
        self._warm_up()
        for case in cases:
            tell(f"{case.scenario} {case.rows:,} rows, {case.held:,} held, callers: {case.callers}")
            yield self._run(case, case.rounds(rounds))

    def _empty(self) -> None:
        """Empty all tables but for what contacts refer to."""
        self.tables.empty()
        self.crowd.forget()
        self.service.send_all([*self.vendor.references()])

    def _warm_up(self) -> None:
        """Open all connections, and let them prepare their statements."""
        self._empty()
        callers = self.callers.count
        while parts := self.crowd.grow(callers, callers * ROWS, size=ROWS // _WARMING):
            self._send(CREATE, parts)
        parts = self.crowd.rows(Case(UPDATE, ROWS // _WARMING, 0, callers))
        for _ in range(_WARMING):
            self._send(UPDATE, parts)
        self._send(UNCHANGED, parts)

    def _run(self, case: Case, rounds: int) -> Result:
        """Run a round that is not measured, and those that are."""
        self._prepare(case)
        self.tables.analyze(self.vendor)
        self.tables.checkpoint()
        seconds: dict[str, list[float]] = {side.name: [] for side in self.sides}
        rows = self.crowd.rows(case)
        if case.scenario == UNCHANGED:
            # What is held is of another revision than what is going to be sent.
            self._send(UPDATE, rows)
        self._send(case.scenario, rows)
        since = self.tables.moment()
        for _ in range(rounds):
            if case.scenario != UNCHANGED:
                self.callers.hand_out(case.scenario, self.crowd.rows(case))
            for side in self.sides:
                seconds[side.name].append(self.callers.send(side))
        self._check(case, rounds, since)
        return Result(self.vendor.name, case, seconds)

    def _prepare(self, case: Case) -> None:
        if case.population and self.crowd.held == case.population:
            return
        self._empty()
        while parts := self.crowd.grow(self.callers.count, case.population):
            self._send(CREATE, parts)

    def _send(self, scenario: str, parts: list[list[Span]]) -> None:
        self.callers.hand_out(scenario, parts)
        for side in self.sides:
            self.callers.send(side)

    def _check(self, case: Case, rounds: int, since: int) -> None:
        expected = case.written(rounds)
        written, keys = self.tables.written(since)
        if written != expected or (keys and case.scenario != CREATE):
            raise RuntimeError(f"{case}: {written} contacts and {keys} keys written, expected {expected}")
