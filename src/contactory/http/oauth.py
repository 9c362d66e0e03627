"""The OAuth endpoints at which clients get and revoke tokens (RFC 6749, RFC 7009)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from contactory.access import oauth
from contactory.access.oauth import Answer, Parameters, Terms
from contactory.access.throttle import Visitor
from contactory.dialects.base import Dialect, OAuth, Reply, json_encode
from contactory.http.bodies import AnyRequest
from contactory.http.forms import read_form
from contactory.http.handler import to_response
from contactory.http.routes import make_route
from contactory.serving.service import Service
from contactory.store.database import Database

_JSON: Final = {"content-type": "application/json", "cache-control": "no-store"}

Exchange = Callable[[Database, Terms, Parameters, str, Visitor], Answer]


def make_oauth_routes(service: Service, dialect: Dialect, offer: OAuth) -> list[HTTPRouteHandler]:
    def route(path: str, summary: str, exchange: Exchange) -> HTTPRouteHandler:
        async def handle(request: AnyRequest) -> Response[bytes]:
            return await to_response(dialect, _answer(service, offer, exchange, request))

        return make_route(dialect, "POST", f"/{dialect.name}{offer.path}{path}", summary, handle)

    return [
        route("/token", "Get an access token", oauth.exchange),
        route("/revoke", "Give a token back", oauth.revoke),
    ]


async def _answer(service: Service, offer: OAuth, exchange: Exchange, request: AnyRequest) -> Reply:
    form = await read_form(service.anonymous, request)
    authorization = request.headers.get("authorization", "")
    terms = Terms(offer.scopes, offer.seconds)
    visitor = service.visitor(request.client)
    answer = await service.run(lambda: exchange(service.database, terms, form, authorization, visitor))
    return Reply(answer.status, json_encode(answer.body), {**_JSON, **answer.headers})
