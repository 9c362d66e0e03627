"""Problems in this vendor's codes and texts (Propeller REST docs, error tables of contacts and companies)."""

from __future__ import annotations

from typing import Final

from contactory.dialects.base import (
    MANAGERS_ONLY,
    TWO_CREDENTIALS,
    Reply,
    json_encode,
    replace_surrogates,
    retry_headers,
)
from contactory.dialects.propeller.documents import NO_JSON
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.resources import RESOURCES
from contactory.dialects.sizes import shorten
from contactory.model.problems import Code, Problem

_CODES: Final = {resource.kind.label: resource.codes for resource in RESOURCES}

# code -> (number, type, status)
_FORMS: Final[dict[Code, tuple[int, str, int]]] = {
    Code.MALFORMED: (10005, "InvalidJSONPayload", 400),
    Code.BAD_LOOKUP_KEY: (10006, "InvalidLookupKey", 400),
    Code.INVALID: (10007, "SchemaValidationException", 400),
    Code.NOT_A_ROUTE: (10008, "NotFound", 404),
    Code.PAGE_TOO_LARGE: (10015, "PaginatedResponseException", 400),
    Code.BAD_PAGE: (10015, "PaginatedResponseException", 400),
    Code.LOOKUP_KEY_MISSING: (10016, "LookupKeyNotFound", 400),
    Code.BAD_VALUE: (10017, "PayloadValidationError", 400),
    Code.NO_ENCRYPTION_KEY: (10017, "PayloadValidationError", 400),
    Code.TOO_MANY_SCHEMES: (10017, "PayloadValidationError", 400),
    Code.ATTRIBUTE_NOT_FOUND: (14001, "AttributeNotFound", 404),
    Code.ATTRIBUTE_EXISTS: (14002, "AttributeExists", 400),  # undocumented, so ours
    Code.ATTRIBUTE_TYPE_MISMATCH: (10017, "PayloadValidationError", 400),
    Code.QUOTA_EXCEEDED: (402, "QuotaExceeded", 402),
    Code.FORBIDDEN: (403, "Forbidden", 403),
    Code.REACHES_OWN_ONLY: (403, "Forbidden", 403),
    Code.METHOD_NOT_ALLOWED: (405, "MethodNotAllowed", 405),
    Code.TOO_LARGE: (413, "PayloadTooLarge", 413),
    Code.URL_TOO_LONG: (414, "URITooLong", 414),
    Code.COMPRESSED: (415, "UnsupportedMediaType", 415),
    Code.HEADERS_TOO_LARGE: (431, "RequestHeaderFieldsTooLarge", 431),
    Code.INTERNAL: (500, "InternalServerError", 500),
    Code.TOO_SLOW: (408, "RequestTimeout", 408),
    Code.TOO_MANY: (429, "TooManyRequests", 429),
    Code.UNAVAILABLE: (503, "ServiceUnavailable", 503),
    Code.OVERDUE: (504, "GatewayTimeout", 504),
    Code.STORAGE_FULL: (507, "InsufficientStorage", 507),
}

REFUSALS: Final = {
    400: "Refused: error 10005 to 10017, xx004 or xx005",
    401: "No token, or one that counts no more",
    402: "The organization may not have so many contacts",
    403: "The token does not have the scope, or the user is no manager",
    404: "Not found: error 10008, 14001, 40007, xx006 or xx007",
    405: "Another method is expected",
    408: "The body did not come in time",
    413: "The body is too large",
    414: "The address is too long",
    415: "The body is compressed",
    431: "The headers are too large",
    500: "A defect of the service",
    429: "Too many calls at the moment",
    503: "The service is not available at the moment",
    504: "The work took longer than a call may take, and nothing was stored",
    507: "The service has no room",
}


def refuse(problem: Problem) -> Reply:
    """Encode the refusal of a whole call. Wrong credentials are refused as the vendor's gateway (Apigee)
    does."""
    problem = replace_surrogates(problem)
    if problem.code is Code.UNAUTHENTICATED:
        fault = {
            "detail": {"errorcode": "oauth.v2.InvalidAccessToken"},
            "faultstring": "Invalid access token",
        }
        return Reply(401, json_encode({"fault": fault}), HEADERS | {"www-authenticate": "Bearer"})
    if problem.code in (Code.BAD_CLIENT, Code.UNSUPPORTED_GRANT, Code.TWO_CREDENTIALS):
        return _refuse_grant(problem)
    code, type_, status = _form(problem)
    error = {
        "code": code,
        "messages": list(problem.texts) or [to_message(problem)],
        "moreInfo": f"https://www.propel.us/docs/errors/{code}",
        "status": status,
        "type": type_,
    }
    return Reply(status, json_encode({"error": error}), {**HEADERS, **retry_headers(problem)})


