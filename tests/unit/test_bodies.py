"""The limits of reading bodies: size, pieces, speed, and the budget of anonymous callers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from contactory.http import bodies
from contactory.http.bodies import Bounds, ClientGone, read_body
from contactory.model.limits import (
    ANONYMOUS_BODY,
    ANONYMOUS_BYTES,
    ANONYMOUS_LEAST,
    ANONYMOUS_SHARE,
    SMALLEST_PIECE,
)
from contactory.model.problems import Code, Refusal
from contactory.serving.anonymous import AnonymousBudget

THOUSAND = Bounds(1000)


class Sending:
    """A request whose body comes in pieces; a number is a pause in seconds, None the end of the
    connection."""

    def __init__(self, pieces: Sequence[bytes | float | None], headers: dict[str, str]) -> None:
        self._pieces = [*pieces]
        self.headers = headers

    async def receive(self) -> dict[str, Any]:
        piece = self._pieces.pop(0)
        while isinstance(piece, float):
            await asyncio.sleep(piece)
            piece = self._pieces.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(self._pieces)}


async def _free(_: int) -> None:
    pass


def read(
    *pieces: bytes | float | None, bounds: Bounds = THOUSAND, take: Any = _free, **headers: str
) -> bytes:
    request: Any = Sending(pieces, {name.replace("_", "-"): value for name, value in headers.items()})
    return asyncio.run(read_body(request, bounds, take))


def refused(*pieces: bytes | float | None, **given: Any) -> Code:
    with pytest.raises(Refusal) as refusal:
        read(*pieces, **given)
    return refusal.value.problem.code


def test_body_of_the_largest_size_is_read_and_one_byte_more_is_refused() -> None:
    assert read(b"x" * 600, b"y" * 400) == b"x" * 600 + b"y" * 400
    assert refused(b"x" * 600, b"y" * 401) is Code.TOO_LARGE
    assert read(b"x", content_length="1000") == b"x"
    assert refused(b"x", content_length="1001") is Code.TOO_LARGE


def test_number_of_small_pieces_is_limited_and_that_of_large_ones_is_not() -> None:
    bounds = Bounds(1 << 20, pieces=10)
    assert read(*[b"x"] * 10, bounds=bounds) == b"x" * 10
    assert refused(*[b"x"] * 11, bounds=bounds) is Code.TOO_LARGE
    assert len(read(*[b"x" * SMALLEST_PIECE] * 1000, bounds=bounds)) == 1000 * SMALLEST_PIECE


def test_body_that_falls_behind_the_least_speed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LEAST_SPEED", 1000)
    bounds = Bounds(10_000, seconds=0.5)
    dripping: list[bytes | float] = [0.1, b"x"] * 20
    steady: list[bytes | float] = [0.01, b"x" * 500] * 20
    assert refused(b"x", 5.0, b"x", bounds=bounds) is Code.TOO_SLOW
    # A byte now and then is too slow, also after a fast beginning.
    assert refused(b"x" * 9000, *dripping, bounds=bounds) is Code.TOO_SLOW
    assert len(read(*steady, bounds=bounds)) == 10_000


def test_time_of_waiting_for_memory_does_not_count_as_slow() -> None:
    async def take(_: int) -> None:
        await asyncio.sleep(0.1)

    assert read(*[b"x"] * 5, bounds=Bounds(1000, seconds=0.2), take=take) == b"xxxxx"


def test_disconnection_compression_and_byte_order_marks() -> None:
    with pytest.raises(ClientGone):
        read(b"x", None)
    assert refused(b"x", content_encoding="br") is Code.COMPRESSED
    assert read(b"x", content_encoding="Identity") == b"x"
    assert read(b"\xef\xbb", b"\xbf{}") == b"{}"
    assert read(b"\xef\xbb\xbf\xef\xbb\xbf{}") == b"\xef\xbb\xbf{}"


def test_anonymous_callers_share_a_budget_and_an_address_gets_half_of_it() -> None:
    async def scene() -> None:
        budget = AnonymousBudget()
        with ExitStack() as stack:
            share = ANONYMOUS_SHARE // ANONYMOUS_BODY
            for _ in range(share):
                take = stack.enter_context(budget.reserve("192.0.2.1"))
                await take(ANONYMOUS_BODY)
            with budget.reserve("192.0.2.1") as take, pytest.raises(Refusal) as refusal:
                await take(0)
            assert refusal.value.problem.code is Code.TOO_MANY
            for number in range((ANONYMOUS_BYTES - ANONYMOUS_SHARE) // ANONYMOUS_LEAST):
                await stack.enter_context(budget.reserve(f"2001:db8::{number:x}"))(1)
            with budget.reserve("192.0.2.2") as take, pytest.raises(Refusal):
                await take(0)
        with budget.reserve("192.0.2.1") as take:
            await take(ANONYMOUS_BODY)

    asyncio.run(scene())
