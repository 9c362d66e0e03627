"""A connection to the service that is kept open, so that the same process handles all calls."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Self

from contactory.demo.server import HOST

_TIMEOUT = 300.0


class CallError(Exception):
    """A call that got no response, or was refused as a whole."""


class Client:
    def __init__(self, port: int, token: str, organization: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=_TIMEOUT)
        self.port = port
        self.token = token
        self._organization = str(organization)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def call(self, method: str, path: str, body: bytes) -> bytes:
        path = path.replace("{org}", self._organization)
        try:
            self._connection.request(method, path, body, self._headers)
            response = self._connection.getresponse()
            reply = response.read()
        except (OSError, HTTPException) as error:
            raise CallError(f"{method} {path} was not answered: {error!r}.") from error
        if response.status != 200:
            text = reply[:500].decode(errors="replace")
            raise CallError(f"{method} {path} was answered with {response.status}: {text}")
        return reply
