"""Problems in this vendor's form: a status, its name, and a machine-readable `reason`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from contactory.dialects.base import UNREADABLE, Reply, json_encode, replace_surrogates, retry_headers
from contactory.model.jobs import RowError
from contactory.model.limits import MOST_ERRORS
from contactory.model.problems import Code, Problem, Refusal

JSON: Final = {"content-type": "application/json"}
_COUNT_DIGITS: Final = 9
_ERROR_KEYS: Final = ("i", "field", "message", "code")

_FORMS: Final = {
    Code.MALFORMED: (400, "validation_error"),
    Code.INVALID: (400, "validation_error"),
    Code.BAD_VALUE: (400, "validation_error"),
    Code.BAD_PAGE: (400, "validation_error"),
    Code.PAGE_TOO_LARGE: (400, "page_too_large"),
    Code.UNAUTHENTICATED: (401, "invalid_token"),
    Code.QUOTA_EXCEEDED: (402, ""),  # its reason is the name of the quota
    Code.FORBIDDEN: (403, "insufficient_scope"),
    Code.REACHES_OWN_ONLY: (403, "manager_required"),
    Code.NOT_OWNED: (403, "contact_forbidden"),
    Code.LIST_NOT_OWNED: (403, "list_forbidden"),
    Code.NOT_FOUND: (404, "not_found"),
    Code.NOT_A_ROUTE: (404, "not_found"),
    Code.METHOD_NOT_ALLOWED: (405, "method_not_allowed"),
    Code.ALREADY_EXISTS: (409, "already_exists"),
    Code.TOO_LARGE: (413, "payload_too_large"),
    Code.URL_TOO_LONG: (414, "uri_too_long"),
    Code.COMPRESSED: (415, "unsupported_content_encoding"),
    Code.HEADERS_TOO_LARGE: (431, "headers_too_large"),
    Code.RETRIED_DIFFERENTLY: (422, "idempotency_key_reused"),
    # A warning on a row; as a refusal of a call it would be a conflict.
    Code.KEY_OF_ANOTHER: (409, "belongs to another contact, and was left out"),
    Code.TOO_SLOW: (408, "request_timeout"),
    Code.TOO_MANY: (429, "too_many_requests"),
    Code.JOBS_BUSY: (429, "bulk_busy"),
    Code.TOO_MANY_SCHEMES: (400, "validation_error"),
    Code.UNAVAILABLE: (503, "unavailable"),
    Code.OVERDUE: (504, "call_took_too_long"),
    Code.STORAGE_FULL: (507, "storage_full"),
}
_SENTENCES: Final = {
    Code.TOO_LARGE: "The limit is {}.",
    Code.URL_TOO_LONG: "The address is too long, the limit is {}.",
    Code.HEADERS_TOO_LARGE: "The headers are too large, the limit is {}.",
    Code.COMPRESSED: "Content encoding {} is not supported: send the body uncompressed.",
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
    414: "The address is too long",
    415: "The body is compressed",
    422: "That Idempotency-Key came with another body",
    429: "Too many calls at the moment, or too many bulk calls that are not done yet (bulk_busy)",
    431: "The headers are too large",
    500: "A defect of the service",
    503: "The service is not available at the moment",
    504: "The work took longer than a call may take, and nothing was stored",
    507: "The service has no room",
}


def refuse(problem: Problem) -> Reply:
    problem = replace_surrogates(problem)
    status, reason = _FORMS.get(problem.code, (500, "internal_error"))
    body: dict[str, Any] = {"statusCode": status, "error": HTTPStatus(status).phrase}
    body["reason"] = problem.value if problem.code is Code.QUOTA_EXCEEDED else reason
    if problem.code is Code.NOT_FOUND and problem.kind == "list":
        body["reason"] = "list_not_found"
    if problem.code in _SENTENCES:
        body["message"] = _SENTENCES[problem.code].format(problem.value)
    if problem.texts:
        errors = [encode_error(_read_error(text)) for text in problem.texts]
        body |= {"errors": errors, "errorCount": max(len(errors), _count(problem.value))}
    headers = JSON | ({"www-authenticate": "Bearer"} if status == 401 else {})
    return Reply(status, json_encode(body), {**headers, **retry_headers(problem)})


def _read_error(text: str) -> dict[str, Any]:
    """Read an error as `invalid`, `wrong` or the core has encoded it; any other text is a message."""
    try:
        error = msgspec.json.decode(text)
    except UNREADABLE:
        error = None
    if not isinstance(error, dict):
        return {"message": text}
    return {key: error[key] for key in _ERROR_KEYS if isinstance(error.get(key), str | int)}


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _COUNT_DIGITS else 0


def invalid(errors: Sequence[RowError]) -> Refusal:
    """Make the refusal for errors of rows. Its first MOST_ERRORS are shown; `errorCount` counts all."""
    texts = tuple(json_encode(error).decode() for error in errors[:MOST_ERRORS])
    return Refusal(Problem(code=Code.INVALID, texts=texts, value=str(len(errors))))


def wrong(field: str, message: str) -> Refusal:
    """Make the refusal for an error outside of rows."""
    return all_wrong([(field, message)])


def all_wrong(errors: Sequence[tuple[str, str]]) -> Refusal:
    """Make the refusal for errors outside of rows, as (field, message)."""
    texts = [json_encode({"field": field, "message": message}).decode() for field, message in errors]
    return Refusal(Problem(code=Code.INVALID, texts=tuple(texts[:MOST_ERRORS]), value=str(len(texts))))


def encode_warnings(warnings: Mapping[int, Problem]) -> list[dict[str, Any]]:
    """Encode the warnings of rows that were written without some value, in the form of errors."""
    return [
        encode_error({"i": row, "code": warning.code.name, "field": warning.field, "message": ""})
        for row, warning in sorted(warnings.items())
    ]


def encode_error(error: dict[str, Any]) -> dict[str, Any]:
    """Encode an error of a row. A code of the core becomes its reason, as the message."""
    code = error.pop("code", None)
    error.pop("warns", None)
    if code is not None and not error.get("message"):
        known = Code.__members__.get(str(code), Code.INTERNAL)
        reason = (
            "owner_not_found"
            if known is Code.REFERENCE_NOT_FOUND
            else _FORMS.get(known, (500, str(code).lower()))[1]
        )
        error["message"] = reason
    return error
