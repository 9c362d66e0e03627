"""A client of the Datananas API."""

from __future__ import annotations

from typing import Any

import httpx


class Api:
    """A client with one token, of a user or of the organization itself."""

    def __init__(
        self, http: httpx.Client, server: str, organization: int, token: str, email: str = ""
    ) -> None:
        self.organization = organization
        self.token = token
        self.email = email
        self.base = f"{server}/datananas"
        self._http = http

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} | request.pop("headers", {})
        return self._http.request(method, self.base + path, headers=headers, **request)

    def ask(self, method: str, path: str, body: Any = None, status: int = 200, **query: Any) -> Any:
        response = self.call(method, path, json=body, params=query)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def create(self, status: int = 201, **fields: Any) -> Any:
        return self.ask("POST", "/contacts", fields, status)["contact"]

    def contacts(self, **query: Any) -> list[Any]:
        found: list[Any] = self.ask("GET", "/contacts", **query)["contacts"]
        return found
