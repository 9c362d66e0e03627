"""A client of the Propeller API, and the rows that it sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import psycopg

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.store import access
from contactory.store.administration import Administration

BULK = "/contacts/bulk/sourceId"

Row = dict[str, Any]


def row(source_id: int | str, **fields: Any) -> Row:
    return {"source": "CRM", "sourceId": source_id, **fields}


class Api:
    """The Propeller API of one organization."""

    def __init__(self, http: httpx.Client, server: str, organization: int, token: str) -> None:
        self.organization = organization
        self.token = token
        self._http = http
        self._base = f"{server}/propeller"

    @classmethod
    def of_new_organization(cls, http: httpx.Client, server: str, database: str) -> Api:
        """Create an organization. `database`: the URL of the server's database."""
        with Administration(database) as administration:
            organization = administration.create_organization("Acme")
            token = new_token(organization)
            with administration.organization(organization) as (transaction, _):
                access.create_token(transaction, hash_secret(token), scopes=["*"])
        return cls(http, server, organization, token)

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} | request.pop("headers", {})
        return self._http.request(method, self._base + path, headers=headers, **request)

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        return _read(self.call("POST", path, json=body), status)

    def get(self, path: str, **query: str) -> Any:
        return _read(self.call("GET", path, params=query), 200)

    def error(self, code: int, method: str, path: str, **request: Any) -> list[str]:
        """Return the messages of a call that is refused with this code."""
        response = self.call(method, path, **request)
        assert response.status_code >= 400, response.text
        error = response.json()["error"]
        assert (error["code"], error["status"]) == (code, response.status_code), response.text
        messages: list[str] = error["messages"]
        return messages

    def send(self, *rows: Row, **top: Any) -> list[Any]:
        """Return the rows of the reply to a bulk call."""
        data: list[Any] = self.post(BULK, {"contacts": rows, **top})["data"]
        return data

    def store(self, *rows: Row, **top: Any) -> list[int]:
        """Store rows, all of which must be accepted, and return the ids of their contacts."""
        return _ids(self.send(*rows, **top))

    def store_companies(self, *rows: Row) -> list[int]:
        return _ids(self.post("/companies/bulk/sourceId", {"companies": rows})["data"])

    def refused(self, *rows: Any, path: str = BULK, **top: Any) -> list[str]:
        """Return the violations of the schema for which rows are refused."""
        return self.error(10007, "POST", path, json={"contacts": rows, **top})

    def contact(self, source_id: int | str, **query: str) -> Any:
        return self.get(f"/contacts/sourceId/{source_id}", **query)["data"]

    def search(self, **body: Any) -> Any:
        return self.post("/contacts/search", body)

    def count(self) -> int:
        found: int = self.search(offset=1)["itemsFound"]
        return found


MakeApi = Callable[..., Api]


def _read(response: httpx.Response, status: int) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def _ids(replies: list[Any]) -> list[int]:
    assert all(reply["success"] for reply in replies), replies
    return [reply["id"] for reply in replies]


def hold_up_writes(owner: psycopg.Connection, organization: int) -> None:
    """Delay all writes of the organization until this transaction of the database's owner ends."""
    owner.execute("SELECT pg_advisory_xact_lock(hashtextextended('contactory write', %s))", [organization])
