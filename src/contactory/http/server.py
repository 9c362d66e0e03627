"""The web application: every dialect's routes below its prefix, and health."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, cast

from litestar import Litestar, Response
from litestar.config.cors import CORSConfig
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler
from litestar.types import ASGIApp

from contactory.dialects.base import Dialect, Endpoint, OAuth, Reply, TokenEndpoint
from contactory.http.bodies import AnyRequest
from contactory.http.bounds import within_bounds
from contactory.http.handler import answer, refuse, respond
from contactory.http.oauth import make_oauth_routes
from contactory.http.openapi import make_document_routes
from contactory.http.operations import make_operations
from contactory.http.routes import make_route
from contactory.http.tokens import answer_grant
from contactory.model.problems import Code, Problem
from contactory.serving.service import Service

_PLAIN: Final = {
    Code.URL_TOO_LONG: (414, "The address is too long"),
    Code.HEADERS_TOO_LARGE: (431, "The headers are too large"),
}

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def make_application(
    service: Service,
    dialects: Sequence[Dialect],
    lifespan: Lifespan,
    further: Sequence[HTTPRouteHandler | WebsocketRouteHandler],
) -> ASGIApp:
    def refuse_route(request: AnyRequest, error: HTTPException) -> Response[bytes]:
        """Make the response to a refusal of the router, in the format of the vendor whose prefix it is."""
        code = {404: Code.NOT_A_ROUTE, 405: Code.METHOD_NOT_ALLOWED}.get(error.status_code, Code.INTERNAL)
        plain = Reply(error.status_code, error.detail.encode(), {"content-type": "text/plain"})
        return respond(refuse_path(request.scope["path"], Problem(code=code)) or plain)

    def refuse_path(path: str, problem: Problem) -> Reply | None:
        for dialect in dialects:
            if path.startswith(f"/{dialect.name}"):
                return refuse(dialect, problem)
        return None

    def refuse_bounds(path: str, problem: Problem) -> Reply:
        status, text = _PLAIN[problem.code]
        plain = Reply(
            status, f"{text}, the limit is {problem.value}".encode(), {"content-type": "text/plain"}
        )
        return refuse_path(path, problem) or plain

    application = Litestar(
        [
            *make_operations(service),
            *further,
            *(route for dialect in dialects for route in _routes(service, dialect)),
        ],
        lifespan=[lifespan],
        exception_handlers={HTTPException: refuse_route},
        # The limit of read_body is the only one, so that a refusal has the vendor's format.
        request_max_body_size=None,
        logging_config=None,  # telemetry/logs.py has configured it
        openapi_config=None,  # each dialect has its own document
        cors_config=_cors(service.cors_origins),
    )
    return within_bounds(cast("ASGIApp", application), refuse_bounds)


def _cors(origins: Sequence[str]) -> CORSConfig | None:
    """Allow pages of these origins to call. Programs in browsers send a token, never a cookie."""
    if not origins:
        return None
    exposed = ["retry-after", "x-request-id"]
    return CORSConfig(allow_origins=list(origins), allow_headers=["*"], expose_headers=exposed)


def _routes(service: Service, dialect: Dialect) -> list[HTTPRouteHandler]:
    routes, root = [*make_document_routes(dialect)], f"/{dialect.name}"
    tokens = dialect.token_endpoint
    if isinstance(tokens, OAuth):
        routes += make_oauth_routes(service, dialect, tokens)
    elif tokens.outside_versions:
        routes.append(_grant_route(service, dialect, tokens, "", root + tokens.path))
    for version in dialect.versions:
        prefix = f"{root}/{version}".rstrip("/")
        if isinstance(tokens, TokenEndpoint) and not tokens.outside_versions:
            routes.append(_grant_route(service, dialect, tokens, version, prefix + tokens.path))
        routes += [
            _route(service, dialect, endpoint, version, prefix + endpoint.path)
            for endpoint in dialect.endpoints
        ]
    return routes


def _route(
    service: Service, dialect: Dialect, endpoint: Endpoint, version: str, path: str
) -> HTTPRouteHandler:
    async def handle(request: AnyRequest) -> Response[bytes]:
        return await answer(service, dialect, endpoint, version, request)

    return make_route(dialect, endpoint.method, path, endpoint.summary, handle)


def _grant_route(
    service: Service, dialect: Dialect, endpoint: TokenEndpoint, version: str, path: str
) -> HTTPRouteHandler:
    async def handle(request: AnyRequest) -> Response[bytes]:
        return await answer_grant(service, dialect, endpoint, version, request)

    return make_route(dialect, "POST", path, "Get an access token", handle)
