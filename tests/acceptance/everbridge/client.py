"""A client of the Everbridge API, and the contacts that it sends."""

from __future__ import annotations

from typing import Any

import httpx

PHONE = 241901148045319
EMAIL = 241901148045316

Contact = dict[str, Any]


def person(external_id: str, **fields: Any) -> Contact:
    """Return a contact with the fields that a replacement requires."""
    names = {"firstName": "Nella", "lastName": "Marsh", "recordTypeName": "Employee"}
    return {"externalId": external_id, **names, **fields}


class Api:
    """A client of one organization."""

    def __init__(self, http: httpx.Client, server: str, organization: int, token: str) -> None:
        self.organization = organization
        self.token = token
        self.base = f"{server}/everbridge/rest"
        self._http = http

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request. `path` has {org} for the organization."""
        headers = {"authorization": f"Bearer {self.token}"} | request.pop("headers", {})
        url = self.base + path.replace("{org}", str(self.organization))
        return self._http.request(method, url, headers=headers, **request)

    def ask(self, method: str, path: str, body: Any = None, status: int = 200, **query: Any) -> Any:
        response = self.call(method, path, json=body, params=query)
        assert response.status_code == status, response.text
        answer = response.json()
        if status != 200 or "code" in answer:
            assert answer.get("status", status) == status
        return answer

    def put(self, *contacts: Any, status: int = 200, **query: Any) -> Any:
        return self.ask("PUT", "/contacts/{org}/batch", list(contacts), status, **query)

    def store(self, *contacts: Contact) -> list[int]:
        """Store contacts, which must all succeed, and return their ids."""
        answer = self.ask("POST", "/contacts/{org}/batch", list(contacts))
        assert answer == {"message": "OK", "code": 100}
        return [self.get(contact["externalId"])["id"] for contact in contacts]

    def get(self, external_id: str) -> Contact:
        found: Contact = self.ask("GET", f"/contacts/{{org}}/{external_id}", idType="externalId")["result"]
        return found

    def page(self, path: str = "/contacts/{org}", **query: Any) -> list[Any]:
        data: list[Any] = self.ask("GET", path, **query)["page"]["data"]
        return data

    def external_ids(self, path: str = "/contacts/{org}", **query: Any) -> list[str]:
        return [contact["externalId"] for contact in self.page(path, **query)]

    def create(self, resource: str, **body: Any) -> int:
        id_: int = self.ask("POST", f"/{resource}/{{org}}", body)["id"]
        return id_
