"""A step of an import: one call, its time, and what the database really wrote for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from contactory.demo.client import Client
from contactory.demo.imports import Counts, Import, Row


class Result(NamedTuple):
    """`written`: records that the database wrote, new ones among them."""

    rows: int
    seconds: float
    counts: Counts
    written: int


def send(
    client: Client, import_: Import, rows: Sequence[Row], count_writes: Callable[[], Callable[[], int]]
) -> Result:
    """`count_writes` begins to count, and answers what ends that."""
    body = import_.encode(rows)
    count = count_writes()
    started = time.perf_counter()
    reply = client.post(import_.path, body)
    seconds = time.perf_counter() - started
    return Result(len(rows), seconds, import_.read(reply), count())
