"""Neutral errors. Only a dialect turns one into a vendor's code and wording."""

from __future__ import annotations

from enum import Enum, unique

import msgspec

from contactory.model.limits import LARGEST_PAGE


@unique
class Code(Enum):
    """What went wrong; numbered by stage: 1xx request, 2xx names, 3xx rows, 4xx access, 5xx store."""

    MALFORMED = 101  # the body is not JSON
    INVALID = 102  # the body is JSON but breaks the schema
    TOO_LARGE = 103
    BAD_VALUE = 104  # a value of the right type that cannot be taken
    BAD_LOOKUP_KEY = 105
    BAD_PAGE = 106
    NOT_A_ROUTE = 107
    METHOD_NOT_ALLOWED = 108
    TOO_SLOW = 111  # the body did not come
    URL_TOO_LONG = 112  # `value`: the limit
    HEADERS_TOO_LARGE = 113
    COMPRESSED = 114  # the body; `value`: how
    PAGE_TOO_LARGE = 115  # as it was asked for; `value`: the limit
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
    NOT_OWNED = 210  # it is another user's
    LIST_NOT_OWNED = 211
    QUOTA_EXCEEDED = 212  # `value` says which
    RETRIED_DIFFERENTLY = 213  # the same key of a retry, and another body
    TOO_MANY_SCHEMES = 214  # `key` names one that is too many; `value`: how many there may be
    OWNER_NOT_FOUND = 209  # the record that something is to be said of
    KEY_OF_ANOTHER = 215  # a key that a row shows is another record's: left out
    ID_TAKEN = 216  # `value`: a given id that another one has, or that was given before in the call
    ID_DIFFERS = 217  # `value`: a given id, and what the row means has another one
    BAD_ID = 218  # `value`: a given id that is out of bounds
    IN_USE = 219  # records refer to what is to be deleted
    UNAUTHENTICATED = 401
    BAD_CLIENT = 402  # unknown client, or a wrong secret
    FORBIDDEN = 403
    UNSUPPORTED_GRANT = 404
    REACHES_OWN_ONLY = 405  # what is asked for cannot be limited to the caller's own
    TWO_CREDENTIALS = 406  # a client shows who it is in two ways, of which only one could be looked at
    UNAVAILABLE = 501
    STORAGE_FULL = 502
    NO_ENCRYPTION_KEY = 503
    INTERNAL = 504
    OVERDUE = 505  # the work took too long; `value`: how many seconds it may take


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong. `field`, `key` and `value` are what the texts are made of."""

    code: Code
    kind: str = ""  # label of the kind of record meant, such as "Contact"
    field: str = ""
    key: str = ""  # name of the lookup key, such as "sourceId"
    value: str = ""
    texts: tuple[str, ...] = ()  # ready-made violations, in order


class Refusal(Exception):
    """The whole call is refused; nothing was written."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code.name)
        self.problem = problem


def page_too_large() -> Refusal:
    return Refusal(Problem(code=Code.PAGE_TOO_LARGE, value=f"{LARGEST_PAGE >> 20} MB"))
