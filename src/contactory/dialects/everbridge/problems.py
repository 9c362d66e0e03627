"""Problems in this vendor's words: {"message": .., "status": ..}, with the status also that of HTTP."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from contactory.dialects.base import TWO_CREDENTIALS, Reply, Request, json_encode, retry
from contactory.model.problems import Code, Problem, Refusal

JSON: Final = {"content-type": "application/json"}
MISMATCH: Final = "type mismatch exception"

_STATUSES: Final = {
    Code.REFERENCE_NOT_FOUND: 300,
    Code.UNAUTHENTICATED: 401,
    Code.BAD_CLIENT: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.NOT_A_ROUTE: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.TOO_LARGE: 413,
    Code.INTERNAL: 500,
    Code.TOO_SLOW: 408,
    Code.TOO_MANY: 429,
    Code.UNAVAILABLE: 503,
    Code.STORAGE_FULL: 507,
}
REFUSALS: Final = {
    300: "A record type is not known, and nothing was saved",
    400: "The body, a parameter or every contact is wrong",
    401: "No credentials, or another organization's",
    403: "The token does not have the scope",
    404: "Not found",
    405: "Another method is expected",
    408: "The body did not come in time",
    413: "The body is too large",
    429: "Too many calls at the moment",
    500: "A defect of the service",
    503: "The service is not available at the moment",
    507: "The service has no room",
}
_LABELS: Final = {"attribute": "Contact attribute", "group": "Group", "record_type": "Record type"}
_WORDS: Final = {
    Code.MALFORMED: MISMATCH,
    Code.INVALID: MISMATCH,
    Code.UNAUTHENTICATED: "Invalid or missing credentials",
    Code.BAD_CLIENT: "Invalid or missing credentials",
    Code.TWO_CREDENTIALS: TWO_CREDENTIALS,
    Code.NOT_A_ROUTE: "Not Found",
    Code.METHOD_NOT_ALLOWED: "Method Not Allowed",
    Code.UNAVAILABLE: "The service is not available at the moment",
    Code.STORAGE_FULL: "The service has no room to store this",
}


def status(problem: Problem) -> int:
    return _STATUSES.get(problem.code, 400)


def say(problem: Problem) -> str:
    if problem.texts:
        return problem.texts[0]
    kind, value = problem.kind, problem.value
    match problem.code:
        case Code.NOT_FOUND:
            return f"{_LABELS.get(kind, kind)} {value} not found."
        case Code.ALREADY_EXISTS if kind == "Contact":
            return "The externalId is already used by another contact."
        case Code.ALREADY_EXISTS:
            return f"{_LABELS.get(kind, kind)} {value} already exists."
        case Code.FORBIDDEN:
            return f"The token does not have the scope {value}"
        case Code.TOO_SLOW:
            return "The rest of the payload did not come in time."
        case Code.TOO_MANY:
            return f"Too many calls at the moment, try again in {value} seconds."
        case Code.TOO_LARGE:
            return f"Payload too large, the limit is {value}"
        case Code.UNSUPPORTED_GRANT:
            return f"Unsupported grant type: {value}"
        case _:
            return _WORDS.get(problem.code, "Fatal error on handling request")


def refuse(problem: Problem) -> Reply:
    headers = {**JSON, **retry(problem)}
    if problem.code is Code.UNAUTHENTICATED:
        headers["www-authenticate"] = "Basic"
    body: dict[str, Any] = {"message": say(problem), "status": status(problem)}
    if problem.field and problem.value:  # Of a partial update: what could not be done.
        patch = {"op": "", "path": "", **msgspec.json.decode(problem.value)}
        body["detail"] = [{"details": problem.key, "errorMessage": problem.field, "errorPatch": patch}]
    return Reply(status(problem), json_encode(body), headers)


def mismatch() -> Refusal:
    """The whole call cannot be read: no JSON, or of another shape."""
    return Refusal(Problem(code=Code.INVALID))


def bad(text: str) -> Refusal:
    return Refusal(Problem(code=Code.BAD_VALUE, texts=(text,)))


def check_organization(request: Request) -> int:
    """The organization of the path must be the caller's own; to all others it is as if it did not exist."""
    given = request.path.get("organization_id", "")
    if given != str(request.caller.organization_id):
        text = f"Org {given} is invalid." if given.strip() else "Missing Organization Id"
        raise Refusal(Problem(code=Code.UNAUTHENTICATED, texts=(text,)))
    return request.caller.organization_id
