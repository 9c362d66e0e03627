"""THE request recipe: authenticate, limit, read, decode, execute, encode, and answer when it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

from litestar import Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks

from contactory.access.caller import authenticate
from contactory.core.execute import execute
from contactory.dialects import base
from contactory.dialects.base import Dialect, Endpoint, Reply
from contactory.http.admission import Place
from contactory.http.edge import ENCODED_SLASH, base_url
from contactory.http.handover import hand_over
from contactory.http.service import Service
from contactory.http.work import problem_of, work
from contactory.model.caller import Caller
from contactory.model.problems import Code, Problem, Refusal
from contactory.telemetry.metrics import stage

UNREAD = (Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.TOO_LARGE, Code.TOO_SLOW, Code.TOO_MANY)
BODY_SECONDS: Final = 20  # between two pieces of a body

AnyRequest = Request[Any, Any, Any]


async def answer(
    service: Service, dialect: Dialect, endpoint: Endpoint, version: str, request: AnyRequest
) -> Response[bytes]:
    """Run one call through. What it was made of is let go once it is answered: for ten thousand rows that
    takes as long as encoding the answer does."""
    batch: list[object] = []
    afterwards: list[Callable[[], object]] = [batch.clear]

    async def call() -> Reply:
        asked = head(request, dialect, version)
        caller = await _authenticate(service, dialect, asked, endpoint)
        request.scope["state"]["organization"] = caller.organization_id
        turn = service.admission.place(caller.organization_id, _length(service, request))
        place = await inside.enter_async_context(turn)
        with stage(dialect.name, "read"):
            asked = asked._replace(caller=caller, body=await read_body(service, request, place))
        await place.take_lane()
        if place.lane and place.lane.there:
            done = await hand_over(place.lane.there, dialect.name, endpoint, asked)
        else:
            done = await service.run(partial(work, service, dialect.name, endpoint, asked, batch))
        if done.announce:
            await service.announce(done.announce)
        if done.afterwards:
            rest = partial(execute, service.database, service.vault, caller.organization_id, done.afterwards)
            afterwards.insert(0, rest)
        return done.reply

    async with AsyncExitStack() as inside:
        response = await in_the_words_of(dialect, call())
    response.background = BackgroundTasks([BackgroundTask(service.run, step) for step in afterwards])
    return response


async def in_the_words_of(dialect: Dialect, call: Awaitable[Reply]) -> Response[bytes]:
    """The reply; whatever goes wrong is said as the vendor would. Where the body may not have been read,
    the connection cannot be used again."""
    try:
        reply = await call
    except Exception as error:
        problem = problem_of(error)
        reply = dialect.refuse(problem)
        if problem.code in UNREAD:
            reply = reply._replace(headers={**reply.headers, "connection": "close"})
    return respond(reply)


def respond(reply: Reply) -> Response[bytes]:
    return Response(reply.body, status_code=reply.status, headers=dict(reply.headers))


def head(request: AnyRequest, dialect: Dialect, version: str) -> base.Request:
    """The request without its body."""
    query: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        query.setdefault(key, []).append(value)
    headers = {key.lower(): value for key, value in request.headers.items()}
    path = {key: value.replace(ENCODED_SLASH, "/") for key, value in request.path_params.items()}
    return base.Request(
        path, query, headers, b"", version, base_url=base_url(request.scope, dialect.name, version)
    )


async def read_body(service: Service, request: AnyRequest, place: Place | None = None) -> bytes:
    """The whole body, which may not be larger than the limit, nor be long in coming."""
    _length(service, request)
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS) as late:
            async for chunk in request.stream():
                late.reschedule(asyncio.get_running_loop().time() + BODY_SECONDS)
                chunks.append(chunk)
                size += len(chunk)
                _check_size(service, size)
                if place:
                    place.take(size)
    except TimeoutError:
        raise Refusal(Problem(code=Code.TOO_SLOW, value=str(BODY_SECONDS))) from None
    return b"".join(chunks)


def _check_size(service: Service, size: int) -> None:
    if size > service.max_body_bytes:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{service.max_body_bytes >> 20} MB"))


def _length(service: Service, request: AnyRequest) -> int | None:
    """What the body says of its length, which may not be larger than the limit; 0 where there is none."""
    told = request.headers.get("content-length")
    if told is None:
        return None if "transfer-encoding" in request.headers else 0
    length = int(told) if told.isdigit() else 0
    _check_size(service, length)
    return length


async def _authenticate(
    service: Service, dialect: Dialect, asked: base.Request, endpoint: Endpoint
) -> Caller:
    shown = dialect.credentials(asked)
    caller = await service.run(lambda: authenticate(service.database, shown)) if shown else None
    if caller is None:
        raise Refusal(Problem(code=Code.UNAUTHENTICATED))
    if not caller.may(endpoint.scope) and not (endpoint.instead and caller.may(endpoint.instead)):
        raise Refusal(Problem(code=Code.FORBIDDEN, value=endpoint.scope))
    return caller
