"""Malicious bodies: never a 5xx, never a hang, never a partial write."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .client import BULK, Api, row
from .server import Server

PATHS = {
    "propeller": ("POST", "/propeller/contacts/bulk/sourceId"),
    "everbridge": ("PUT", "/everbridge/rest/contacts/{org}/batch"),
    "datananas": ("POST", "/datananas/contacts/bulk"),
}
GOOD = {
    "propeller": '{"contacts":[%s]}',
    "everbridge": "[%s]",
    "datananas": '{"contacts":[%s]}',
}
ROWS = {
    "propeller": '{"source":"ERP","sourceId":"1","language":"NL","lastName":%s}',
    "everbridge": '{"externalId":"1","firstName":"N","lastName":%s,"recordTypeName":"Employee"}',
    "datananas": '{"email":"x@example.org","lastName":%s}',
}


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


CRUEL: dict[str, bytes | Callable[[str], bytes]] = {
    "nothing": b"",
    "deep arrays": nested(100_000),
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep in a row": lambda api: (GOOD[api] % (ROWS[api] % nested(50_000).decode())).encode(),
    "huge number": lambda api: (GOOD[api] % (ROWS[api] % ("9" * 100_000))).encode(),
    "huge exponent": lambda api: (GOOD[api] % (ROWS[api] % "1e999999999")).encode(),
    "NUL": lambda api: (GOOD[api] % (ROWS[api] % r'"a\u0000b"')).encode(),
    "raw NUL": lambda api: (GOOD[api] % (ROWS[api] % '"a\0b"')).encode(),
    "lone surrogate": lambda api: (GOOD[api] % (ROWS[api] % r'"\ud800"')).encode(),
    "surrogates the wrong way round": lambda api: (GOOD[api] % (ROWS[api] % r'"\udc00\ud800"')).encode(),
    "no UTF-8": lambda api: (GOOD[api] % (ROWS[api] % '"?"')).encode().replace(b"?", b"\xff\xfe\xc3"),
    "overlong UTF-8": lambda api: (GOOD[api] % (ROWS[api] % '"?"')).encode().replace(b"?", b"\xc0\xaf"),
    "UTF-16": lambda api: (GOOD[api] % (ROWS[api] % '"x"')).encode("utf-16"),
    "10 MB in a text": lambda api: (GOOD[api] % (ROWS[api] % json.dumps("x" * 10_000_000))).encode(),
    "the same key thrice": lambda api: (
        GOOD[api] % (ROWS[api] % '"a","lastName":{"x":[]},"lastName":null')
    ).encode(),
    "cut off": lambda api: (GOOD[api] % (ROWS[api] % '"x"')).encode()[:-4],
    "two documents": lambda api: (GOOD[api] % (ROWS[api] % '"x"')).encode() * 2,
    "NaN": lambda api: (GOOD[api] % (ROWS[api] % "NaN")).encode(),
    "a row that is none": lambda api: (GOOD[api] % "null,1,[],true").encode(),
    "compressed": lambda api: gzip.compress((GOOD[api] % (ROWS[api] % '"x"')).encode()),
    "a bomb": gzip.compress(b" " * 50_000_000),
}


@pytest.fixture
def send(api: Api, http: httpx.Client, server: Server) -> Callable[..., httpx.Response]:
    def send(dialect: str, body: bytes, **headers: str) -> httpx.Response:
        method, path = PATHS[dialect]
        url = server.url + path.replace("{org}", str(api.organization))
        shown = {"authorization": f"Bearer {api.token}", "content-type": "application/json", **headers}
        return http.request(method, url, content=body, headers=shown)

    return send


@pytest.mark.parametrize("dialect", PATHS)
@pytest.mark.parametrize("name", CRUEL)
def test_malicious_body_is_refused_or_written_wholly(
    send: Callable[..., httpx.Response], api: Api, dialect: str, name: str
) -> None:
    made = CRUEL[name]
    body = made(dialect) if callable(made) else made
    encoding = {"content-encoding": "gzip"} if name in ("compressed", "a bomb") else {}
    begun = time.monotonic()
    reply = send(dialect, body, **encoding)
    assert reply.status_code < 500, reply.text[:500]
    assert time.monotonic() - begun < 20
    assert len(reply.content) < 100_000
    if reply.status_code >= 400:
        assert reply.json() and api.count() == 0
    assert send(dialect, b'{"contacts":[]}').status_code < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "source",
        "sourceId",
        "language",
        "email",
        "parent",
        "attributes",
        "pricing",
        "dateOfBirth",
        "externalId",
        "paths",
        "groups",
        "recordTypeId",
        "contactAttributes",
        "address",
        "linkedin",
        "vars",
        "owner",
        "id",
    ]
)


@pytest.mark.parametrize("dialect", PATHS)
def test_any_json_gets_a_response(send: Callable[..., httpx.Response], dialect: str) -> None:
    @given(
        rows=st.lists(st.dictionaries(NAMES, JSON, max_size=6), max_size=3),
        others=st.dictionaries(NAMES, JSON),
    )
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def answer(rows: list[Any], others: dict[str, Any]) -> None:
        body: Any = rows if dialect == "everbridge" else {"contacts": rows, **others}
        reply = send(dialect, json.dumps(body).encode())
        assert reply.status_code < 500, (body, reply.text)

    answer()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "x", ""]
)
def test_wrong_content_type_is_not_an_internal_error(send: Callable[..., httpx.Response], kind: str) -> None:
    body = (GOOD["propeller"] % (ROWS["propeller"] % '"x"')).encode()
    assert send("propeller", body, **{"content-type": kind}).status_code < 500


def test_sql_in_names_is_stored_as_text(api: Api) -> None:
    evil = "x'); DROP TABLE contacts; --"
    (id_,) = api.store(row(1, source=evil, lastName=evil, email="x@example.org", language="NL"))
    assert evil in str(api.get(f"/contacts/id/{id_}"))
    for path in (
        f"/contacts/{evil}/1",
        f"/contacts/sourceId/{evil}?source={evil}",
        f"/attributes/name/{evil}",
    ):
        assert 400 <= api.call("GET", path).status_code < 500
    api.call("POST", "/attributes", json={"class": "user", "name": evil, "type": "text"})
    api.call("POST", "/contacts/search", json={"searchParams": {evil: evil}, evil: evil})
    assert api.count() == 1


def test_client_that_disconnects_within_a_body_does_no_harm(api: Api, server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = (
        f"POST /propeller{BULK} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {api.token}\r\n"
        "content-type: application/json\r\ncontent-length: 5000000\r\n\r\n"
    )
    for _ in range(20):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + b'{"contacts":[' + b" " * 100_000)
    assert api.store(row(1)) and api.count() == 1
    rows = [row(number) for number in range(2000)]
    body = json.dumps({"contacts": rows}).encode()
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.replace("5000000", str(len(body))).encode() + body)
    deadline = time.monotonic() + 20
    while api.count() not in (1, 2000) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert api.count() in (1, 2000)
