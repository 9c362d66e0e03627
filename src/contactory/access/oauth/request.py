"""A request as Authlib wants to see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization

from contactory.model.scopes import read_scopes

Parameters = Mapping[str, Sequence[str]]
"""Of the query or the form, each with all its values."""


class _Payload(OAuth2Payload):
    """A scope that is blank, in whatever white space, is as good as none, and is not here."""

    def __init__(self, parameters: Parameters) -> None:
        given = {name: list(values) for name, values in parameters.items()}
        scopes = [" ".join(words) for text in given.pop("scope", ()) if (words := read_scopes(text))]
        self._lists = defaultdict(list, given | ({"scope": scopes} if scopes else {}))

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
        return self._basic_client_id or str(self.payload.client_id or "")

    @property
    def names_two_clients(self) -> bool:
        """Tell whether the request shows more than one way of authentication (RFC 6749, 2.3), or two
        clients."""
        named, shown = self.payload.client_id, self._basic_client_id
        return self._is_basic and ("client_secret" in self.form or bool(named and shown and named != shown))

    @property
    def _is_basic(self) -> bool:
        return self.headers.get("Authorization", "").lstrip()[:6].lower() == "basic "

    @property
    def _basic_client_id(self) -> str:
        """Read the client id of the header by way of Authlib, which raises ValueError for what is not ASCII
        or not UTF-8."""
        try:
            return extract_basic_authorization(self.headers)[0] or ""
        except ValueError:
            return ""
