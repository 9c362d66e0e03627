"""The headers in which proxies pass on the client's address and the called URL.

These are RFC 7239 and the older X-Forwarded headers, believed only of peers that the settings name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, NamedTuple

Networks = Sequence[IPv4Network | IPv6Network]

_PAIR: Final = re.compile(r'\s*([a-z]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))\s*', re.IGNORECASE)
_HOST: Final = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_ADDRESS_WITH_PORT: Final = re.compile(r"\[([^\]]*)\](?::.*)?|([0-9.]+):[0-9]+")


class Forwarded(NamedTuple):
    """The client's address and the called URL as a proxy passed them on; "" where it did not."""

    address: str = ""
    scheme: str = ""
    host: str = ""
    prefix: str = ""


def read_forwarded(headers: Mapping[str, str], peer: str, trusted: Networks) -> Forwarded:
    """Read the headers of a request that came from the address `peer`.

    Each proxy appends the address that it saw. Going back from the last one, they are believed up to the
    first address that is not a trusted proxy.
    """
    if not is_trusted(peer, trusted):
        return Forwarded()
    hops = _forwarded(headers["forwarded"]) if "forwarded" in headers else _x_forwarded(headers)
    forwarded = Forwarded()
    for hop in hops:
        forwarded = Forwarded(hop.address or forwarded.address, *(hop[1:]))
        if not is_trusted(hop.address, trusted):
            break
    prefix = headers.get("x-forwarded-prefix", "").rpartition(",")[2].strip().rstrip("/")
    return forwarded._replace(prefix=prefix if _PREFIX.fullmatch(prefix) else "")


def _forwarded(header: str) -> Iterator[Forwarded]:
    """Yield the elements of a Forwarded header, the nearest proxy's first."""
    for element in reversed(_split(header, ",")):
        pairs = {}
        for pair in _split(element, ";"):
            if found := _PAIR.fullmatch(pair):
                pairs[found[1].lower()] = found[2] if found[2] is not None else found[3]
        yield _hop(pairs.get("for", ""), pairs.get("proto", ""), pairs.get("host", ""))


def _x_forwarded(headers: Mapping[str, str]) -> Iterator[Forwarded]:
    """Yield the elements of X-Forwarded headers, the nearest proxy's first. A proxy may replace a list by one
    value, which then counts for all elements."""
    columns = [
        [part.strip() for part in headers.get(f"x-forwarded-{name}", "").split(",")][::-1]
        for name in ("for", "proto", "host")
    ]
    for number in range(len(columns[0])):
        yield _hop(*(column[min(number, len(column) - 1)] for column in columns))


def _hop(address: str, scheme: str, host: str) -> Forwarded:
    if found := _ADDRESS_WITH_PORT.fullmatch(address):
        address = found[1] or found[2] or ""
    return Forwarded(
        address if _is_address(address) else "",
        scheme.lower() if scheme.lower() in ("http", "https") else "",
        host if _HOST.fullmatch(host) else "",
    )


def _split(text: str, at: str) -> list[str]:
    """Split a text, but not inside quotes."""
    return re.findall(rf'(?:"[^"]*"|[^"{at}])+', text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_trusted(address: str, trusted: Networks) -> bool:
    """Tell whether an address is one of a proxy that the settings name."""
    return _is_address(address) and any(ip_address(address) in network for network in trusted)
