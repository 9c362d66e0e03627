"""What a dialect is made of: endpoints that turn requests into commands and results into replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from contactory.model.caller import Bearer, Caller, ClientSecret, Credentials, Login
from contactory.model.commands import Command
from contactory.model.grants import Grant
from contactory.model.jobs import Event
from contactory.model.problems import Code, Problem, Refusal

NOBODY: Final = Caller(0, None, None, frozenset(), "")


class Request(NamedTuple):
    """A request as a dialect sees it: header names in lower case, `version` as in Dialect.versions.

    `caller` is who asks, but for token endpoints; `callers` as in Endpoint.everywhere; `base_url` is where
    this API begins, as the client called it, without a slash at its end.
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
    """What a request asks for, and how the result is said. `announce`: what those who watch are told before
    the answer is; `afterwards`: what is done when it has been given."""

    command: Command
    encode: Callable[[Any], Reply]
    announce: Callable[[Any], Event | None] | None = None
    afterwards: Callable[[Any], Command] | None = None


class Watch(NamedTuple):
    """A WebSocket on which jobs are watched: where it is, the frames of an event, whether all the company's
    jobs are seen or only the watcher's own, and what is sent after so many seconds of silence (0: nothing).
    """

    paths: Sequence[str]
    frames: Callable[[Event], Sequence[str]]
    whole_company: bool = False
    ping: str = ""
    ping_seconds: int = 0


class Contract(NamedTuple):
    """What the API's OpenAPI document says of an endpoint: parameters of the query, by name, with their JSON
    schemas; the body, as a schema or as a type to make one of; the status of a success."""

    parameters: Mapping[str, Mapping[str, Any]] = {}
    body: Any = None
    success: int = 200


class Endpoint(NamedTuple):
    """A route; `scope` is what a limited token must have, or `instead`, with which no more than the caller's
    own is reached. `decode` raises Refusal. `knows_owners`: whether it can be limited to what is the
    caller's own; any other is refused to whoever does not reach all. `everywhere`: the command is done in
    each organization in which the caller may act, and the results are encoded as a list. One that is `hidden`
    only says what an address lacks, and is not in the API's document."""

    method: str
    path: str
    scope: str
    summary: str
    decode: Callable[[Request], Call]
    contract: Contract = Contract()
    instead: str = ""
    knows_owners: bool = False
    everywhere: bool = False
    hidden: bool = False


class TokenEndpoint(NamedTuple):
    """Where tokens are issued: credentials out of a request, the token into a reply. `path` is below each
    version, or below the dialect itself where it `stands_alone`. Tokens are good for `seconds`, or as long as
    the service's settings say."""

    path: str
    decode: Callable[[Request], ClientSecret | Login]
    encode: Callable[[Grant], Reply]
    stands_alone: bool = False
    seconds: int | None = None


class OAuth(NamedTuple):
    """Users allow clients to act in their name (RFC 6749): authorize, token and revoke are below `path`."""

    path: str
    scopes: Sequence[str]
    seconds: int  # that an access token is good for


class Dialect(Protocol):
    """One vendor's API."""

    @property
    def name(self) -> str: ...

    @property
    def versions(self) -> Sequence[str]:
        """Prefixes below each of which all routes are found; "" is none."""
        ...

    @property
    def endpoints(self) -> Sequence[Endpoint]: ...

    @property
    def token_endpoint(self) -> TokenEndpoint | OAuth: ...

    @property
    def watch(self) -> Watch | None:
        """Where jobs are watched, if there are any."""
        ...

    @property
    def refusals(self) -> Mapping[int, str]:
        """The statuses of calls that are refused, with what each means."""
        ...

    @property
    def logins(self) -> bool:
        """Whether names and passwords are taken as well as tokens."""
        ...

    def credentials(self, request: Request) -> Credentials | None:
        """What a request shows to say who calls."""
        ...

    def refuse(self, problem: Problem) -> Reply:
        """The vendor's words for a call that is refused as a whole."""
        ...


MANAGERS_ONLY: Final = (
    "This call reaches all of the organization and cannot be limited to what is the caller's own:"
    " it needs a user whose role is manager, or a token whose scopes do not say :own"
)

_RETRY_SECONDS: Final = "2"
_RETRY_DIGITS: Final = 6


def retry(problem: Problem) -> Mapping[str, str]:
    """The header of a reply that says: not at the moment."""
    if problem.code not in (Code.UNAVAILABLE, Code.TOO_MANY, Code.JOBS_BUSY):
        return {}
    told = problem.value
    is_number = told.isascii() and told.isdigit() and len(told) <= _RETRY_DIGITS
    return {"retry-after": told if is_number else _RETRY_SECONDS}


def sayable(problem: Problem) -> Problem:
    """Return the same problem in texts that every reply can hold: what clients send may be half a
    character."""
    return msgspec.structs.replace(
        problem,
        kind=_whole(problem.kind),
        field=_whole(problem.field),
        key=_whole(problem.key),
        value=_whole(problem.value),
        texts=tuple(map(_whole, problem.texts)),
    )


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def bearer(request: Request) -> Bearer | None:
    """The token of `Authorization: Bearer <token>`."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    return Bearer(token) if kind.lower() == "bearer" and token else None


def refuse_two_secrets(request: Request, form: Mapping[str, str]) -> None:
    """Raises Refusal where a client shows a secret in the header and in the form (RFC 6749, 2.3)."""
    kind, _, shown = request.headers.get("authorization", "").strip().partition(" ")
    if kind.lower() == "basic" and shown and "client_secret" in form:
        raise Refusal(Problem(code=Code.TWO_CREDENTIALS))


TWO_CREDENTIALS: Final = "Client credentials must be given once: in the header, or in the form"

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors that decoding a body raises: it is no JSON, no UTF-8, nested too deep, or of another shape. Where
that is in the body, `unreadable.find_unreadable` says."""

json_encode = msgspec.json.Encoder().encode
