"""The reading of bodies, within limits of size, time and number of pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from litestar import Request

from contactory.model.limits import (
    ANONYMOUS_BODY,
    ANONYMOUS_PIECES,
    ANONYMOUS_SECONDS,
    BODY_SECONDS,
    LEAST_SPEED,
    PIECES,
    SMALLEST_PIECE,
)
from contactory.model.problems import Code, Problem, Refusal

AnyRequest = Request[Any, Any, Any]
Reserve = Callable[[int], Awaitable[None]]

CLIENT_GONE: Final = 499  # a status for the log only, since the client has gone
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class ClientGone(Exception):
    """The client closed the connection while its body was read, so that nobody waits for a response."""


class Bounds(NamedTuple):
    """Limits of a body: its bytes, the seconds that it may fall behind the least speed, and the number of
    pieces below `SMALLEST_PIECE` that it may come in."""

    size: int
    seconds: float = BODY_SECONDS
    pieces: int = PIECES

    @property
    def shown(self) -> str:
        return f"{self.size >> 20} MB" if self.size >= 1 << 20 else f"{self.size >> 10} KB"


ANONYMOUS: Final = Bounds(ANONYMOUS_BODY, ANONYMOUS_SECONDS, ANONYMOUS_PIECES)


async def read_body(request: AnyRequest, bounds: Bounds, reserve: Reserve) -> bytes:
    """Read the whole body, without a byte order mark.

    `reserve` is called with the number of bytes received so far, and may delay the next piece. Raises Refusal
    (COMPRESSED, TOO_LARGE, TOO_SLOW), or ClientGone.
    """
    check_head(request, bounds)
    clock = asyncio.get_running_loop().time
    chunks: list[bytes] = []
    size, behind = 0, 0.0
    try:
        async with asyncio.timeout(None) as late:
            while True:
                begun = clock()
                late.reschedule(begun + bounds.seconds - behind)
                message: Any = await request.receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                piece = message["body"]
                # Speed is not saved up: a client that was fast may not be slow for long afterwards.
                behind = max(0.0, behind + clock() - begun - len(piece) / LEAST_SPEED)
                chunks.append(piece)
                size += len(piece)
                _check(bounds, size, len(chunks))
                late.reschedule(None)
                await reserve(size)
                if not message.get("more_body"):
                    break
    except TimeoutError:
        raise Refusal(Problem(code=Code.TOO_SLOW, value=f"{bounds.seconds:g}")) from None
    return b"".join(chunks).removeprefix(BYTE_ORDER_MARK)


def check_head(request: AnyRequest, bounds: Bounds) -> int | None:
    """Return the body's length by its headers: 0 where there is no body, None where the length is unknown.

    Raises Refusal (COMPRESSED, TOO_LARGE).
    """
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise Refusal(Problem(code=Code.COMPRESSED, value=encoding[:60]))
    declared = request.headers.get("content-length")
    if declared is None:
        return None if "transfer-encoding" in request.headers else 0
    length = int(declared) if declared.isdigit() else 0
    _check(bounds, length, 0)
    return length


def _check(bounds: Bounds, size: int, pieces: int) -> None:
    if size > bounds.size:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=bounds.shown))
    if pieces > bounds.pieces + size // SMALLEST_PIECE:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{bounds.pieces} pieces of any size"))
