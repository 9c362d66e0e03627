"""The making of a dialect's route from a handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from contactory.dialects.base import Dialect
from contactory.http.bodies import AnyRequest

Handle = Callable[[AnyRequest], Awaitable[Response[Any]]]


def make_route(
    dialect: Dialect, method: str | list[str], path: str, summary: str, handle: Handle
) -> HTTPRouteHandler:
    """Make a route. `path` includes the dialect's prefix."""
    decorate: Any = HTTPRouteHandler(
        path, http_method=cast("Any", method), summary=summary, tags=[dialect.name], status_code=200
    )
    route: HTTPRouteHandler = decorate(handle)
    return route
