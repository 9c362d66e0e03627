"""`python -m bench`: measure, and say what was measured."""

from __future__ import annotations

import os
import platform
import signal
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import psycopg
from rich.console import Console

from bench import options, report
from bench.callers import Callers
from bench.cases import Crowd
from bench.ceiling import Ceiling
from bench.jobs import Jobs
from bench.jobs import measure as measure_jobs
from bench.memory import Memory, Watched
from bench.options import Options
from bench.postgrest import postgrest
from bench.runs import Bench, Result
from bench.server import Server, serving
from bench.sides import Side
from bench.tables import Tables
from bench.vendors import Vendor
from bench.vendors import measure as measure_vendors

_WIDTH = 120  # of a report that goes to a file


class Measured(NamedTuple):
    results: list[Result]
    idle: Memory
    peaks: dict[str, Memory]
    after: Memory
    vendors: list[Vendor]
    jobs: Jobs
    postgresql: str


def main() -> None:
    asked = options.parse()
    # As Ctrl-C does, so that no server is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    load = os.getloadavg()[0]
    if load > 1:
        console.print(
            f"Something else is running (load average {load:.1f}): these numbers are not to be trusted."
        )
    with console.status("Starting") as status, serving(asked.workers) as server:
        measured = _measure(asked, server, lambda text: status.update(text))
    _show(console, asked, measured)
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(_document(asked, measured, load))))


def _measure(asked: Options, server: Server, tell: Callable[[str], None]) -> Measured:
    with (
        psycopg.connect(server.database_url, autocommit=True) as connection,
        postgrest(connection, server.database_url) as third,
    ):
        tables = Tables(connection)
        watched = Watched(server.pid, tables.backend())
        sides: list[Side] = [Ceiling(server.database_url), server.endpoint, *([third] if third else [])]
        with Callers(max(asked.callers), sides) as callers:
            bench = Bench(server.endpoint, sides, callers, tables, Crowd())
            tell("Memory")
            idle, peaks = bench.measure_memory(watched)
            tell("Warming up")
            bench.warm_up()
            results = []
            for case in asked.cases():
                tell(f"{case.scenario}, {case.held:,} held, callers: {case.callers}")
                results.append(bench.run(case, asked.rounds))
        after = watched.now()
        tell("The other vendors' calls")
        vendors = measure_vendors(server.endpoint, watched, asked.rounds)
        tell("Work that goes on after the answer")
        jobs = measure_jobs(server.endpoint, server.database_url, asked.rounds, vendors[0].speed)
        return Measured(results, idle, peaks, after, vendors, jobs, tables.version())


def _show(console: Console, asked: Options, measured: Measured) -> None:
    report.show_comparisons(console, report.compare(measured.results))
    report.show_memory(console, measured.idle, measured.peaks, measured.after)
    report.show_vendors(console, measured.vendors)
    report.show_jobs(console, measured.jobs)
    if grown := report.growths(measured.results):
        report.show_growths(console, grown, asked.held[0], asked.held[-1])


def _document(asked: Options, measured: Measured, load: float) -> dict[str, Any]:
    machine = {
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load_before": load,
        "python": platform.python_version(),
        "postgresql": measured.postgresql,
    }
    return {
        "machine": machine,
        "rounds": asked.rounds,
        "workers": asked.workers,
        "comparisons": [report.as_document(one) for one in report.compare(measured.results)],
        "growth": [report.as_document(one) for one in report.growths(measured.results)],
        "vendors": [vendor._asdict() for vendor in measured.vendors],
        "jobs": measured.jobs._asdict(),
        "memory": {
            "idle": measured.idle._asdict(),
            "peaks": {name: peak._asdict() for name, peak in measured.peaks.items()},
            "after": measured.after._asdict(),
        },
        "seconds": [{**result.case._asdict(), **result.seconds} for result in measured.results],
    }


if __name__ == "__main__":
    main()
