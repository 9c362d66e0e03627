"""A step of an import: one call, its time, and what the database really wrote for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from contactory.demo.client import Client
from contactory.demo.imports import Import, Route, Row


class Written(NamedTuple):
    """Records that the database wrote, and the new ones among them."""

    created: int
    written: int


class Result(NamedTuple):
    rows: int
    seconds: float
    errors: list[str]
    written: Written


def send(
    client: Client,
    import_: Import,
    route: Route,
    rows: Sequence[Row],
    count_writes: Callable[[], Callable[[], Written]],
    advance: Callable[[int], None] = lambda _: None,
) -> Result:
    """`count_writes` begins to count, and answers what ends that. `advance` is told the rows done so far,
    where the API tells."""
    body = import_.encode(rows)
    count = count_writes()
    wait = import_.watch(client.port, client.token, advance) if import_.watch else None
    started = time.perf_counter()
    reply = client.call(route.method, route.path, body)
    if wait:
        wait()
    seconds = time.perf_counter() - started
    return Result(len(rows), seconds, import_.errors(reply), count())
