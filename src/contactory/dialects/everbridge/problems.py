"""Problems in this vendor's form, {"message": .., "status": ..}; the status is also that of HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.base import (
    MANAGERS_ONLY,
    TWO_CREDENTIALS,
    UNREADABLE,
    Call,
    Reply,
    Request,
    json_encode,
    replace_surrogates,
    retry_headers,
)
from contactory.dialects.sizes import shorten
from contactory.model.problems import Code, Problem, Refusal

JSON: Final = {"content-type": "application/json"}
MISMATCH: Final = "type mismatch exception"
_NO_ORGANIZATION: Final = "Missing Organization Id"

NOT_SHOWN: Final = Code.OWNER_NOT_FOUND
"""The code for a requested contact that does not exist, which has a text of its own."""

_STATUSES: Final = {
    Code.REFERENCE_NOT_FOUND: 300,
    Code.UNAUTHENTICATED: 401,
    Code.BAD_CLIENT: 401,
    Code.QUOTA_EXCEEDED: 402,
    Code.FORBIDDEN: 403,
    Code.REACHES_OWN_ONLY: 403,
    Code.NOT_FOUND: 404,
    NOT_SHOWN: 404,
    Code.NOT_A_ROUTE: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.TOO_LARGE: 413,
    Code.URL_TOO_LONG: 414,
    Code.COMPRESSED: 415,
    Code.HEADERS_TOO_LARGE: 431,
    Code.INTERNAL: 500,
    Code.TOO_SLOW: 408,
    Code.TOO_MANY: 429,
    Code.UNAVAILABLE: 503,
    Code.OVERDUE: 504,
    Code.STORAGE_FULL: 507,
}
REFUSALS: Final = {
    300: "A record type is not known, and nothing was saved",
    400: "The body, a parameter or every contact is wrong",
    401: "No credentials, or another organization's",
    402: "The organization may not have so many contacts",
    403: "The token does not have the scope, or the user is no manager",
    404: "Not found",
    405: "Another method is expected",
    408: "The body did not come in time",
    413: "The body is too large",
    414: "The address is too long",
    415: "The body is compressed",
    429: "Too many calls at the moment",
    431: "The headers are too large",
    500: "A defect of the service",
    503: "The service is not available at the moment",
    504: "The work took longer than a call may take, and nothing was saved",
    507: "The service has no room",
}
_LABELS: Final = {
    "attribute": "Contact attribute",
    "group": "Group",
    "path": "Contact path",
    "record_type": "Record type",
}
_WORDS: Final = {
    Code.MALFORMED: MISMATCH,
    Code.INVALID: MISMATCH,
    Code.UNAUTHENTICATED: "Invalid or missing credentials",
    Code.BAD_CLIENT: "Invalid or missing credentials",
    Code.REACHES_OWN_ONLY: MANAGERS_ONLY,
    Code.QUOTA_EXCEEDED: "The organization may not have so many contacts",
    Code.TWO_CREDENTIALS: TWO_CREDENTIALS,
    Code.NOT_A_ROUTE: "Not Found",
    Code.METHOD_NOT_ALLOWED: "Method Not Allowed",
    Code.UNAVAILABLE: "The service is not available at the moment",
    Code.STORAGE_FULL: "The service has no room to store this",
}


def status(problem: Problem) -> int:
    return _STATUSES.get(problem.code, 400)


def to_message(problem: Problem) -> str:
    """Return the text of a problem."""
    if problem.texts:
        return problem.texts[0]
    kind, value = problem.kind, shorten(problem.value)
    match problem.code:
        case Code.NOT_FOUND:
            return f"{_LABELS.get(kind, kind)} {value} not found."
        case Code.OWNER_NOT_FOUND:
            return f"Unable to find contact {value}"
        case Code.ALREADY_EXISTS if kind == "Contact":
            return "The externalId is already used by another contact."
        case Code.ALREADY_EXISTS:
            return f"{_LABELS.get(kind, kind)} {value} already exists."
        case Code.IN_USE:
            return f"{_LABELS.get(kind, kind)} {value} cannot be deleted: contacts have it."
        case Code.FORBIDDEN:
            return f"The token does not have the scope {value}"
        case Code.TOO_SLOW:
            return "The rest of the payload did not come in time."
        case Code.URL_TOO_LONG:
            return f"The address is too long, the limit is {value}."
        case Code.HEADERS_TOO_LARGE:
            return f"The headers are too large, the limit is {value}."
        case Code.COMPRESSED:
            return f"Content encoding {value} is not supported, send the payload uncompressed."
        case Code.TOO_MANY:
            return f"Too many calls at the moment, try again in {value} seconds."
        case Code.PAGE_TOO_LARGE:
            return f"A page of so many has more than {value}: ask for a smaller pageSize."
        case Code.TOO_LARGE:
            return f"Payload too large, the limit is {value}"
        case Code.OVERDUE:
            return f"The call took more than {value} seconds and nothing of it was saved: send less at once."
        case Code.TOO_MANY_SCHEMES:
            return f"The organization has {value} numberings of records, and may have no more."
        case Code.UNSUPPORTED_GRANT:
            return f"Unsupported grant type: {value}"
        case _:
            return _WORDS.get(problem.code, "Fatal error on handling request")


def refuse(problem: Problem) -> Reply:
    problem = replace_surrogates(problem)
    headers = {**JSON, **retry_headers(problem)}
    if problem.code is Code.UNAUTHENTICATED:
        headers["www-authenticate"] = "Basic"
    body: dict[str, Any] = {"message": to_message(problem), "status": status(problem)}
    if problem.code is Code.INVALID and len(problem.texts) > 1:
        body["data"] = problem.texts[1:]
    if patch := _patch(problem):
        body["detail"] = [{"details": problem.key, "errorMessage": problem.field, "errorPatch": patch}]
    return Reply(status(problem), json_encode(body), headers)


def _patch(problem: Problem) -> dict[str, Any] | None:
    """Return the operation of a partial update that was refused; None for other problems."""
    try:
        operation = msgspec.json.decode(problem.value) if problem.field else None
    except UNREADABLE:
        return None
    return {"op": "", "path": "", **operation} if isinstance(operation, dict) else None


def bad_choice(name: str, choices: Sequence[str]) -> Refusal:
    """Make the refusal of a parameter that is none of its choices."""
    text = f"{MISMATCH}: {name} is not one of {', '.join(filter(None, choices))}"
    return Refusal(Problem(code=Code.INVALID, texts=(text,)))


def bad(text: str) -> Refusal:
    """Make the refusal of a call with a wrong value."""
    return Refusal(Problem(code=Code.BAD_VALUE, texts=(text,)))


def check_organization(request: Request) -> int:
    """Return the organization of the path. Raises Refusal (UNAUTHENTICATED) if it is not the caller's own, as
    if it did not exist."""
    written = request.path.get("organization_id", "")
    if written != str(request.caller.organization_id):
        text = f"Org {written} is invalid." if written.strip() else _NO_ORGANIZATION
        raise Refusal(Problem(code=Code.UNAUTHENTICATED, texts=(text,)))
    return request.caller.organization_id


def decode_without_organization(_: Request) -> Call:
    """Refuse a call whose URL has no organization."""
    raise Refusal(Problem(code=Code.UNAUTHENTICATED, texts=(_NO_ORGANIZATION,)))
