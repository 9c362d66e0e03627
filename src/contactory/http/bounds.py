"""The refusal of requests whose address or headers are too large, before they are parsed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from contactory.dialects.base import Reply
from contactory.model.limits import LARGEST_HEADERS, LONGEST_PATH, LONGEST_QUERY, MOST_PARAMETERS
from contactory.model.problems import Code, Problem

Refuse = Callable[[str, Problem], Reply]
"""Make the reply to a problem in the format of the vendor whose path it is."""

_START: Final = {ScopeType.HTTP: "http.response", ScopeType.WEBSOCKET: "websocket.http.response"}


def within_bounds(application: ASGIApp, refuse: Refuse) -> ASGIApp:
    """Wrap the application, and refuse requests beyond `model/limits.py`."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        problem = _find_problem(scope) if "path" in scope else None
        if problem is None:
            await application(scope, receive, send)
            return
        reply = refuse(scope["path"], problem)
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        headers += [(b"content-length", str(len(reply.body)).encode()), (b"connection", b"close")]
        respond = cast("Callable[[Any], Any]", send)
        kind = _START[ScopeType(scope["type"])]
        await respond({"type": f"{kind}.start", "status": reply.status, "headers": headers})
        await respond({"type": f"{kind}.body", "body": reply.body, "more_body": False})

    return call


def _find_problem(scope: Scope) -> Problem | None:
    query = scope["query_string"]
    if max(len(scope["raw_path"]), len(scope["path"].encode())) > LONGEST_PATH:
        return _too_long(f"{LONGEST_PATH >> 10} KB for the path")
    if len(query) > LONGEST_QUERY:
        return _too_long(f"{LONGEST_QUERY >> 10} KB for the query")
    if query.count(b"&") >= MOST_PARAMETERS:
        return _too_long(f"{MOST_PARAMETERS} parameters")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEADERS:
        return Problem(code=Code.HEADERS_TOO_LARGE, value=f"{LARGEST_HEADERS >> 10} KB")
    return None


def _too_long(limit: str) -> Problem:
    return Problem(code=Code.URL_TOO_LONG, value=limit)
