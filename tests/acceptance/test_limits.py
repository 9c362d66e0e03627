"""Refusals of calls that are too large: in the vendor's format, and without a partial write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from select import select

import pytest

from .client import BULK, Api, MakeApi, row
from .server import Server

MEGABYTE = 1 << 20
LAST = {"connection": "close"}


@pytest.fixture
def strict(make_api: MakeApi, strict_server: Server) -> Api:
    return make_api(on=strict_server)


def test_largest_number_of_rows_is_accepted(strict: Api) -> None:
    assert len(strict.store(*map(row, range(100)))) == 100


def test_too_many_rows_are_refused(strict: Api) -> None:
    response = strict.call("POST", BULK, json={"contacts": [row(number) for number in range(101)]})
    assert response.status_code == 413
    assert response.json()["error"] == {
        "code": 413,
        "messages": ["Payload too large, the limit is 100 rows, and there are 101"],
        "moreInfo": "https://www.propel.us/docs/errors/413",
        "status": 413,
        "type": "PayloadTooLarge",
    }
    assert strict.count() == 0


def test_too_many_rows_are_refused_before_their_errors_are_reported(strict: Api) -> None:
    rows = [row(number, email="nobody") for number in range(101)]
    assert strict.call("POST", BULK, json={"contacts": rows}).status_code in (400, 413)
    assert strict.count() == 0


@pytest.mark.parametrize("extra", [1, 20_000_000])
def test_too_large_body_is_refused(strict: Api, extra: int) -> None:
    body = b'{"contacts":[]}'.ljust(MEGABYTE + extra)
    said = strict.error(413, "POST", BULK, content=body, headers=LAST)
    assert said == ["Payload too large, the limit is 1 MB"]


def test_too_large_body_without_content_length_is_refused(strict: Api) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"contacts":[]}'
        for _ in range(1025):
            yield b" " * 1024

    said = strict.error(413, "POST", BULK, content=pieces(), headers=LAST)
    assert said == ["Payload too large, the limit is 1 MB"]


def test_body_of_the_largest_size_is_accepted(strict: Api) -> None:
    assert strict.call("POST", BULK, content=b'{"contacts":[]}'.ljust(MEGABYTE)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/contacts/search", "/attributes", "/attributes/bulk/name", "/oauth2/token"]
)
def test_other_endpoints_have_the_same_limit(strict: Api, path: str) -> None:
    response = strict.call("POST", path, content=b"{}".ljust(MEGABYTE + 1), headers=LAST)
    assert response.status_code == 413


def test_client_can_call_again_after_a_refusal(strict: Api, strict_server: Server) -> None:
    """Call on the same connection, or on a new one where the reply announced its end."""
    connection = HTTPConnection(strict_server.url.removeprefix("http://"), timeout=30)
    with closing(connection):
        for _ in range(5):
            connection.putrequest("POST", f"/propeller{BULK}")
            connection.putheader("authorization", f"Bearer {strict.token}")
            connection.putheader("content-length", str(2 * MEGABYTE))
            connection.endheaders()
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.send(b" " * MEGABYTE)
                select([connection.sock], [], [], 0.5)
                time.sleep(0.05)
                connection.send(b" " * MEGABYTE)
            with connection.getresponse() as reply:
                assert (reply.status, len(reply.read()) > 0) == (413, True)
            connection.request("GET", "/health")
            with connection.getresponse() as reply:
                assert (reply.status, len(reply.read()) > 0) == (200, True)
