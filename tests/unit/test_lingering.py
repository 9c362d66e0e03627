"""The reading of a refused request's body that a proxy is still sending."""

from __future__ import annotations

import asyncio
import time
from ipaddress import ip_network
from typing import Any

import pytest

from contactory.http import lingering
from contactory.http.lingering import linger_for_proxies

TRUSTED = (ip_network("127.0.0.1"),)
PIECE = {"type": "http.request", "body": b"x", "more_body": True}
LAST = {"type": "http.request", "body": b"", "more_body": False}


async def refuse(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def call(
    pieces: list[Any], peer: str = "127.0.0.1", length: bytes = b"9", application: Any = refuse
) -> tuple[list[str], list[Any]]:
    """Return the response, and the pieces of the body that were not read before. A body whose last piece
    does not come never ends."""
    left, sent = list(pieces), []

    async def receive() -> Any:
        if not left:
            await asyncio.sleep(60)
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope: Any = {
        "type": "http",
        "path": "/",
        "client": (peer, 1),
        "headers": [(b"content-length", length)],
    }
    wrapped: Any = linger_for_proxies(application, TRUSTED)
    asyncio.run(wrapped(scope, receive, send))
    return sent, left


ANSWER = ["http.response.start", "http.response.body"]


def test_rest_of_the_body_is_read_before_the_response() -> None:
    assert call([PIECE, PIECE, LAST]) == (ANSWER, [])


def test_body_that_does_not_end_is_read_for_a_limited_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering, "LINGER_SECONDS", 0.1)
    begun = time.monotonic()
    assert call([PIECE, PIECE]) == (ANSWER, [])
    assert 0.1 <= time.monotonic() - begun < 10


def test_reading_ends_when_the_proxy_disconnects() -> None:
    assert call([PIECE, {"type": "http.disconnect"}, PIECE]) == (ANSWER, [PIECE])


@pytest.mark.parametrize(("peer", "length"), [("10.0.0.1", b"9"), ("127.0.0.1", b"0")])
def test_response_to_a_client_without_proxy_is_sent_at_once(peer: str, length: bytes) -> None:
    assert call([PIECE, LAST], peer, length) == (ANSWER, [PIECE, LAST])


def test_response_after_the_whole_body_is_sent_at_once() -> None:
    async def read_and_refuse(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass
        await refuse(scope, receive, send)

    assert call([PIECE, LAST, PIECE], application=read_and_refuse) == (ANSWER, [PIECE])
