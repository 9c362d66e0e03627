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
from contactory.http.subscriber import Subscriber
from contactory.model.caller import Bearer, Caller
from contactory.model.limits import LARGEST_MESSAGE
from contactory.serving.service import Service
from contactory.serving.socket_limits import SocketLimits
from contactory.store.errors import StoreError

FIRST_MESSAGE: Final = 10.0  # seconds until the message with the token
BURST: Final = 100  # frames
LONGEST_REST: Final = 0.2  # seconds
# Times as long as sending took that one waits then: for each subscriber, and for one that is far behind.
REST: Final = 4
LEAST_REST: Final = 2
UNAUTHORIZED: Final = 4401
FORBIDDEN: Final = 4403
TOO_SLOW: Final = 1013
TOO_MANY: Final = 1013
TOO_LONG: Final = 1009

_REFUSAL_HEADERS: Final = {401: (b"www-authenticate", b"Bearer"), 429: (b"retry-after", b"5")}

Socket = WebSocket[Any, Any, Any]


class _Hello(msgspec.Struct):
    type: str
    token: str


def make_socket(
    service: Service, progress: Progress, event_socket: EventSocket, path: str
) -> WebsocketRouteHandler:
    async def handle(socket: Socket) -> None:
        subscriber = await _admit(service, socket)
        if subscriber is None:
            return
        with service.sockets.known(subscriber.caller) as is_allowed:
            if not is_allowed:
                await socket.close(TOO_MANY, "too many sockets")
                return
            past = replay(service, subscriber, progress, event_socket, socket.query_params.get("replay", ""))
            progress.join(subscriber)
            try:
                await _serve(socket, subscriber, progress, event_socket)
            finally:
                progress.leave(subscriber)
                past.cancel()

    return WebsocketRouteHandler(path)(handle)


async def _serve(
    socket: Socket, subscriber: Subscriber, progress: Progress, event_socket: EventSocket
) -> None:
    """Send frames until the client disconnects, does not keep up, or may not subscribe any more."""
    ends = subscriber.slow.wait(), subscriber.ended.wait(), subscriber.refused.wait()
    tasks = [
        asyncio.create_task(work)
        for work in (_send(socket, subscriber, progress, event_socket), _drain(socket), *ends)
    ]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for task in (*done, *waiting):
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError, OSError):
            await task
    if why := _close_reason(subscriber):
        with suppress(Exception):
            async with asyncio.timeout(1):
                await socket.close(*why)


def _close_reason(subscriber: Subscriber) -> tuple[int, str] | None:
    """Return the code and the reason with which the service closes a socket, or None where the client
    does."""
    if subscriber.ended.is_set():
        return UNAUTHORIZED, "invalid_token"
    if subscriber.refused.is_set():
        return FORBIDDEN, "forbidden"
    return (TOO_SLOW, "too slow") if subscriber.slow.is_set() else None


async def _send(
    socket: Socket, subscriber: Subscriber, progress: Progress, event_socket: EventSocket
) -> None:
    """Send frames and pings. While rows are being written, sending to all sockets together takes a fifth of
    the time, so that frames may come late; a subscriber that is far behind is sent more. Pings are frames
    like others, since ASGI has no ping of the protocol."""
    clock = asyncio.get_running_loop().time

    async def send(frame: str) -> None:
        await socket.send({"type": "websocket.send", "text": frame, "bytes": None})

    while True:
        try:
            await subscriber.wait(event_socket.ping_seconds or None)
        except TimeoutError:
            await send(event_socket.ping)
        begun = clock()
        await subscriber.send(send, BURST)
        if progress.is_busy():
            rest = LEAST_REST if subscriber.is_far_behind() else REST * progress.count_subscribers()
            await subscriber.rest(min(rest * (clock() - begun), LONGEST_REST))


async def _drain(socket: Socket) -> None:
    """Read and drop the messages of a client, in order to notice that it disconnects."""
    while len(await socket.receive_text()) <= LARGEST_MESSAGE:
        pass
    await socket.close(TOO_LONG, "the message is too long")


async def _admit(service: Service, socket: Socket) -> Subscriber | None:
    """Authenticate by the header, by `access_token` in the query, or by a first message.

    A wrong token is refused the upgrade with 401, and one without the scope with 403. A wrong token in a
    message closes the socket, since the upgrade has happened.
    """
    kind, _, token = socket.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        token = socket.query_params.get("access_token", "")
    if token.strip():
        bearer = Bearer(token.strip())
        caller = await _identify(service, bearer)
        if caller and caller.may(SCOPE):
            await socket.accept()
            return Subscriber(caller, bearer)
        await (
            _refuse(socket, 403, "insufficient_scope") if caller else _refuse(socket, 401, "invalid_token")
        )
        return None
    address = socket.client.host if socket.client else ""
    with service.sockets.unknown(address) as is_allowed:
        if not is_allowed:
            await _refuse(socket, 429, "too_many_requests")
            return None
        await socket.accept()
        bearer = Bearer((await _read_token(service.sockets, socket, address)).strip())
    caller = await _identify(service, bearer)
    if caller and caller.may(SCOPE):
        return Subscriber(caller, bearer)
    await socket.close(*((FORBIDDEN, "insufficient_scope") if caller else (UNAUTHORIZED, "invalid_token")))
    return None


async def _identify(service: Service, bearer: Bearer) -> Caller | None:
    with suppress(StoreError):
        return await service.run(lambda: authenticate(service.database, bearer))
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
    """Refuse the upgrade by ASGI's extension "WebSocket Denial Response", for which the framework has no
    types."""
    send = cast("Callable[[dict[str, Any]], Awaitable[None]]", socket.send)
    headers = [(b"content-type", b"text/plain")]
    if status in _REFUSAL_HEADERS:
        headers.append(_REFUSAL_HEADERS[status])
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": reason.encode(), "more_body": False})
