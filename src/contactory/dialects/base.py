"""What a dialect is made of: endpoints that turn requests into commands and results into replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from contactory.model.commands import Command
from contactory.model.grants import Grant
from contactory.model.problems import Problem


class Request(NamedTuple):
    """A request as a dialect sees it: header names in lower case, `version` as in Dialect.versions."""

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    version: str = ""


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Call(NamedTuple):
    """What a request asks for, and how the result is said."""

    command: Command
    encode: Callable[[Any], Reply]


class Endpoint(NamedTuple):
    """A route; `scope` is what a limited token must have. `decode` raises Refusal."""

    method: str
    path: str
    scope: str
    summary: str
    decode: Callable[[Request], Call]


class TokenEndpoint(NamedTuple):
    """The OAuth 2.0 client credentials grant: credentials out of a request, the token into a reply."""

    path: str
    decode: Callable[[Request], tuple[str, str]]
    encode: Callable[[Grant], Reply]


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
    def token_endpoint(self) -> TokenEndpoint: ...

    def refuse(self, problem: Problem) -> Reply:
        """The vendor's words for a call that is refused as a whole."""
        ...


json_encode = msgspec.json.Encoder().encode
