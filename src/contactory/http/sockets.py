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
from contactory.dialects.base import EventSocket
from contactory.http.progress import SCOPE, Progress
from contactory.http.replay import replay
from contactory.http.watcher import Watcher
from contactory.model.caller import Bearer, Caller
from contactory.model.limits import LARGEST_MESSAGE
from contactory.serving.service import Service
from contactory.serving.socket_limits import SocketLimits
from contactory.store.errors import StoreError

FIRST_MESSAGE: Final = 10.0  # seconds to say who one is
BURST: Final = 100  # frames
LONGEST_REST: Final = 0.1  # seconds
NOBODY: Final = 4401
FORBIDDEN: Final = 4403
TOO_SLOW: Final = 1013
TOO_MANY: Final = 1013
TOO_LONG: Final = 1009

_REFUSAL_HEADERS: Final = {401: (b"www-authenticate", b"Bearer"), 429: (b"retry-after", b"5")}

Socket = WebSocket[Any, Any, Any]


class _Hello(msgspec.Struct):
    type: str
    token: str


def make_socket(service: Service, progress: Progress, watch: EventSocket, path: str) -> WebsocketRouteHandler:
    async def handle(socket: Socket) -> None:
        watcher = await _admit(service, socket)
        if watcher is None:
            return
        with service.sockets.known(watcher.caller) as has_room:
            if not has_room:
                await socket.close(TOO_MANY, "too many sockets")
                return
            past = replay(service, watcher, progress, watch, socket.query_params.get("replay", ""))
            progress.join(watcher)
            try:
                await _serve(socket, watcher, progress, watch)
            finally:
                progress.leave(watcher)
                past.cancel()

    return WebsocketRouteHandler(path)(handle)


async def _serve(socket: Socket, watcher: Watcher, progress: Progress, watch: EventSocket) -> None:
    """Until the reader goes, does not keep up, or may not watch."""
    ends = watcher.slow.wait(), watcher.ended.wait(), watcher.refused.wait()
    tasks = [
        asyncio.create_task(work) for work in (_send(socket, watcher, progress, watch), _drain(socket), *ends)
    ]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for task in (*done, *waiting):
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError, OSError):
            await task
    if why := _why(watcher):
        with suppress(Exception):
            async with asyncio.timeout(1):
                await socket.close(*why)


def _why(watcher: Watcher) -> tuple[int, str] | None:
    """The code and the reason with which a socket is closed, where it is not the reader who goes."""
    if watcher.ended.is_set():
        return NOBODY, "invalid_token"
    if watcher.refused.is_set():
        return FORBIDDEN, "forbidden"
    return (TOO_SLOW, "too slow") if watcher.slow.is_set() else None


async def _send(socket: Socket, watcher: Watcher, progress: Progress, watch: EventSocket) -> None:
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
    while len(await socket.receive_text()) <= LARGEST_MESSAGE:
        pass
    await socket.close(TOO_LONG, "the message is too long")


async def _admit(service: Service, socket: Socket) -> Watcher | None:
    """By the header, by `access_token` in the query, or by a first message. Who shows a bad token is
    refused the upgrade with 401, and with 403 where it has not the scope; a message can only be answered by
    closing the socket."""
    kind, _, token = socket.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        token = socket.query_params.get("access_token", "")
    if token.strip():
        shown = Bearer(token.strip())
        caller = await _identify(service, shown)
        if caller and caller.may(SCOPE):
            await socket.accept()
            return Watcher(caller, shown)
        await (
            _refuse(socket, 403, "insufficient_scope") if caller else _refuse(socket, 401, "invalid_token")
        )
        return None
    address = socket.client.host if socket.client else ""
    with service.sockets.unknown(address) as has_room:
        if not has_room:
            await _refuse(socket, 429, "too_many_requests")
            return None
        await socket.accept()
        shown = Bearer((await _read_token(service.sockets, socket, address)).strip())
    caller = await _identify(service, shown)
    if caller and caller.may(SCOPE):
        return Watcher(caller, shown)
    await socket.close(*((FORBIDDEN, "insufficient_scope") if caller else (NOBODY, "invalid_token")))
    return None


async def _identify(service: Service, shown: Bearer) -> Caller | None:
    with suppress(StoreError):
        return await service.run(lambda: authenticate(service.database, shown))
    return None


async def _read_token(limits: SocketLimits, socket: Socket, address: str) -> str:
    try:
        async with asyncio.timeout(FIRST_MESSAGE), limits.reading(address):
            text = await socket.receive_text()
        hello = msgspec.json.decode(text if len(text) <= LARGEST_MESSAGE else "", type=_Hello)
    except (TimeoutError, msgspec.DecodeError, WebSocketDisconnect):
        return ""
    return hello.token if hello.type == "auth" else ""


async def _refuse(socket: Socket, status: int, reason: str) -> None:
    """By ASGI's extension "WebSocket Denial Response", of which the framework knows no types."""
    send = cast("Callable[[dict[str, Any]], Awaitable[None]]", socket.send)
    headers = [(b"content-type", b"text/plain")]
    if status in _REFUSAL_HEADERS:
        headers.append(_REFUSAL_HEADERS[status])
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": reason.encode(), "more_body": False})
