"""A step of the demo: one call, its time, and the number of records that the database wrote."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from contactory.demo.client import Client
from contactory.demo.imports import Import, Route, Row


class Written(NamedTuple):
    """The number of records that the database wrote, and of new ones among them."""

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
    """Send one call. `count_writes` starts a count and returns the function that ends it; `advance` is called
    with the number of rows done, if the API has events."""
    body = import_.encode(rows)
    count = count_writes()
    wait = import_.watch(client.port, client.token, advance) if import_.watch else None
    started = time.perf_counter()
    reply = client.call(route.method, route.path, body)
    if wait:
        wait()
    seconds = time.perf_counter() - started
    return Result(len(rows), seconds, import_.errors(reply), count())
