"""Neutral errors. Only a dialect turns one into a vendor's code and wording."""

from __future__ import annotations

from enum import Enum, unique

import msgspec

from contactory.model.limits import LARGEST_PAGE


@unique
class Code(Enum):
    """Kind of problem, numbered by stage: 1xx request, 2xx names, 3xx rows, 4xx access, 5xx store."""

    MALFORMED = 101  # the body is not JSON
    INVALID = 102  # the body is JSON but breaks the schema
    TOO_LARGE = 103
    BAD_VALUE = 104  # a value of the right type that is not accepted
    BAD_LOOKUP_KEY = 105
    BAD_PAGE = 106
    NOT_A_ROUTE = 107
    METHOD_NOT_ALLOWED = 108
    TOO_SLOW = 111  # the body did not arrive
    URL_TOO_LONG = 112  # `value`: the limit
    HEADERS_TOO_LARGE = 113
    COMPRESSED = 114  # the body; `value`: the encoding
    PAGE_TOO_LARGE = 115  # with the requested size; `value`: the limit
    TOO_MANY = 110  # at the moment; `value`: seconds to wait
    JOBS_BUSY = 119  # as many jobs are open as may be; `value`: seconds to wait
    LOOKUP_KEY_MISSING = 109
    NOT_FOUND = 201
    SEVERAL_FOUND = 202
    ALREADY_EXISTS = 203
    REFERENCE_NOT_FOUND = 204
    REFERENCE_AMBIGUOUS = 205
    ATTRIBUTE_NOT_FOUND = 206
    ATTRIBUTE_TYPE_MISMATCH = 207
    ATTRIBUTE_EXISTS = 208
    NOT_OWNED = 210  # it belongs to another user
    LIST_NOT_OWNED = 211
    QUOTA_EXCEEDED = 212  # `value`: which quota
    RETRIED_DIFFERENTLY = 213  # the retry key of an earlier request with another body
    TOO_MANY_SCHEMES = 214  # `key`: one that is too many; `value`: the limit
    OWNER_NOT_FOUND = 209  # the record to which a value is to be added
    KEY_OF_ANOTHER = 215  # a key of a row belongs to another record, and was left out
    ID_TAKEN = 216  # `value`: a given id that another record has, or an earlier row gives
    ID_DIFFERS = 217  # `value`: a given id; the row's record has another one
    BAD_ID = 218  # `value`: a given id that is out of bounds
    IN_USE = 219  # records refer to it, so it cannot be deleted
    UNAUTHENTICATED = 401
    BAD_CLIENT = 402  # unknown client, or a wrong secret
    FORBIDDEN = 403
    UNSUPPORTED_GRANT = 404
    REACHES_OWN_ONLY = 405  # the call cannot be limited to the caller's own records
    TWO_CREDENTIALS = 406  # a client sends credentials in two ways, of which only one could be checked
    UNAVAILABLE = 501
    STORAGE_FULL = 502
    NO_ENCRYPTION_KEY = 503
    INTERNAL = 504
    OVERDUE = 505  # the work took too long; `value`: the limit in seconds


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Problem of a row or a call. The dialects make their messages from `field`, `key` and `value`."""

    code: Code
    kind: str = ""  # label of the kind of record, such as "Contact"
    field: str = ""
    key: str = ""  # name of the lookup key, such as "sourceId"
    value: str = ""
    texts: tuple[str, ...] = ()  # complete messages, in order


class Refusal(Exception):
    """Refusal of a whole call; nothing was written."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code.name)
        self.problem = problem


def page_too_large() -> Refusal:
    """Return the refusal of a page that is too large."""
    return Refusal(Problem(code=Code.PAGE_TOO_LARGE, value=f"{LARGEST_PAGE >> 20} MB"))