def to_message(problem: Problem) -> str:
    """Return the text of a problem, for the messages of a reply or the `error` of a row."""
    kind, key, value, field = problem.kind, problem.key, shorten(problem.value), problem.field
    match problem.code:
        case Code.BAD_VALUE if problem.texts:
            return problem.texts[0]
        case Code.PAGE_TOO_LARGE:
            return f"A page of so many has more than {value}: ask for a smaller [offset]"
        case Code.MALFORMED:
            return NO_JSON
        case Code.TOO_LARGE:
            return f"Payload too large, the limit is {value}"
        case Code.BAD_VALUE:
            return f"Invalid value [{value}] for field [{field}]"
        case Code.NO_ENCRYPTION_KEY:
            return f"Field [{field}] cannot be stored: no encryption key that fits (CONTACTORY_SECRET_KEY)"
        case Code.BAD_LOOKUP_KEY:
            key = shorten(key)
            return f"Invalid lookup key [{key}], key must contain one of the following values: [{value}]"
        case Code.BAD_PAGE:
            return "Pagination not properly initialized"
        case Code.LOOKUP_KEY_MISSING:
            return "Lookup key not found in payload"
        case Code.NOT_A_ROUTE:
            return "Resource not found"
        case Code.METHOD_NOT_ALLOWED:
            return "Method not allowed"
        case Code.NOT_FOUND:
            return f"{kind} with {key} [{value}] not found"
        case Code.SEVERAL_FOUND:
            plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
            several = (
                "Multuple" if kind == "Contact" else "Multiple"
            )  # The vendor's typo, on that page alone.
            return f"{several} {plural.lower()} found. Please provide additional filters"
        case Code.ALREADY_EXISTS:
            return f"{kind} already exists"
        case Code.OWNER_NOT_FOUND if kind == "Company":
            return f"Parent resource [{kind}] with {key} [{value}] not found"
        case Code.OWNER_NOT_FOUND:
            return f"Parent {kind.lower()} not found"
        case Code.REFERENCE_NOT_FOUND:
            return f"Parent resource [{kind}] with {key} [{value}] not found"
        case Code.REFERENCE_AMBIGUOUS:
            return f"Parent resource [{kind}] with {key} [{value}] is not unique. Please provide its source"
        case Code.ATTRIBUTE_NOT_FOUND:
            return f"Attribute with {key} [{value}] not found."
        case Code.ATTRIBUTE_EXISTS:
            return f"Attribute with {key} [{value}] already exists."
        case Code.ATTRIBUTE_TYPE_MISMATCH:
            return f"Invalid value provided. Attribute type is [{value}]."
        case Code.FORBIDDEN:
            return f"The access token does not have the scope {value}"
        case Code.REACHES_OWN_ONLY:
            return MANAGERS_ONLY
        case Code.QUOTA_EXCEEDED:
            return "The organization may not have so many contacts"
        case Code.TOO_SLOW:
            return "The rest of the payload did not come in time"
        case Code.URL_TOO_LONG:
            return f"The address is too long, the limit is {value}"
        case Code.HEADERS_TOO_LARGE:
            return f"The headers are too large, the limit is {value}"
        case Code.COMPRESSED:
            return f"Payloads with the content encoding [{value}] are not supported, send it uncompressed"
        case Code.TOO_MANY:
            return f"Too many calls at the moment, try again in {value} seconds"
        case Code.UNAVAILABLE:
            return "The service is not available at the moment"
        case Code.STORAGE_FULL:
            return "The service has no room to store this"
        case Code.OVERDUE:
            return f"The call took more than {value} seconds and nothing of it was stored, send less at once"
        case Code.TOO_MANY_SCHEMES:
            return (
                f"Invalid value [{key}] for field [source], there may be {value} sources with their languages"
            )
        case _:
            return "Internal server error"


def _form(problem: Problem) -> tuple[int, str, int]:
    if problem.code in _FORMS:
        return _FORMS[problem.code]
    codes = _CODES.get(problem.kind, RESOURCES[0].codes)
    match problem.code:
        case Code.NOT_FOUND:
            return codes.not_found, f"{problem.kind}NotFound", 404
        case Code.SEVERAL_FOUND:
            return codes.several, f"{problem.kind}MultipleFound", 400
        case Code.ALREADY_EXISTS:
            return codes.exists, f"{problem.kind}Exists", 400
        case Code.OWNER_NOT_FOUND:
            return codes.owner_not_found, f"Parent{problem.kind}NotFound", 404
        case Code.REFERENCE_NOT_FOUND | Code.REFERENCE_AMBIGUOUS:
            return codes.parent_not_found, "ParentCompanyNotFound", 404
        case _:
            return _FORMS[Code.INTERNAL]


def _refuse_grant(problem: Problem) -> Reply:
    if problem.code is Code.BAD_CLIENT:
        body = {"Error": "ClientId is Invalid", "ErrorCode": "invalid_client"}
        return Reply(401, json_encode(body), HEADERS | {"www-authenticate": "Basic"})
    is_grant = problem.code is Code.UNSUPPORTED_GRANT
    text = f"Unsupported grant type : {shorten(problem.value)}" if is_grant else TWO_CREDENTIALS
    body = {"Error": text, "ErrorCode": "invalid_request"}
    return Reply(400, json_encode(body), HEADERS)
