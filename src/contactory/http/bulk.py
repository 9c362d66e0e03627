"""THE request recipe: authenticate, limit, read, decode, execute, encode."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from litestar import Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks

from contactory.access.caller import authenticate
from contactory.core.execute import execute
from contactory.dialects import base
from contactory.dialects.base import Call, Dialect, Endpoint, Reply
from contactory.http.edge import ENCODED_SLASH, base_url
from contactory.http.service import Service
from contactory.model.caller import Caller
from contactory.model.problems import Code, Problem, Refusal
from contactory.store.errors import StorageFull, StoreError, Unstorable

logger = logging.getLogger(__name__)

UNREAD = (Code.UNAUTHENTICATED, Code.FORBIDDEN, Code.TOO_LARGE)

AnyRequest = Request[Any, Any, Any]


async def answer(
    service: Service, dialect: Dialect, endpoint: Endpoint, version: str, request: AnyRequest
) -> Response[bytes]:
    """Run one call through. What it was made of is let go once it is answered: for ten thousand rows that
    takes as long as encoding the answer does."""
    batch: list[object] = []
    afterwards: list[Callable[[], object]] = [batch.clear]

    async def work() -> Reply:
        asked = head(request, dialect, version)
        caller = await _authenticate(service, dialect, asked, endpoint.scope)
        asked = asked._replace(caller=caller, body=await read_body(service, request))
        call, result, reply = await service.run(lambda: _work(service, caller, endpoint, asked, batch))
        if call.announce and (event := call.announce(result)):
            await service.announce(event)
        if call.afterwards:
            rest = call.afterwards(result)
            afterwards.insert(
                0, partial(execute, service.database, service.vault, caller.organization_id, rest)
            )
        return reply

    response = await in_the_words_of(dialect, work())
    response.background = BackgroundTasks([BackgroundTask(service.run, step) for step in afterwards])
    return response


async def in_the_words_of(dialect: Dialect, work: Awaitable[Reply]) -> Response[bytes]:
    """The reply; whatever goes wrong is said as the vendor would. Where the body may not have been read,
    the connection cannot be used again."""
    try:
        reply = await work
    except Refusal as refusal:
        reply = dialect.refuse(refusal.problem)
        if refusal.problem.code in UNREAD:
            reply = reply._replace(headers={**reply.headers, "connection": "close"})
    except StoreError as error:
        reply = dialect.refuse(_store_problem(error))
    except Exception:
        logger.exception("a call failed")
        reply = dialect.refuse(Problem(code=Code.INTERNAL))
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


async def read_body(service: Service, request: AnyRequest) -> bytes:
    """The whole body, which may not be larger than the limit."""
    limit = Problem(code=Code.TOO_LARGE, value=f"{service.max_body_bytes >> 20} MB")
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > service.max_body_bytes:
        raise Refusal(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > service.max_body_bytes:
            raise Refusal(limit)
    return b"".join(chunks)


async def _authenticate(service: Service, dialect: Dialect, asked: base.Request, scope: str) -> Caller:
    shown = dialect.credentials(asked)
    caller = await service.run(lambda: authenticate(service.database, shown)) if shown else None
    if caller is None:
        raise Refusal(Problem(code=Code.UNAUTHENTICATED))
    if not caller.may(scope):
        raise Refusal(Problem(code=Code.FORBIDDEN, value=scope))
    return caller


def _work(
    service: Service, caller: Caller, endpoint: Endpoint, asked: base.Request, batch: list[object]
) -> tuple[Call, Any, Reply]:
    """Decode, execute (resolve, plan, apply, commit), encode."""
    call = endpoint.decode(asked)
    batch += [asked, call]
    result = execute(service.database, service.vault, caller.organization_id, call.command)
    return call, result, call.encode(result)


def _store_problem(error: StoreError) -> Problem:
    if isinstance(error, Unstorable):
        return Problem(code=Code.BAD_VALUE, texts=(f"#: {error}",))
    logger.error("the database refused: %s", error.__cause__ or error)
    return Problem(code=Code.STORAGE_FULL if isinstance(error, StorageFull) else Code.UNAVAILABLE)
