"""Results of the service against those of the other sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench.cases import Case
from bench.floors import FLOORS, GOALS, MOST_GROWTH
from bench.rows import ROWS
from bench.runs import Result


class Comparison(NamedTuple):
    """Speeds in rows per second; ratios to the ceiling of one caller, and to PostgreSQL alone for one."""

    api: str
    scenario: str
    rows: int
    held: int
    callers: int
    milliseconds: float
    ours: float
    ceiling: float
    alone: float
    postgrest: float | None
    to_ceiling: float
    floor: float | None
    to_alone: float
    goal: float | None

    @property
    def met(self) -> bool | None:
        return None if self.floor is None else self.to_ceiling >= self.floor


class Growth(NamedTuple):
    """Seconds of a call of one caller, with few and with many contacts held."""

    api: str
    scenario: str
    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few

    @property
    def met(self) -> bool:
        return self.ratio <= MOST_GROWTH


def compare(results: Sequence[Result]) -> list[Comparison]:
    by_case = {(result.api, result.case): result for result in results}
    return [_compare(result, by_case[result.api, result.case._replace(callers=1)]) for result in results]


def _compare(result: Result, of_one: Result) -> Comparison:
    scenario, rows, held, callers = result.case
    ours, large = _speed(result, "ours"), rows == ROWS
    return Comparison(
        result.api,
        scenario,
        rows,
        held,
        callers,
        milliseconds=result.median("ours") * 1000,
        ours=ours,
        ceiling=_speed(result, "ceiling"),
        alone=_speed(result, "alone"),
        postgrest=result.speed("postgrest"),
        to_ceiling=ours / _speed(of_one, "ceiling"),
        floor=FLOORS.get((result.api, scenario, callers)) if large else None,
        to_alone=ours / _speed(of_one, "alone"),
        goal=GOALS[scenario] if large and callers == 1 else None,
    )


def _speed(result: Result, side: str) -> float:
    speed = result.speed(side)
    assert speed is not None
    return speed


def find_growth(results: Sequence[Result]) -> list[Growth]:
    """Compare the smallest and the largest table; empty when only one size was measured."""
    held = {result.case.held for result in results}
    times = {(result.api, result.case): result.median("ours") for result in results}
    return [
        Growth(api, case.scenario, times[api, case._replace(held=min(held))], seconds)
        for (api, case), seconds in times.items()
        if case == Case(case.scenario, ROWS, max(held), 1) and len(held) > 1
    ]
