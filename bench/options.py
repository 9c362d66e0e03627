"""The options of the command line: what to measure."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.batches import UNCHANGED
from bench.cases import SCENARIOS, Case
from bench.rows import ROWS
from bench.vendors import VENDORS

TABLES: Final = ("speed", "wrong", "jobs", "memory")


@dataclass(frozen=True)
class Options:
    apis: list[str]
    tables: list[str]
    scenarios: list[str]
    rows: list[int]
    held: list[int]
    callers: list[int]
    rounds: int
    workers: int
    json: Path | None

    def cases(self) -> list[Case]:
        """List large batches of all callers, and small ones of one: these only show what a call costs."""
        large = [
            Case(scenario, ROWS, held, callers)
            for held in self.held
            for callers in self.callers
            for scenario in self.scenarios
        ]
        small = [
            Case(scenario, rows, self.held[0], 1)
            for rows in self.rows
            for scenario in self.scenarios
            if rows < ROWS and scenario != UNCHANGED
        ]
        return (large if ROWS in self.rows else []) + small


def parse(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(
        "python -m bench", description="Each API against PostgreSQL in the same run; medians of rounds."
    )
    add = parser.add_argument
    add("--apis", nargs="+", choices=[*VENDORS], default=[*VENDORS])
    add("--tables", nargs="+", choices=TABLES, default=TABLES, help="what to measure (default: all)")
    add("--scenarios", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    add("--rows", nargs="+", type=int, choices=(ROWS, 100, 1), default=[ROWS, 100, 1], help="in a batch")
    add("--held", nargs="+", type=_from(0), default=[0], help="contacts in the table beforehand (default: 0)")
    add("--callers", nargs="+", type=_from(1), default=[1, 4], help="at the same time (default: 1 4)")
    add("--rounds", type=_from(1), help="measured, after one that is not (default: 5)")
    add("--quick", action="store_true", help="3 rounds of 10,000 rows of one caller")
    add("--workers", type=_from(0), default=0, help="processes of the server (default: as `serve` chooses)")
    add("--json", type=Path, metavar="FILE", help="write everything that was measured to FILE")
    given = parser.parse_args(arguments)
    return Options(
        apis=[name for name in VENDORS if name in given.apis],
        tables=[table for table in TABLES if table in given.tables],
        scenarios=[scenario for scenario in SCENARIOS if scenario in given.scenarios],
        rows=[ROWS] if given.quick else sorted(set(given.rows), reverse=True),
        held=sorted(set(given.held)),
        # The ratios of several callers are to the ceiling of one.
        callers=[1] if given.quick else sorted({1, *given.callers}),
        rounds=given.rounds or (3 if given.quick else 5),
        workers=given.workers,
        json=given.json,
    )


def _from(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < least:
            raise ValueError
        return int(text)

    return number
