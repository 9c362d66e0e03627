"""What was measured, as tables for a person and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from bench.cases import ROWS, SCENARIOS, Case
from bench.jobs import LEAST_SPEED, MOST_ANSWER, MOST_WITH_LISTENERS, Jobs
from bench.memory import Memory
from bench.runs import Result
from bench.vendors import MEMORY, RATIO, Vendor

_MEGABYTE: Final = 1 << 20
_MOST_MEMORY: Final = 150  # megabytes over idle, in one call
_MOST_GROWTH: Final = 1.3  # a call's time at the most held contacts over that at the fewest
_TARGETS: Final = {
    ("create", 1): 0.70,
    ("update", 1): 0.85,
    ("unchanged", 1): 1.20,
    ("create", 4): 1.00,
    ("update", 4): 1.00,
    ("unchanged", 4): 1.30,
}


class Comparison(NamedTuple):
    """Speeds in rows per second. The ratio is to the ceiling of one caller of the same scenario and size."""

    scenario: str
    held: int
    callers: int
    ceiling: float
    ours: float
    postgrest: float | None
    ratio: float
    ratio_same_callers: float
    target: float | None

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.ratio >= self.target


class Growth(NamedTuple):
    """Seconds of a call of one caller, with few and with many contacts held."""

    scenario: str
    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few


def compare(results: Sequence[Result]) -> list[Comparison]:
    ceilings = {result.case: _speed(result, "ceiling") for result in results}
    return [_compare(result, ceilings) for result in results]


def _compare(result: Result, ceilings: dict[Case, float]) -> Comparison:
    scenario, held, callers = case = result.case
    ours = _speed(result, "ours")
    return Comparison(
        scenario,
        held,
        callers,
        ceiling=ceilings[case],
        ours=ours,
        postgrest=result.speed("postgrest"),
        ratio=ours / ceilings[Case(scenario, held, 1)],
        ratio_same_callers=ours / ceilings[case],
        target=_TARGETS.get((scenario, callers)),
    )


def _speed(result: Result, side: str) -> float:
    speed = result.speed(side)
    assert speed is not None
    return speed


def growths(results: Sequence[Result]) -> list[Growth]:
    """Empty when only one size was measured."""
    held = {result.case.held for result in results}
    times = {result.case: result.median("ours") for result in results}
    if len(held) < 2:
        return []
    return [
        Growth(scenario, times[Case(scenario, min(held), 1)], times[Case(scenario, max(held), 1)])
        for scenario in SCENARIOS
        if Case(scenario, max(held), 1) in times
    ]


def show_comparisons(console: Console, comparisons: Sequence[Comparison]) -> None:
    with_postgrest = any(comparison.postgrest for comparison in comparisons)
    headers = ["scenario", "held", "callers", "ceiling", "ours", *["PostgREST"] * with_postgrest]
    console.print("Rows per second", style="bold")
    table = _table([*headers, "ratio", "of as many", "target", "met"])
    for one in comparisons:
        speeds = [f"{one.ceiling:,.0f}", f"{one.ours:,.0f}"]
        if with_postgrest:
            speeds.append(f"{one.postgrest:,.0f}" if one.postgrest else "")
        target = f"{one.target:.2f}" if one.target else ""
        table.add_row(
            one.scenario,
            f"{one.held:,}",
            str(one.callers),
            *speeds,
            f"{one.ratio:.2f}",
            f"{one.ratio_same_callers:.2f}",
            target,
            _met(one.met),
        )
    console.print(table)
    console.print(
        f"Medians of calls of {ROWS:,} rows. ratio: ours over the ceiling of one caller;"
        " of as many: over the ceiling of as many callers."
        " Update, half and unchanged need contacts: where fewer are held, 10,000 for each caller."
    )


def show_memory(console: Console, idle: Memory, peaks: dict[str, Memory], after: Memory) -> None:
    headers = ["when", "server", "over idle", "target", "met", "PostgreSQL"]
    console.print("Memory in MB: the server's main process and workers; PostgreSQL's private", style="bold")
    table = _table(headers)
    table.add_row("idle", _mb(idle.server), "", "", "", _mb(idle.database))
    for name, peak in peaks.items():
        over = peak.server - idle.server
        met = _met(over <= _MOST_MEMORY * _MEGABYTE)
        table.add_row(
            f"peak, {name}", _mb(peak.server), _mb(over), str(_MOST_MEMORY), met, _mb(peak.database)
        )
    table.add_row(
        "after it all", _mb(after.server), _mb(after.server - idle.server), "", "", _mb(after.database)
    )
    console.print(table)


def show_vendors(console: Console, vendors: Sequence[Vendor]) -> None:
    console.print("Other vendors' calls, one caller, against the Propeller call of this run", style="bold")
    table = _table(["call", "rows/s", "ratio", "target", "MB over idle", "target", "met"])
    for one in vendors:
        speed, ratio = f"{one.speed:,.0f}", f"{one.ratio:.2f}"
        if one.ratio == 1.0:
            table.add_row(one.call, speed, ratio, "", "", "", "")
            continue
        met = _met(one.ratio >= RATIO and one.peak <= MEMORY)
        table.add_row(one.call, speed, ratio, f"{RATIO:.2f}", _mb(one.peak), _mb(MEMORY), met)
    console.print(table)


def show_jobs(console: Console, jobs: Jobs) -> None:
    console.print("Datananas bulk, 10,000 contacts, one caller", style="bold")
    table = _table(["what", "ms", "ratio", "target", "met"])
    rows = (
        ("answer, to decoding and storing", jobs.answered, jobs.answered / jobs.stored, MOST_ANSWER, False),
        ("rows written, to Propeller's speed", jobs.alone, jobs.ratio, LEAST_SPEED, True),
        (
            "with ten listeners, to none",
            jobs.with_listeners,
            jobs.with_listeners / jobs.alone,
            MOST_WITH_LISTENERS,
            False,
        ),
    )
    for what, seconds, ratio, target, at_least in rows:
        met = ratio >= target if at_least else ratio <= target
        table.add_row(what, f"{seconds * 1000:.0f}", f"{ratio:.2f}", f"{target:.2f}", _met(met))
    console.print(table)


def show_growths(console: Console, grown: Sequence[Growth], few: int, many: int) -> None:
    title = f"Milliseconds of a call of one caller, with {max(few, ROWS):,} and {many:,} contacts held"
    console.print(title, style="bold")
    table = _table(["scenario", "few", "many", "ratio", "target", "met"])
    for one in grown:
        met = _met(one.ratio <= _MOST_GROWTH)
        times = f"{one.few * 1000:.0f}", f"{one.many * 1000:.0f}"
        table.add_row(one.scenario, *times, f"{one.ratio:.2f}", str(_MOST_GROWTH), met)
    console.print(table)


def _table(headers: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    for index, header in enumerate(headers):
        table.add_column(header, justify="right" if index else "left", no_wrap=True)
    return table


def _mb(size: int) -> str:
    return f"{size / _MEGABYTE:.0f}"


def _met(met: bool | None) -> str:
    return "" if met is None else "yes" if met else "[bold red]no[/]"


def as_document(comparison: Comparison | Growth) -> dict[str, Any]:
    extra = {"met": comparison.met} if isinstance(comparison, Comparison) else {"ratio": comparison.ratio}
    return {**comparison._asdict(), **extra}
