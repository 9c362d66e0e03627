"""Reading bodies: how large they may be, how long they may take, in how many pieces they may come."""

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
Take = Callable[[int], Awaitable[None]]

CLIENT_GONE: Final = 499  # a status that nobody gets, for the log
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class ClientGone(Exception):
    """The client hung up while its body was read, so that nobody waits for an answer."""


class Bounds(NamedTuple):
    """Limits of a body: its bytes, how many seconds it may fall behind the least speed, and how many pieces
    it may come in beside those of a fair size."""

    size: int
    seconds: float = BODY_SECONDS
    pieces: int = PIECES

    @property
    def shown(self) -> str:
        return f"{self.size >> 20} MB" if self.size >= 1 << 20 else f"{self.size >> 10} KB"


ANONYMOUS: Final = Bounds(ANONYMOUS_BODY, ANONYMOUS_SECONDS, ANONYMOUS_PIECES)


async def read_body(request: AnyRequest, bounds: Bounds, take: Take) -> bytes:
    """The whole body, without a byte order mark. `take` is told how much has come, and may hold up the next
    piece. Raises Refusal, or ClientGone."""
    check_head(request, bounds)
    clock = asyncio.get_running_loop().time
    chunks: list[bytes] = []
    size, behind = 0, 0.0
    try:
        async with asyncio.timeout(None) as late:
            while True:
                asked = clock()
                late.reschedule(asked + bounds.seconds - behind)
                message: Any = await request.receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                piece = message["body"]
                # Speed is not saved up: who was fast may not be slow for long.
                behind = max(0.0, behind + clock() - asked - len(piece) / LEAST_SPEED)
                chunks.append(piece)
                size += len(piece)
                _check(bounds, size, len(chunks))
                late.reschedule(None)
                await take(size)
                if not message.get("more_body"):
                    break
    except TimeoutError:
        raise Refusal(Problem(code=Code.TOO_SLOW, value=f"{bounds.seconds:g}")) from None
    return b"".join(chunks).removeprefix(BYTE_ORDER_MARK)


def check_head(request: AnyRequest, bounds: Bounds) -> int | None:
    """Return what the headers say of the body's length (0: there is none; None: they do not say), which may
    not be larger than the bound. Raises Refusal, for compressed bodies too."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise Refusal(Problem(code=Code.COMPRESSED, value=encoding[:60]))
    told = request.headers.get("content-length")
    if told is None:
        return None if "transfer-encoding" in request.headers else 0
    length = int(told) if told.isdigit() else 0
    _check(bounds, length, 0)
    return length


def _check(bounds: Bounds, size: int, pieces: int) -> None:
    if size > bounds.size:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=bounds.shown))
    if pieces > bounds.pieces + size // SMALLEST_PIECE:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{bounds.pieces} pieces of any size"))
