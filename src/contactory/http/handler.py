"""The handling of a request: authenticate, limit, read, decode, execute, encode; respond after the commit."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from litestar import Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks

from contactory.access.caller import authenticate, authenticate_everywhere
from contactory.access.throttle import Visitor
from contactory.core.execute import check_reach, execute
from contactory.dialects import base
from contactory.dialects.base import Dialect, Endpoint, Reply
from contactory.http.bodies import CLIENT_GONE, AnyRequest, Bounds, ClientGone, check_head, read_body
from contactory.http.edge import ENCODED_SLASH, base_url
from contactory.model.caller import Caller
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.service import Service
from contactory.serving.work import problem_of, work
from contactory.telemetry.metrics import stage

UNREAD: Final = (
    Code.UNAUTHENTICATED,
    Code.FORBIDDEN,
    Code.REACHES_OWN_ONLY,
    Code.TOO_LARGE,
    Code.TOO_SLOW,
    Code.TOO_MANY,
    Code.COMPRESSED,
)
logger = logging.getLogger(__name__)


async def answer(
    service: Service, dialect: Dialect, endpoint: Endpoint, version: str, request: AnyRequest
) -> Response[bytes]:
    """Handle one request. Its rows are freed after the response is sent: freeing 10,000 rows takes as long as
    encoding the response."""
    batch: list[object] = []
    afterwards: list[Callable[[], object]] = [batch.clear]

    async def call() -> Reply:
        parsed = parse_head(request, dialect, version)
        visitor = service.visitor(request.client)
        caller, callers = await _authenticate(service, dialect, parsed, endpoint, visitor)
        request.scope["state"]["organization"] = caller.organization_id
        bounds = Bounds(service.max_body_bytes)
        admitted = service.admission.ticket(caller.organization_id, check_head(request, bounds))
        ticket = await inside.enter_async_context(admitted)
        with stage(dialect.name, "read"):
            body = await read_body(request, bounds, ticket.reserve)
            parsed = parsed._replace(caller=caller, callers=callers, body=body)
        await ticket.take_slot()
        done = await service.run(partial(work, service, dialect.name, endpoint, parsed, batch))
        if done.announce:
            await service.announce(done.announce)
        if done.afterwards:
            actor, command = caller.actor_for(endpoint.scope), done.afterwards
            rest = partial(
                execute, service.database, service.encryption, actor, command, supports_owners=True
            )
            afterwards.insert(0, rest)
        return done.reply

    async with AsyncExitStack() as inside:
        response = await to_response(dialect, call())
    response.background = BackgroundTasks([BackgroundTask(service.run, step) for step in afterwards])
    return response


async def to_response(dialect: Dialect, call: Awaitable[Reply]) -> Response[bytes]:
    """Build the response; errors take the vendor's format. The connection is closed where the body may not
    have been read."""
    try:
        reply = await call
    except ClientGone:
        return Response(b"", status_code=CLIENT_GONE, headers={"connection": "close"})
    except Exception as error:
        problem = problem_of(error)
        reply = refuse(dialect, problem)
        if problem.code in UNREAD:
            reply = reply._replace(headers={**reply.headers, "connection": "close"})
    return respond(reply)


def refuse(dialect: Dialect, problem: Problem) -> Reply:
    """Make the vendor's reply to a problem, or to an internal error where that fails."""
    try:
        return dialect.refuse(problem)
    except Exception:
        logger.exception("a refusal failed")
        return dialect.refuse(Problem(code=Code.INTERNAL))


def respond(reply: Reply) -> Response[bytes]:
    return Response(reply.body, status_code=reply.status, headers=dict(reply.headers))


def parse_head(request: AnyRequest, dialect: Dialect, version: str) -> base.Request:
    """Return the request in the form that dialects take, without its body."""
    query: dict[str, list[str]] = {}
    for key, value in request.query_params.items():
        query.setdefault(key, []).append(value)
    headers = {key.lower(): value for key, value in request.headers.items()}
    path = {key: value.replace(ENCODED_SLASH, "/") for key, value in request.path_params.items()}
    return base.Request(
        path, query, headers, b"", version, base_url=base_url(request.scope, dialect.name, version)
    )


async def _authenticate(
    service: Service, dialect: Dialect, parsed: base.Request, endpoint: Endpoint, visitor: Visitor
) -> tuple[Caller, Sequence[Caller]]:
    """Return the caller, and all callers that it may act as where the endpoint asks everywhere.

    Raises Refusal (UNAUTHENTICATED, FORBIDDEN, REACHES_OWN_ONLY, TOO_MANY), before the body is read.
    """
    credentials = dialect.credentials(parsed)
    if credentials is None:
        raise Refusal(Problem(code=Code.UNAUTHENTICATED))
    caller = await service.run(lambda: authenticate(service.database, credentials, visitor))
    if caller is None:
        raise Refusal(Problem(code=Code.UNAUTHENTICATED))
    callers: Sequence[Caller] = ()
    if endpoint.all_organizations:
        found = await service.run(partial(authenticate_everywhere, service.database, credentials, caller))
        callers = [each for each in found if each.reaches_all(endpoint.scope)]
        caller = callers[0] if callers else caller
    if not caller.may(endpoint.scope) and not (endpoint.instead and caller.may(endpoint.instead)):
        raise Refusal(Problem(code=Code.FORBIDDEN, value=endpoint.scope))
    check_reach(caller.actor_for(endpoint.scope), supports_owners=endpoint.supports_owners)
    return caller, callers
