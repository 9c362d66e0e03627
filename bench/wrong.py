"""Batches with rows that are wrong, against the same batch in which all are right."""

from __future__ import annotations

import statistics
import time
from contextlib import closing, suppress
from typing import Final, NamedTuple

from bench.batches import CREATE, Batch
from bench.rows import ROWS, Row, Span
from bench.service import Ours, Service
from bench.sides import Session
from bench.vendors.vendor import Vendor

_MOST_ROUNDS: Final = 3
_FIRST: Final = 60_000_000  # persons whom no other case has
_EVERY: Final = (0, 10, 1)  # none is wrong, every tenth, all


class Wrong(NamedTuple):
    """Medians in seconds."""

    api: str
    right: float
    tenth: float
    all: float


def measure(vendor: Vendor, service: Service, rounds: int) -> Wrong:
    """Send new contacts: rows are right first, then every tenth is wrong, then all are."""
    seconds: dict[int, list[float]] = {every: [] for every in _EVERY}
    numbers = iter(range(_FIRST, _FIRST * 2, ROWS))
    with closing(Ours(service, vendor.name).open()) as session:
        for round_ in range(min(rounds, _MOST_ROUNDS) + 1):
            for every in _EVERY:
                batch = _make_batch(vendor, next(numbers), every)
                taken = _send(session, batch, wrong=bool(every))
                if round_:
                    seconds[every].append(taken)
    return Wrong(vendor.name, *(statistics.median(seconds[every]) for every in _EVERY))


def _make_batch(vendor: Vendor, first: int, every: int) -> Batch:
    rows: list[Row] = vendor.rows(Span(first, ROWS))
    if every:
        for row in rows[::every]:
            vendor.spoil(row)
    return Batch(ROWS, CREATE, vendor.body(rows), [], (), b"")


def _send(session: Session, batch: Batch, *, wrong: bool) -> float:
    session.prepare()
    started = time.perf_counter()
    answer = session.send(batch)
    seconds = time.perf_counter() - started
    if not wrong:
        session.check(answer, batch)
        return seconds
    with suppress(ValueError):
        session.check(answer, batch)
        raise RuntimeError("rows that are wrong were all taken")
    return seconds
