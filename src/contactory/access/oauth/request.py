"""A request in the form that Authlib expects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization

from contactory.model.scopes import read_scopes

Parameters = Mapping[str, Sequence[str]]
"""Parameters of a query or a form: name -> all its values."""


class _Payload(OAuth2Payload):
    """The parameters, without a blank scope, which counts as none."""

    def __init__(self, parameters: Parameters) -> None:
        lists = {name: list(values) for name, values in parameters.items()}
        scopes = [" ".join(words) for text in lists.pop("scope", ()) if (words := read_scopes(text))]
        self._lists = defaultdict(list, lists | ({"scope": scopes} if scopes else {}))

    @property
    def data(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self._lists.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._lists


class Request(OAuth2Request):
    """A request whose URL always has https: TLS is the business of the proxy in front, and Authlib requires
    it."""

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
        """Return the client id of the header, or else of the parameters, or ""."""
        return self._basic_client_id or str(self.payload.client_id or "")

    @property
    def names_two_clients(self) -> bool:
        """Tell whether the request authenticates in more than one way (RFC 6749, 2.3), or names two
        clients."""
        in_form, in_header = self.payload.client_id, self._basic_client_id
        differ = bool(in_form and in_header and in_form != in_header)
        return self._is_basic and ("client_secret" in self.form or differ)

    @property
    def _is_basic(self) -> bool:
        return self.headers.get("Authorization", "").lstrip()[:6].lower() == "basic "

    @property
    def _basic_client_id(self) -> str:
        """Return the client id of the header, or "". Authlib raises ValueError for one that is not ASCII or
        not UTF-8."""
        try:
            return extract_basic_authorization(self.headers)[0] or ""
        except ValueError:
            return ""
