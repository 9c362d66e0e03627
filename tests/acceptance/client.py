"""A client of the Propeller API, and the rows that it sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

Row = dict[str, Any]


def contact(source_id: int | str, **fields: Any) -> Row:
    return {"source": "CRM", "sourceId": source_id, **fields}


class Api:
    """What one organization sends, and what it gets back."""

    def __init__(self, http: httpx.Client, server: str, organization: int, token: str) -> None:
        self.organization = organization
        self.headers = {"authorization": f"Bearer {token}"}
        self._http = http
        self._base = f"{server}/propeller"

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = self.headers | request.pop("headers", {})
        return self._http.request(method, self._base + path, headers=headers, **request)

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        return _read(self.call("POST", path, json=body), status)

    def get(self, path: str, status: int = 200, **query: str) -> Any:
        return _read(self.call("GET", path, params=query), status)

    def bulk(self, rows: Sequence[Row], **top: Any) -> Any:
        return self.post("/contacts/bulk/sourceId", {"contacts": rows, **top})

    def send(self, *rows: Row, **top: Any) -> list[Any]:
        """The rows of the reply to a bulk call."""
        data: list[Any] = self.bulk(rows, **top)["data"]
        return data

    def store(self, *rows: Row, **top: Any) -> list[int]:
        """The ids of contacts that must all be taken."""
        replies = self.send(*rows, **top)
        assert all(reply["success"] for reply in replies), replies
        return [reply["id"] for reply in replies]

    def companies(self, *rows: Row) -> list[Any]:
        data: list[Any] = self.post("/companies/bulk/sourceId", {"companies": rows})["data"]
        return data

    def refused(self, body: Any, path: str = "/contacts/bulk/sourceId") -> list[str]:
        """The violations of the schema by which a body is refused."""
        return self.error(10007, "POST", path, json=body)

    def error(self, code: int, method: str, path: str, **request: Any) -> list[str]:
        """The messages of a call that is refused with this code."""
        response = self.call(method, path, **request)
        error = response.json()["error"]
        assert (error["code"], error["status"]) == (code, response.status_code), response.text
        messages: list[str] = error["messages"]
        return messages

    def contact(self, source_id: int | str, **query: str) -> Any:
        return self.get(f"/contacts/sourceId/{source_id}", **query)["data"]

    def find(self, **search: Any) -> Any:
        return self.post("/contacts/search", search)


def _read(response: httpx.Response, status: int) -> Any:
    assert response.status_code == status, response.text
    return response.json()
