"""Links and client addresses behind proxies, trusted and others."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest

from contactory.http.edge import at_the_edge, base_url

PROXY, SECOND, CLIENT, ROGUE = "10.0.0.1", "10.0.0.2", "203.0.113.7", "198.51.100.9"
TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))
HOSTS = {"eb.example.com": "/everbridge"}
INSIDE = "http://inside:8000/everbridge"
OUTSIDE = "https://api.example.com/everbridge"
SITE = "https://contacts.example.com/crm"


def seen(
    headers: dict[str, str], peer: str = PROXY, *, base: str = "", host: str = "inside:8000"
) -> tuple[str, str]:
    """Return the client's address, and the URL at which Everbridge's API begins for it."""
    found: list[tuple[str, str]] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        found.append((scope["client"][0], base_url(scope, "everbridge", "")))

    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/rest/contacts/1",
        "raw_path": b"/rest/contacts/1",
        "client": (peer, 4711),
        "state": {},
        "headers": [(b"host", host.encode()), *given],
    }
    never: Any = None
    edge: Any = at_the_edge(application, HOSTS, TRUSTED, base)
    asyncio.run(edge(scope, never, never))
    return found[0]


@pytest.mark.parametrize(
    ("header", "client", "url"),
    [
        (f"for={CLIENT};proto=https;host=api.example.com", CLIENT, OUTSIDE),
        (
            'For="[2001:db8::7]:4711"; Proto=HTTPS; Host="api.example.com:8443"',
            "2001:db8::7",
            "https://api.example.com:8443/everbridge",
        ),
        # Of two proxies the outer one saw the client, whatever that one says before it.
        (
            f"for={ROGUE};host=evil.example, for={CLIENT};proto=https;host=api.example.com,"
            f" for={SECOND};proto=http;host=inner",
            CLIENT,
            OUTSIDE,
        ),
        # A text that is no address, scheme or host is ignored.
        ('for=_hidden;host="a/b";proto', PROXY, INSIDE),
    ],
)
def test_forwarded_header_of_a_trusted_proxy_is_used(header: str, client: str, url: str) -> None:
    assert seen({"forwarded": header}) == (client, url)


@pytest.mark.parametrize(
    ("addresses", "proto", "host", "prefix", "client", "url"),
    [
        ("", "", "", "", PROXY, INSIDE),
        ("", "https", "", "", PROXY, "https://inside:8000/everbridge"),
        (CLIENT, "https", "api.example.com", "", CLIENT, OUTSIDE),
        ("", "", "api.example.com", "/crm/", PROXY, "http://api.example.com/crm/everbridge"),
        # Of two proxies the outer one saw the client, whatever that one says before it.
        (
            f"{ROGUE}, {CLIENT}, {SECOND}",
            "http, https, http",
            "evil.example, api.example.com, inner",
            "",
            CLIENT,
            OUTSIDE,
        ),
        (f"{ROGUE}, {CLIENT}, {SECOND}", "https", "api.example.com", "", CLIENT, OUTSIDE),
        ("unknown", "javascript", "a b", "//evil.example", PROXY, INSIDE),
    ],
)
def test_x_forwarded_headers_of_a_trusted_proxy_are_used(
    addresses: str, proto: str, host: str, prefix: str, client: str, url: str
) -> None:
    given = {"for": addresses, "proto": proto, "host": host, "prefix": prefix}
    headers = {f"x-forwarded-{name}": value for name, value in given.items() if value}
    assert seen(headers) == (client, url)
    # Those of RFC 7239 have precedence.
    assert seen(headers | {"forwarded": f"for={ROGUE}"})[0] == ROGUE


@pytest.mark.parametrize("peer", [CLIENT, "::2", ""])
def test_headers_of_other_peers_are_ignored(peer: str) -> None:
    older = {"for": "10.1.1.1", "proto": "https", "host": "evil.example", "prefix": "/evil"}
    headers = {f"x-forwarded-{name}": value for name, value in older.items()}
    assert seen(headers, peer) == (peer, INSIDE)
    assert seen({"forwarded": "for=10.1.1.1;proto=https;host=evil.example"}, peer) == (peer, INSIDE)


def test_links_begin_with_the_base_url_of_the_settings() -> None:
    for peer in (CLIENT, PROXY):
        assert seen({"x-forwarded-host": "x.example"}, peer, base=SITE)[1] == f"{SITE}/everbridge"


def test_links_of_an_api_with_its_own_host_begin_at_that_host() -> None:
    own = "eb.example.com"
    assert seen({}, CLIENT, host=own) == (CLIENT, f"http://{own}")
    assert seen({}, CLIENT, host=own, base=SITE) == (CLIENT, f"https://{own}")
    assert seen({"x-forwarded-host": own, "x-forwarded-proto": "https"})[1] == f"https://{own}"
