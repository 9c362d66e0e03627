"""Metrics for Prometheus, of all processes of a service together."""

from __future__ import annotations

import os
import time
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from contactory.model.bulk import Status
from contactory.model.jobs import Job
from contactory.telemetry.traces import span

DIRECTORY: Final = (
    "PROMETHEUS_MULTIPROC_DIR"  # variable: the folder in which the processes of a service put their numbers
)
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

_registry: Final = CollectorRegistry()
_calls: Final = Histogram(
    "contactory_call_seconds",
    "Calls, from the first byte to the last",
    ["route", "method", "status"],
    buckets=_SECONDS,
    registry=_registry,
)
_stages: Final = Histogram(
    "contactory_batch_seconds",
    "Stages of a call: read, decode, write (without encode), encode",
    ["api", "stage"],
    buckets=_SECONDS,
    registry=_registry,
)
_rows: Final = Counter(
    "contactory_rows_total",
    "Rows of bulk writes, by what became of them",
    ["api", "outcome"],
    registry=_registry,
)
_pool: Final = Gauge(
    "contactory_pool_connections",
    "Database connections of all processes",
    ["state"],
    multiprocess_mode="livesum",
    registry=_registry,
)
_reserved: Final = Gauge(
    "contactory_reserved_bytes",
    "Memory reserved for the bodies of calls in hand",
    multiprocess_mode="livesum",
    registry=_registry,
)
_rejected: Final = Counter(
    "contactory_calls_rejected_total",
    "Calls answered 429 because they waited too long, or too many waited",
    registry=_registry,
)


class Stages:
    """The stages of one call, in one thread. A stage may be entered several times, also within another, whose
    time then does not run: so all stages of a call add up to it."""

    def __init__(self, api: str) -> None:
        self._api = api
        self._seconds: dict[str, float] = {}
        self._entered: list[str] = []
        self._since = 0.0

    @contextmanager
    def enter(self, name: str) -> Iterator[None]:
        self._add()
        self._entered.append(name)
        try:
            with span(name):
                yield
        finally:
            self._add()
            self._entered.pop()

    def observe(self) -> None:
        """Observe the whole time of each stage."""
        for name, seconds in self._seconds.items():
            _stages.labels(self._api, name).observe(seconds)

    def _add(self) -> None:
        """Add the time since the last change to the stage in which it passed."""
        now = time.perf_counter()
        if self._entered:
            name = self._entered[-1]
            self._seconds[name] = self._seconds.get(name, 0.0) + now - self._since
        self._since = now


@contextmanager
def stage(api: str, name: str) -> Iterator[None]:
    """Observe the time of a stage that is entered once."""
    stages = Stages(api)
    with stages.enter(name):
        yield
    stages.observe()


def known_method(method: str) -> str:
    """Return the method, or "other" for an unknown one, so that clients cannot add labels."""
    return method if method in _METHODS else "other"


def count_call(route: str, method: str, status: int, seconds: float) -> None:
    _calls.labels(route, known_method(method), str(status)).observe(seconds)


def count_rows(api: str, statuses: Sequence[Status]) -> None:
    for status, count in Tally(statuses).items():
        _rows.labels(api, status.name.lower()).inc(count)


def count_job(api: str, before: Job, after: Job) -> None:
    """Count the outcomes of a job's rows between two states of the job."""
    for outcome in ("created", "updated", "failed"):
        _rows.labels(api, outcome).inc(getattr(after, outcome) - getattr(before, outcome))


def show_pool(size: int, idle: int) -> None:
    _pool.labels("used").set(size - idle)
    _pool.labels("idle").set(idle)


def show_reserved(size: int) -> None:
    _reserved.set(size)


def count_rejected() -> None:
    _rejected.inc()


def render(open_jobs: Mapping[str, int]) -> bytes:
    """Return all metrics in Prometheus' text format. `open_jobs`: state -> number of jobs in the database."""
    everything = _registry
    if DIRECTORY in os.environ:
        everything = CollectorRegistry()
        MultiProcessCollector(everything)  # type: ignore[no-untyped-call]
    jobs = CollectorRegistry()
    jobs.register(_Jobs(open_jobs))
    return generate_latest(everything) + generate_latest(jobs)


class _Jobs(Collector):
    """Collect counts from the database. They belong to no process, while a Gauge would add them to those of
    this one."""

    def __init__(self, open_jobs: Mapping[str, int]) -> None:
        self._open_jobs = open_jobs

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("contactory_jobs", "Accepted jobs that have not ended", labels=["state"])
        for state, count in self._open_jobs.items():
            jobs.add_metric([state], count)
        yield jobs


def remove_dead_processes() -> None:
    """Remove the gauges of processes that have ended. Their counters stay."""
    for file in Path(os.environ.get(DIRECTORY) or "/nowhere").glob("gauge_live*.db"):
        process = file.stem.rpartition("_")[2]
        if not Path(f"/proc/{process}").exists():
            mark_process_dead(process)  # type: ignore[no-untyped-call]
