"""A request as Authlib wants to see it."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request

Parameters = Mapping[str, Sequence[str]]
"""Of the query or the form, each with all its values."""


class _Payload(OAuth2Payload):
    def __init__(self, parameters: Parameters) -> None:
        self._lists = defaultdict(list, {name: list(values) for name, values in parameters.items()})

    @property
    def data(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self._lists.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._lists


class Request(OAuth2Request):
    """Whether it came by TLS is for the proxy in front to see to: the address here says so always."""

    def __init__(self, method: str, parameters: Parameters, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(method, "https://contactory/", headers=dict(headers or {}))
        self.payload = _Payload(parameters)

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data

    @property
    def client_id(self) -> str:
        """Of the header, or else of the parameters; empty where neither has one."""
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                return base64.b64decode(text).decode().partition(":")[0]
            except ValueError:  # No base64, no ASCII or no UTF-8.
                return ""
        return str(self.payload.client_id or "")
