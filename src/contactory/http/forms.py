"""The reading of forms before the caller is authenticated: small ones, and few at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from contactory.http.bodies import ANONYMOUS, AnyRequest, read_body
from contactory.model.limits import ANONYMOUS_FIELDS
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.anonymous import AnonymousBudget


async def read_anonymous(budget: AnonymousBudget, request: AnyRequest) -> bytes:
    """Read the body of a request for a token, which is a form. Raises Refusal (TOO_LARGE, TOO_SLOW, TOO_MANY,
    COMPRESSED), or ClientGone."""
    with budget.reserve(request.client.host if request.client else "") as reserve:
        await reserve(0)
        body = await read_body(request, ANONYMOUS, reserve)
    if body.count(b"&") >= ANONYMOUS_FIELDS:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{ANONYMOUS_FIELDS} fields"))
    return body


async def read_form(budget: AnonymousBudget, request: AnyRequest) -> Mapping[str, Sequence[str]]:
    """Read a form, and leave out the character NUL, which PostgreSQL does not store."""
    body = await read_anonymous(budget, request)
    return parse_qs(body.decode("utf-8", "replace").replace("%00", "").replace("\0", ""))
