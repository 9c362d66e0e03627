"""The parts of a dialect: endpoints that turn requests into commands and results into replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from contactory.model.caller import Bearer, Caller, ClientSecret, Credentials, Login
from contactory.model.commands import Command
from contactory.model.grants import Grant
from contactory.model.jobs import Event, JobRows
from contactory.model.problems import Code, Problem, Refusal

NOBODY: Final = Caller(0, None, None, frozenset(), "")


class Request(NamedTuple):
    """A request. Header names are in lower case; `version` is one of Dialect.versions.

    `caller` is NOBODY at token endpoints. `callers` are those of an endpoint with `all_organizations`, one
    for each organization. `base_url` is the URL of this API as the client called it, without a slash at its
    end.
    """

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    version: str = ""
    caller: Caller = NOBODY
    base_url: str = ""
    callers: Sequence[Caller] = ()


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Call(NamedTuple):
    """The command of a request, and how its result is encoded. `make_event` makes the event, if any, that is
    published before the reply is sent; `afterwards` makes a command that is executed after the reply."""

    command: Command
    encode: Callable[[Any], Reply]
    make_event: Callable[[Any], Event | None] | None = None
    afterwards: Callable[[Any], Command] | None = None


class EventSocket(NamedTuple):
    """A WebSocket that sends the events of jobs.

    `frames` encodes an event. `whole_company`: a socket gets the events of all the company's jobs, and not
    only of its own user's. `ping` is sent after `ping_seconds` without an event (0: never).
    """

    paths: Sequence[str]
    frames: Callable[[Event], Sequence[str]]
    whole_company: bool = False
    ping: str = ""
    ping_seconds: int = 0


class Contract(NamedTuple):
    """An endpoint in the API's OpenAPI document: the JSON schemas of its query parameters by name, the schema
    of its body (or a type that the schema is made of), and the status of a success."""

    parameters: Mapping[str, Mapping[str, Any]] = {}
    body: Any = None
    success: int = 200


class Endpoint(NamedTuple):
    """A route.

    A limited token needs `scope`, or `instead`, with which it reaches only what is the caller's own.
    `decode` raises Refusal. `supports_owners`: the call can be limited to what is the caller's own; any
    other is refused to a caller who does not reach all. `all_organizations`: the command is executed in each
    organization in which the caller may act, and the results are encoded as a list. A `hidden` endpoint only
    reports what a URL lacks, and is not in the API's document.
    """

    method: str
    path: str
    scope: str
    summary: str
    decode: Callable[[Request], Call]
    contract: Contract = Contract()
    instead: str = ""
    supports_owners: bool = False
    all_organizations: bool = False
    hidden: bool = False


class TokenEndpoint(NamedTuple):
    """The route that issues tokens: reads credentials from a request, and encodes the token in a reply.
    `path` is below each version, or below the dialect itself if it is `outside_versions`. Tokens are valid
    for `seconds`; None: for as long as the service's settings have it."""

    path: str
    decode: Callable[[Request], ClientSecret | Login]
    encode: Callable[[Grant], Reply]
    outside_versions: bool = False
    seconds: int | None = None


class OAuth(NamedTuple):
    """The authorization server by which users allow clients to act in their name (RFC 6749): authorize, token
    and revoke are below `path`."""

    path: str
    scopes: Sequence[str]
    seconds: int  # for which an access token is valid


class Dialect(Protocol):
    """The API of a vendor."""

    @property
    def name(self) -> str: ...

    @property
    def versions(self) -> Sequence[str]:
        """The path prefixes below each of which all routes are found; "" is none."""
        ...

    @property
    def endpoints(self) -> Sequence[Endpoint]: ...

    @property
    def token_endpoint(self) -> TokenEndpoint | OAuth: ...

    @property
    def event_socket(self) -> EventSocket | None:
        """The WebSocket for events of jobs, if there is one."""
        ...

    @property
    def refusals(self) -> Mapping[int, str]:
        """The statuses of refused calls, each with its description for the OpenAPI document."""
        ...

    @property
    def logins(self) -> bool:
        """True if callers may send a name and a password instead of a token."""
        ...

    def credentials(self, request: Request) -> Credentials | None:
        """Read the caller's credentials; None if there are none."""
        ...

    def refuse(self, problem: Problem) -> Reply:
        """Encode the refusal of a whole call in the vendor's format."""
        ...


class JobDialect(Protocol):
    """A dialect whose calls are accepted as jobs."""

    @property
    def name(self) -> str: ...

    def open_job(self, content: bytes) -> JobRows | None:
        """Read the rows of a job from the content of its AcceptJob; None where they cannot be read."""
        ...


MANAGERS_ONLY: Final = (
    "This call reaches all of the organization and cannot be limited to what is the caller's own:"
    " it needs a user whose role is manager, or a token whose scopes do not say :own"
)

_RETRY_SECONDS: Final = "2"
_RETRY_DIGITS: Final = 6


def retry_headers(problem: Problem) -> Mapping[str, str]:
    """Return the Retry-After header of a call that may be repeated later; none for other problems."""
    if problem.code not in (Code.UNAVAILABLE, Code.TOO_MANY, Code.JOBS_BUSY):
        return {}
    seconds = problem.value
    is_number = seconds.isascii() and seconds.isdigit() and len(seconds) <= _RETRY_DIGITS
    return {"retry-after": seconds if is_number else _RETRY_SECONDS}


def replace_surrogates(problem: Problem) -> Problem:
    """Return the problem with "?" for lone surrogates, which clients may send and UTF-8 cannot encode."""
    return msgspec.structs.replace(
        problem,
        kind=_replace(problem.kind),
        field=_replace(problem.field),
        key=_replace(problem.key),
        value=_replace(problem.value),
        texts=tuple(map(_replace, problem.texts)),
    )


def _replace(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def bearer(request: Request) -> Bearer | None:
    """Read the token of `Authorization: Bearer <token>`; None if there is none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    return Bearer(token) if kind.lower() == "bearer" and token else None


def refuse_two_secrets(request: Request, form: Mapping[str, str]) -> None:
    """Raise Refusal (TWO_CREDENTIALS) if a secret is in the header and in the form (RFC 6749, 2.3)."""
    kind, _, credentials = request.headers.get("authorization", "").strip().partition(" ")
    if kind.lower() == "basic" and credentials and "client_secret" in form:
        raise Refusal(Problem(code=Code.TWO_CREDENTIALS))


TWO_CREDENTIALS: Final = "Client credentials must be given once: in the header, or in the form"

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors that decoding a body raises: it is no JSON, no UTF-8, nested too deep, or of another shape.
`unreadable.find_unreadable` finds where that is in the body."""

json_encode = msgspec.json.Encoder().encode
