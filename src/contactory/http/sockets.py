"""The WebSocket on which progress is pushed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, cast

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import WebsocketRouteHandler

from contactory.access.caller import authenticate
from contactory.dialects.base import Watch
from contactory.http.progress import Progress
from contactory.http.replay import replay
from contactory.http.service import Service
from contactory.http.watcher import Watcher
from contactory.model.caller import Bearer, Caller
from contactory.store.errors import StoreError

FIRST_MESSAGE: Final = 10.0  # seconds to say who one is
BURST: Final = 100  # frames
LONGEST_REST: Final = 0.1  # seconds
NOBODY: Final = 4401
TOO_SLOW: Final = 1013

Socket = WebSocket[Any, Any, Any]


class _Hello(msgspec.Struct):
    type: str
    token: str


def make_socket(service: Service, progress: Progress, watch: Watch, path: str) -> WebsocketRouteHandler:
    async def handle(socket: Socket) -> None:
        caller = await _admit(service, socket)
        if caller is None:
            return
        watcher = Watcher(caller)
        past = replay(service, watcher, watch, socket.query_params.get("replay", ""))
        progress.join(watcher)
        try:
            await _serve(socket, watcher, progress, watch)
        finally:
            progress.leave(watcher)
            past.cancel()

    return WebsocketRouteHandler(path)(handle)


async def _serve(socket: Socket, watcher: Watcher, progress: Progress, watch: Watch) -> None:
    """Until the reader goes, or does not keep up."""
    tasks = [
        asyncio.create_task(work)
        for work in (_send(socket, watcher, progress, watch), _drain(socket), watcher.slow.wait())
    ]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for task in (*done, *waiting):
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError, OSError):
            await task
    if watcher.slow.is_set():
        with suppress(Exception):
            async with asyncio.timeout(1):
                await socket.close(TOO_SLOW, "too slow")


async def _send(socket: Socket, watcher: Watcher, progress: Progress, watch: Watch) -> None:
    """While rows are being written, frames take a third of the time at most, and trail. Pings are frames like
    others: the server interface (ASGI) has no word for the protocol's own."""
    clock = asyncio.get_running_loop().time

    async def send(frame: str) -> None:
        await socket.send({"type": "websocket.send", "text": frame, "bytes": None})

    while True:
        try:
            await watcher.wait(watch.ping_seconds or None)
        except TimeoutError:
            await send(watch.ping)
        begun = clock()
        await watcher.send(send, BURST)
        if progress.is_busy():
            await watcher.rest(min(2 * (clock() - begun), LONGEST_REST))


async def _drain(socket: Socket) -> None:
    """What clients say is of no interest; that they go is."""
    while True:
        await socket.receive_text()


async def _admit(service: Service, socket: Socket) -> Caller | None:
    """By the header, by `access_token` in the query, or by a first message. Who shows a bad token is
    refused the upgrade with 401; a message can only be answered by closing the socket."""
    kind, _, token = socket.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        token = socket.query_params.get("access_token", "")
    if token.strip():
        caller = await _identify(service, token)
        await (socket.accept() if caller else _refuse(socket))
        return caller
    await socket.accept()
    caller = await _identify(service, await _read_token(socket))
    if caller is None:
        await socket.close(NOBODY, "invalid_token")
    return caller


async def _identify(service: Service, token: str) -> Caller | None:
    shown = Bearer(token.strip())
    with suppress(StoreError):
        return await service.run(lambda: authenticate(service.database, shown))
    return None


async def _read_token(socket: Socket) -> str:
    try:
        async with asyncio.timeout(FIRST_MESSAGE):
            hello = msgspec.json.decode(await socket.receive_text(), type=_Hello)
    except (TimeoutError, msgspec.DecodeError, WebSocketDisconnect):
        return ""
    return hello.token if hello.type == "auth" else ""


async def _refuse(socket: Socket) -> None:
    """By ASGI's extension "WebSocket Denial Response", of which the framework knows no types."""
    send = cast("Callable[[dict[str, Any]], Awaitable[None]]", socket.send)
    headers = [(b"www-authenticate", b"Bearer"), (b"content-type", b"text/plain")]
    await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"invalid_token", "more_body": False})
