"""Issuing tokens to clients."""

from __future__ import annotations

from litestar import Response

from contactory.access.caller import grant
from contactory.dialects.base import Dialect, Reply, TokenEndpoint
from contactory.http.bodies import AnyRequest
from contactory.http.bulk import head, to_response
from contactory.http.forms import read_anonymous
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.service import Service


async def answer_grant(
    service: Service, dialect: Dialect, endpoint: TokenEndpoint, version: str, request: AnyRequest
) -> Response[bytes]:
    """A token for a client that shows its secret; any other is refused alike, whatever was wrong."""

    async def work() -> Reply:
        body = await read_anonymous(service.anonymous, request)
        asked = head(request, dialect, version)._replace(body=body)
        shown = endpoint.decode(asked)
        seconds = endpoint.seconds or service.token_seconds
        visitor = service.visitor(request.client)
        found = await service.run(lambda: grant(service.database, shown, seconds, visitor))
        if found is None:
            raise Refusal(Problem(code=Code.BAD_CLIENT))
        return endpoint.encode(found)

    return await to_response(dialect, work())
