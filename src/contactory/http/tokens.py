"""The issuing of tokens to clients and users, in a vendor's format."""

from __future__ import annotations

from litestar import Response

from contactory.access.caller import grant
from contactory.dialects.base import Dialect, Reply, TokenEndpoint
from contactory.http.bodies import AnyRequest
from contactory.http.forms import read_anonymous
from contactory.http.handler import parse_head, to_response
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.service import Service


async def answer_grant(
    service: Service, dialect: Dialect, endpoint: TokenEndpoint, version: str, request: AnyRequest
) -> Response[bytes]:
    """Handle a request for a token. Wrong credentials get the same refusal, whatever is wrong with them."""

    async def work() -> Reply:
        body = await read_anonymous(service.anonymous, request)
        parsed = parse_head(request, dialect, version)._replace(body=body)
        credentials = endpoint.decode(parsed)
        seconds = endpoint.seconds or service.token_seconds
        visitor = service.visitor(request.client)
        granted = await service.run(lambda: grant(service.database, credentials, seconds, visitor))
        if granted is None:
            raise Refusal(Problem(code=Code.BAD_CLIENT))
        return endpoint.encode(granted)

    return await to_response(dialect, work())
