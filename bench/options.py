"""What to measure, as asked for on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cases import SCENARIOS, Case


@dataclass(frozen=True)
class Options:
    scenarios: list[str]
    held: list[int]
    callers: list[int]
    rounds: int
    workers: int
    json: Path | None

    def cases(self) -> list[Case]:
        return [
            Case(scenario, held, callers)
            for held in self.held
            for callers in self.callers
            for scenario in self.scenarios
        ]


def parse(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(
        "python -m bench", description="Calls of 10,000 rows; medians of rounds."
    )
    add = parser.add_argument
    add("--scenarios", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    add("--held", nargs="+", type=_from(0), help="contacts in the table beforehand (default: 0 1000000)")
    add("--callers", nargs="+", type=_from(1), default=[1, 4], help="at the same time (default: 1 4)")
    add("--rounds", type=_from(1), help="measured, after one that is not (default: 7)")
    add("--quick", action="store_true", help="3 rounds, and only the empty table")
    add("--workers", type=_from(0), default=0, help="processes of the server (default: as `serve` chooses)")
    add("--json", type=Path, metavar="FILE", help="write everything that was measured to FILE")
    given = parser.parse_args(arguments)
    return Options(
        scenarios=[scenario for scenario in SCENARIOS if scenario in given.scenarios],
        held=sorted(set(given.held or ([0] if given.quick else [0, 1_000_000]))),
        # The ratios of several callers are to the ceiling of one.
        callers=sorted({1, *given.callers}),
        rounds=given.rounds or (3 if given.quick else 7),
        workers=given.workers,
        json=given.json,
    )


def _from(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < least:
            raise ValueError
        return int(text)

    return number
