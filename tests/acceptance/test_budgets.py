"""Limits before a caller is authenticated, and limits of addresses and headers: to each bound,
and one past it, in the format of the API that is called."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from select import select
from typing import Any

import httpx
import pytest

from contactory.model.limits import (
    ANONYMOUS_BODY,
    ANONYMOUS_FIELDS,
    ANONYMOUS_PIECES,
    LARGEST_HEADERS,
    LONGEST_PATH,
    LONGEST_QUERY,
    MOST_PARAMETERS,
)

from .client import BULK, Api, MakeApi, row
from .server import Server
from .test_operations import logged, metrics

STRANGERS = (
    "/propeller/oauth2/token",
    "/propeller/v2/oauth2/token",
    "/everbridge/authorization/v1/tokens",
    "/datananas/oauth2/token",
    "/datananas/oauth2/revoke",
    "/datananas/oauth2/authorize",
)
FORM = {"content-type": "application/x-www-form-urlencoded"}

Post = Callable[..., int]


@pytest.fixture
def post(server: Server, http: httpx.Client) -> Post:
    def post(path: str, body: Any) -> int:
        headers = FORM | {"connection": "close"}
        return http.post(f"{server.url}{path}", content=body, headers=headers).status_code

    return post


@pytest.mark.parametrize("path", STRANGERS)
def test_size_and_fields_of_an_anonymous_form_are_bounded(post: Post, path: str) -> None:
    assert post(path, b"a=".ljust(ANONYMOUS_BODY, b"x")) in (400, 401)
    assert post(path, b"a=".ljust(ANONYMOUS_BODY + 1, b"x")) == 413
    assert post(path, b"&".join([b"a=1"] * ANONYMOUS_FIELDS)) in (400, 401)
    assert post(path, b"&".join([b"a=1"] * (ANONYMOUS_FIELDS + 1))) == 413


@pytest.mark.parametrize("path", STRANGERS)
def test_number_of_pieces_of_an_anonymous_form_is_bounded(post: Post, path: str) -> None:
    def pieces(count: int) -> Iterator[bytes]:
        """Yield pieces, each of which is sent at once as a chunk of its own."""
        for _ in range(count):
            yield b"a"

    assert post(path, pieces(ANONYMOUS_PIECES - 1)) in (400, 401)
    assert post(path, pieces(ANONYMOUS_PIECES + 2)) == 413


def test_anonymous_form_must_arrive_within_seconds(server: Server) -> None:
    """Send a byte often enough, so that only the whole time is too long."""
    host, port = server.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        open_ = []
        for path in STRANGERS:
            connection = stack.enter_context(closing(socket.create_connection((host, int(port)), timeout=30)))
            head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n"
            connection.sendall(head.encode())
            open_.append(connection)
        deadline, answers = time.monotonic() + 60, []
        while open_ and time.monotonic() < deadline:
            for connection in [*open_]:
                if select([connection], [], [], 0.01)[0]:
                    answers.append(connection.recv(100).split()[1])
                    open_.remove(connection)
                else:
                    connection.send(b"a")
        assert answers == [b"408"] * len(STRANGERS)


VENDORS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "propeller": ("/propeller/contacts", lambda said: said["error"]["messages"][0]),
    "everbridge": ("/everbridge/rest/contacts", lambda said: said["message"]),
    "datananas": ("/datananas/contacts", lambda said: said["message"]),
}


@pytest.mark.parametrize("name", VENDORS)
def test_length_of_addresses_and_headers_is_bounded(
    server: Server, http: httpx.Client, api: Api, name: str
) -> None:
    path, say = VENDORS[name]
    auth = {"authorization": f"Bearer {api.token}"}

    def get(path: str, **headers: str) -> httpx.Response:
        return http.get(f"{server.url}{path}", headers=auth | headers)

    long = f"{path}/".ljust(LONGEST_PATH, "1")
    assert get(long).status_code in (400, 401, 404)
    refused = get(f"{long}1")
    assert (refused.status_code, "8 KB for the path" in say(refused.json())) == (414, True)

    query = f"{path}?x=".ljust(LONGEST_QUERY + len(path) + 1, "1")
    assert get(query).status_code != 414
    refused = get(f"{query}1")
    assert (refused.status_code, "16 KB" in say(refused.json())) == (414, True)

    parameters = f"{path}?" + "&".join(["x=1"] * MOST_PARAMETERS)
    assert get(parameters).status_code != 414
    refused = get(f"{parameters}&x=1")
    assert (refused.status_code, "200 parameters" in say(refused.json())) == (414, True)

    assert get(path, **{"x-note": "1" * (LARGEST_HEADERS - 1024)}).status_code != 431
    refused = get(path, **{"x-note": "1" * LARGEST_HEADERS})
    assert (refused.status_code, "32 KB" in say(refused.json())) == (431, True)


def test_bounds_outside_the_apis_are_reported_as_plain_text(server: Server, http: httpx.Client) -> None:
    refused = http.get(f"{server.url}/nowhere?{'x' * (LONGEST_QUERY + 1)}")
    assert (refused.status_code, refused.text) == (
        414,
        "The address is too long, the limit is 16 KB for the query",
    )


BODIES: dict[str, tuple[str, str, Any]] = {
    "propeller": ("POST", f"/propeller{BULK}", {"contacts": []}),
    "everbridge": ("POST", "/everbridge/rest/contacts/{org}/batch", []),
    "datananas": ("POST", "/datananas/contacts/bulk", {"contacts": [{"email": "ada@example.org"}]}),
}


@pytest.mark.parametrize("name", BODIES)
def test_compressed_body_is_refused_and_byte_order_mark_skipped(
    server: Server, http: httpx.Client, api: Api, name: str
) -> None:
    method, path, body = BODIES[name]
    url = f"{server.url}{path.format(org=api.organization)}"

    def send(content: bytes, **headers: str) -> httpx.Response:
        auth = {"authorization": f"Bearer {api.token}", "content-type": "application/json"}
        return http.request(method, url, content=content, headers=auth | headers)

    text = json.dumps(body).encode()
    plain = send(text)
    marked = send(b"\xef\xbb\xbf" + text, **{"content-encoding": "identity"})
    assert marked.status_code == plain.status_code
    assert marked.json().keys() == plain.json().keys()
    refused = send(text, **{"content-encoding": "gzip", "connection": "close"})
    assert (refused.status_code, "gzip" in VENDORS[name][1](refused.json())) == (415, True)


def test_client_that_disconnects_is_not_logged_as_an_error(api: Api, server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = (
            f"POST /propeller{BULK} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {api.token}\r\n"
            "x-request-id: gone-1\r\ncontent-length: 100\r\n\r\n{"
        )
        connection.sendall(head.encode())
        time.sleep(0.5)
    assert logged(server, "gone-1")["status"] == 499
    said = [json.loads(line) for line in server.log.read_text().splitlines() if "gone-1" in line]
    assert [line["event"] for line in said] == ["call"]


def test_malformed_credentials_are_refused(server: Server, http: httpx.Client) -> None:
    someone = base64.b64encode(b"ada:secret").decode()
    many = http.get(
        f"{server.url}/everbridge/rest/contacts/{'9' * 5000}", headers={"authorization": f"Basic {someone}"}
    )
    assert many.status_code == 401
    for shown in (b"Basic \xff\xfe", b"Basic /w=="):
        reply = http.post(
            f"{server.url}/datananas/oauth2/token",
            content=b"grant_type=client_credentials",
            headers={b"authorization": shown, b"content-type": FORM["content-type"].encode()},
        )
        assert reply.status_code in (400, 401)


def test_metrics_have_no_label_with_text_of_a_client(server: Server, http: httpx.Client) -> None:
    http.request("FETCH1", f"{server.url}/nowhere")
    before = metrics(http, server)
    for number in range(2, 20):
        http.request(f"FETCH{number}", f"{server.url}/propeller/nowhere/{number}")
    after = metrics(http, server)
    assert after.keys() == before.keys()
    name = 'contactory_call_seconds_count{method="other",route="none",status="404"}'
    assert after[name] == before[name] + 18
    assert not [name for name in after if "FETCH" in name]


def test_head_has_the_response_of_get_without_a_body(server: Server, http: httpx.Client, api: Api) -> None:
    for path in ("/health", "/ready", "/metrics", "/propeller/openapi.json"):
        reply = http.head(f"{server.url}{path}")
        assert (reply.status_code, reply.content) == (200, b"")
        assert int(reply.headers["content-length"]) > 0
    assert api.store(row(1))
    headers = {"authorization": f"Bearer {api.token}"}
    assert http.head(f"{server.url}/propeller/contacts/source/1", headers=headers).status_code != 405
    assert http.head(f"{server.url}/propeller{BULK}", headers=headers).status_code == 405


@pytest.mark.parametrize("path", ["/schema", "/schema/openapi.json", "/schema/swagger"])
def test_only_the_apis_have_openapi_documents(server: Server, http: httpx.Client, path: str) -> None:
    assert http.get(f"{server.url}{path}").status_code == 404


def test_setting_for_the_largest_body_does_not_apply_to_anonymous_forms(
    make_api: MakeApi, strict_server: Server
) -> None:
    strict = make_api(on=strict_server)
    form = b"x" * (ANONYMOUS_BODY + 1)
    said = strict.error(413, "POST", "/oauth2/token", content=form, headers={"connection": "close"})
    assert said == ["Payload too large, the limit is 16 KB"]
