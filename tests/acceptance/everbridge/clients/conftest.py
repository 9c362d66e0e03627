"""Organizations of public clients, with the numbers that are in these clients' code or settings: each is made
by `org create --id` and `import-account`, and called as the client calls it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.acceptance.everbridge.account_files import Command, Record, answer, lines
from tests.acceptance.server import Server

USER, PASSWORD = "sync{}@example.com", "pass:word ö"


class Moved:
    """An organization that was moved, as a client reaches it."""

    def __init__(self, http: httpx.Client, server: str, organization: int) -> None:
        self.organization, self.server = organization, server
        self.user, self.password = USER.format(organization), PASSWORD
        self.base = f"{server}/everbridge/rest"
        self._http = http

    @property
    def login(self) -> str:
        return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def send(self, method: str, path: str, body: Any = ..., **headers: str) -> httpx.Response:
        """Send a call whose path has {org} in the place of the organization, and a body unless it is left
        out."""
        sent = {"authorization": f"Basic {self.login}", "accept": "application/json"} | headers
        content = b"" if body is ... else json.dumps(body).encode()
        if content:
            sent |= {"content-type": "application/json"}
        url = self.base + path.replace("{org}", str(self.organization))
        return self._http.request(method, url, headers=sent, content=content)

    def ask(self, method: str, path: str, body: Any = ..., **headers: str) -> Any:
        """Answer what the client gets, which must be a success."""
        response = self.send(method, path, body, **headers)
        assert response.status_code == 200, response.text
        return response.json()

    def missing(self, method: str, path: str) -> bool:
        """Tell whether there is no such call here."""
        return self.send(method, path).status_code == 404


Move = Callable[..., Moved]


@pytest.fixture(scope="session")
def move(http: httpx.Client, server: Server, server_database: str) -> Move:
    command = Command(server_database)

    def move(organization: int, *answers: Record) -> Moved:
        made = command("org", "create", "Moved", "--id", organization)
        assert made.code == 0, made.errors
        words = ("--org", organization, "--role", "manager", "--password", PASSWORD)
        assert command("user", "create", "--email", USER.format(organization), *words).code == 0
        command.read(organization, lines(*answers))
        return Moved(http, server.url, organization)

    return move


def record_types(*types: tuple[int, str]) -> Record:
    return answer(
        "recordTypes", *({"id": id_, "name": name, "recordType": "CUSTOMIZE"} for id_, name in types)
    )


def paths(*given: tuple[int, str, str]) -> Record:
    """Delivery methods: number, prompt, type."""
    return answer(
        "contactPaths",
        *(
            {"id": 10**15 + seq, "pathId": id_, "prompt": prompt, "pathType": type_, "seq": seq}
            for seq, (id_, prompt, type_) in enumerate(given, 1)
        ),
    )


def attributes(*given: tuple[int, str]) -> Record:
    return answer(
        "contactAttributes",
        *({"id": id_, "name": name, "dataType": "STRING", "displayFormat": "F"} for id_, name in given),
    )


def groups(*given: tuple[int, str]) -> Record:
    return answer("groups", *({"id": id_, "name": name, "parentId": -1} for id_, name in given))


def contacts(*given: Record) -> Record:
    return answer("contacts", *given)
