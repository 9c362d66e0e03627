"""Problems in this vendor's form: a status, its name, and a machine word as the `reason`."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from contactory.dialects.base import Reply, json_encode, retry
from contactory.model.jobs import RowError
from contactory.model.problems import Code, Problem, Refusal

JSON: Final = {"content-type": "application/json"}
MAX_ERRORS: Final = 1000

_FORMS: Final = {
    Code.MALFORMED: (400, "validation_error"),
    Code.INVALID: (400, "validation_error"),
    Code.BAD_VALUE: (400, "validation_error"),
    Code.BAD_PAGE: (400, "validation_error"),
    Code.UNAUTHENTICATED: (401, "invalid_token"),
    Code.QUOTA_EXCEEDED: (402, ""),  # says itself which
    Code.FORBIDDEN: (403, "insufficient_scope"),
    Code.NOT_OWNED: (403, "contact_forbidden"),
    Code.LIST_NOT_OWNED: (403, "list_forbidden"),
    Code.NOT_FOUND: (404, "not_found"),
    Code.NOT_A_ROUTE: (404, "not_found"),
    Code.METHOD_NOT_ALLOWED: (405, "method_not_allowed"),
    Code.ALREADY_EXISTS: (409, "already_exists"),
    Code.TOO_LARGE: (413, "payload_too_large"),
    Code.RETRIED_DIFFERENTLY: (422, "idempotency_key_reused"),
    Code.TOO_SLOW: (408, "request_timeout"),
    Code.TOO_MANY: (429, "too_many_requests"),
    Code.UNAVAILABLE: (503, "unavailable"),
    Code.STORAGE_FULL: (507, "storage_full"),
}
REFUSALS: Final = {
    400: "The body, a row or a parameter is wrong: errors says which",
    401: "No token, or one that counts no more",
    402: "A quota does not allow it: contact_total_quotas or contact_connect_quotas",
    403: "The scope or the role does not allow it",
    404: "Not found",
    405: "Another method is expected",
    409: "There is one of that name or identity",
    408: "The body did not come in time",
    413: "The body is too large",
    422: "That Idempotency-Key came with another body",
    429: "Too many calls at the moment",
    500: "A defect of the service",
    503: "The service is not available at the moment",
    507: "The service has no room",
}


def refuse(problem: Problem) -> Reply:
    status, reason = _FORMS.get(problem.code, (500, "internal_error"))
    body: dict[str, Any] = {"statusCode": status, "error": HTTPStatus(status).phrase}
    body["reason"] = problem.value if problem.code is Code.QUOTA_EXCEEDED else reason
    if problem.code is Code.NOT_FOUND and problem.kind == "list":
        body["reason"] = "list_not_found"
    if problem.texts:
        errors = [encode_error(msgspec.json.decode(text)) for text in problem.texts]
        body |= {"errors": errors, "errorCount": max(len(errors), int(problem.value or 0))}
    headers = JSON | ({"www-authenticate": "Bearer"} if status == 401 else {})
    return Reply(status, json_encode(body), {**headers, **retry(problem)})


def invalid(errors: Sequence[RowError]) -> Refusal:
    """All that is wrong with rows, up to a number that a person can read; `errorCount` counts all."""
    texts = tuple(json_encode(error).decode() for error in errors[:MAX_ERRORS])
    return Refusal(Problem(code=Code.INVALID, texts=texts, value=str(len(errors))))


def wrong(field: str, message: str) -> Refusal:
    """Something that is wrong outside of rows."""
    return all_wrong([(field, message)])


def all_wrong(errors: Sequence[tuple[str, str]]) -> Refusal:
    """Fields outside of rows, each with what is wrong with it."""
    texts = [json_encode({"field": field, "message": message}).decode() for field, message in errors]
    return Refusal(Problem(code=Code.INVALID, texts=tuple(texts[:MAX_ERRORS]), value=str(len(texts))))


def encode_error(error: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a row; a code that the core gave is said as the reason that it is."""
    code = error.pop("code", None)
    if code is not None and not error["message"]:
        known = Code[code]
        reason = (
            "owner_not_found"
            if known is Code.REFERENCE_NOT_FOUND
            else _FORMS.get(known, (500, code.lower()))[1]
        )
        error["message"] = reason
    return error
