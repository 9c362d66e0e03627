"""Everything that was measured, as tables for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from bench.comparisons import Comparison, Growth
from bench.floors import (
    MOST_ALL_WRONG,
    MOST_ANSWER,
    MOST_GROWTH,
    MOST_IDLE,
    MOST_TENTH_WRONG,
    MOST_UNDER_CALL,
    MOST_WITH_LISTENERS,
)
from bench.jobs import Jobs
from bench.memory import Memory
from bench.rows import ROWS
from bench.vendors import VENDORS
from bench.wrong import Wrong

_MEGABYTE: Final = 1 << 20
_SPEEDS: Final = (
    "Rows per second; ms is the median time of a round. ceiling: COPY into a temporary table and INSERT .."
    " ON CONFLICT; PG alone: the bytes of the COPY made beforehand. Ratios are to the ceiling of one caller,"
    " and to PG alone for one caller. Update and unchanged need contacts: where fewer are held, 10,000 for"
    " each caller."
)


def show_speeds(console: Console, comparisons: Sequence[Comparison]) -> None:
    """Show a table for each API."""
    for api in dict.fromkeys(one.api for one in comparisons):
        ours = [one for one in comparisons if one.api == api]
        console.print(f"{VENDORS[api].label}: from the request until its rows are committed", style="bold")
        console.print(_speeds(ours, with_postgrest=any(one.postgrest for one in ours)))
    console.print(_SPEEDS)


def _speeds(comparisons: Sequence[Comparison], *, with_postgrest: bool) -> Table:
    others = ["ceiling", "PG alone", *["PostgREST"] * with_postgrest]
    headers = ["scenario", "rows", "held", "callers", "ms", "ours", *others]
    table = _table([*headers, "to ceiling", "floor", "met", "to alone", "goal"])
    for one in comparisons:
        speeds = [one.ours, one.ceiling, one.alone, *[one.postgrest] * with_postgrest]
        table.add_row(
            one.scenario,
            f"{one.rows:,}",
            f"{one.held:,}",
            str(one.callers),
            f"{one.milliseconds:.1f}",
            *(f"{speed:,.0f}" if speed else "" for speed in speeds),
            f"{one.to_ceiling:.2f}",
            f"{one.floor:.2f}" if one.floor else "",
            _met(one.met),
            f"{one.to_alone:.2f}",
            f"{one.goal:.1f}" if one.goal else "",
        )
    return table


def show_wrong(console: Console, measured: Sequence[Wrong]) -> None:
    console.print(f"{ROWS:,} new rows, of which some are wrong, to the same when all are right", style="bold")
    table = _table(["API", "ms", "every tenth", "ratio", "most", "met", "all", "ratio", "most", "met"])
    for one in measured:
        table.add_row(
            VENDORS[one.api].label,
            _ms(one.right),
            _ms(one.tenth),
            *_most(one.tenth / one.right, MOST_TENTH_WRONG),
            _ms(one.all),
            *_most(one.all / one.right, MOST_ALL_WRONG),
        )
    console.print(table)


def show_jobs(console: Console, jobs: Jobs) -> None:
    console.print(f"Datananas bulk, {ROWS:,} new contacts, one caller", style="bold")
    table = _table(["", "ms", "to", "ms", "ratio", "most", "met"])
    answered, listened = jobs.answered / jobs.stored, jobs.with_listeners / jobs.written
    table.add_row(
        "answer",
        _ms(jobs.answered),
        "reading and storing the batch",
        _ms(jobs.stored),
        *_most(answered, MOST_ANSWER),
    )
    table.add_row(
        "rows committed, ten listeners",
        _ms(jobs.with_listeners),
        "the same with none",
        _ms(jobs.written),
        *_most(listened, MOST_WITH_LISTENERS),
    )
    console.print(table)


def show_memory(console: Console, measured: dict[str, Memory]) -> None:
    title = "Megabytes: the server's main process and workers together (PSS); PostgreSQL's private ones"
    console.print(title, style="bold")
    table = _table(["when", "server", "most", "met", "PostgreSQL"])
    for when, memory in measured.items():
        most = MOST_IDLE if when == "idle" else MOST_UNDER_CALL
        server = memory.server / _MEGABYTE
        table.add_row(
            when, f"{server:.0f}", str(most), _met(server <= most), f"{memory.database / _MEGABYTE:.0f}"
        )
    console.print(table)


def show_growth(console: Console, grown: Sequence[Growth]) -> None:
    console.print("Milliseconds of a call of one caller, with few and with many contacts held", style="bold")
    table = _table(["API", "scenario", "few", "many", "ratio", "most", "met"])
    for one in grown:
        table.add_row(
            VENDORS[one.api].label,
            one.scenario,
            _ms(one.few),
            _ms(one.many),
            *_most(one.ratio, MOST_GROWTH),
        )
    console.print(table)


def _table(headers: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    for index, header in enumerate(headers):
        table.add_column(header, justify="right" if index else "left", no_wrap=True)
    return table


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"


def _most(ratio: float, most: float) -> tuple[str, str, str]:
    return f"{ratio:.2f}", f"{most:.1f}", _met(ratio <= most)


def _met(met: bool | None) -> str:
    return "" if met is None else "yes" if met else "[bold red]no[/]"
