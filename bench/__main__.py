"""`python -m bench`: measure, and show what was measured."""

from __future__ import annotations

import os
import platform
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg
from rich.console import Console

from bench import jobs, memory, options, report, wrong
from bench.alone import Alone
from bench.callers import Callers
from bench.cases import Crowd
from bench.ceiling import Ceiling
from bench.comparisons import compare, find_growth
from bench.options import Options
from bench.postgrest import PostgREST, postgrest
from bench.runs import Bench, Result
from bench.server import Server, serving
from bench.service import Ours
from bench.sides import Side
from bench.tables import Tables
from bench.vendors import VENDORS
from bench.vendors.vendor import Vendor

_WIDTH = 140  # of a report that goes to a file

Tell = Callable[[str], None]


@dataclass
class Measured:
    """The measurements so far."""

    postgresql: str = ""
    results: list[Result] = field(default_factory=list)
    wrong: list[wrong.Wrong] = field(default_factory=list)
    jobs: jobs.Jobs | None = None
    memory: dict[str, memory.Memory] = field(default_factory=dict)


def main() -> None:
    asked = options.parse()
    # As Ctrl-C does, so that no server is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    load, started = os.getloadavg()[0], time.monotonic()
    measured = Measured()
    try:
        with console.status("Starting") as status, serving(asked.workers) as server:
            _measure(asked, server, measured, lambda text: status.update(text))
    except KeyboardInterrupt:
        console.print("Interrupted: this is what was measured until then.", style="bold red")
    console.print(
        f"Load average {load:.1f} before; {os.cpu_count()} processors; medians of {asked.rounds} rounds;"
        f" {time.monotonic() - started:.0f} seconds in all."
    )
    if load > 1:
        console.print("Something else was running: do not trust these numbers.", style="bold red")
    _show(console, measured)
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(_document(asked, measured, load))))


def _measure(asked: Options, server: Server, measured: Measured, tell: Tell) -> None:
    vendors = [VENDORS[name] for name in asked.apis]
    service = server.service
    with (
        psycopg.connect(server.database_url, autocommit=True) as connection,
        postgrest(connection, server.database_url) as postgrest_port,
    ):
        tables = Tables(connection)
        measured.postgresql = tables.version()
        for vendor in vendors:
            service.send_all([*vendor.definitions()])
        if "memory" in asked.tables:
            tell("Memory")
            measured.memory = memory.measure(vendors, service, memory.Watched(server.pid, tables.backend()))
        tell("Filling the memory of PostgreSQL")
        tables.fill()
        for vendor in vendors:
            service.send_all([*vendor.references()])
            if "wrong" in asked.tables:
                tell(f"{vendor.label}: rows that are wrong")
                measured.wrong.append(wrong.measure(vendor, service, asked.rounds))
            if "jobs" in asked.tables and vendor.is_job:
                tell(f"{vendor.label}: answers and listeners")
                measured.jobs = jobs.measure(vendor, service, asked.rounds)
        if "speed" in asked.tables:
            for vendor in vendors:
                for result in _measure_speed(asked, server, tables, vendor, postgrest_port, tell):
                    measured.results.append(result)


def _measure_speed(
    asked: Options, server: Server, tables: Tables, vendor: Vendor, postgrest_port: int | None, tell: Tell
) -> Iterator[Result]:
    url, name = server.database_url, vendor.name
    sides: list[Side] = [Ours(server.service, name), Ceiling(url, name), Alone(url, name)]
    if postgrest_port:
        sides.append(PostgREST(postgrest_port, name))
    with Callers(name, max(asked.callers), sides) as callers:
        bench = Bench(vendor, server.service, sides, callers, tables, Crowd())
        yield from bench.run_all(asked.cases(), asked.rounds, lambda text: tell(f"{vendor.label}: {text}"))


def _show(console: Console, measured: Measured) -> None:
    if measured.results:
        report.show_speeds(console, compare(measured.results))
    if grown := find_growth(measured.results):
        report.show_growth(console, grown)
    if measured.wrong:
        report.show_wrong(console, measured.wrong)
    if measured.jobs:
        report.show_jobs(console, measured.jobs)
    if measured.memory:
        report.show_memory(console, measured.memory)


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
        "comparisons": [{**one._asdict(), "met": one.met} for one in compare(measured.results)],
        "growth": [{**one._asdict(), "ratio": one.ratio} for one in find_growth(measured.results)],
        "wrong": [one._asdict() for one in measured.wrong],
        "jobs": measured.jobs._asdict() if measured.jobs else None,
        "memory": {when: one._asdict() for when, one in measured.memory.items()},
        "seconds": [
            {"api": result.api, **result.case._asdict(), **result.seconds} for result in measured.results
        ],
    }


if __name__ == "__main__":
    main()
