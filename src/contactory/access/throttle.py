"""Rate limits on failed logins (docs/decisions/0022-guessing.md).

Failures are counted in the database, for all processes of a service: per name and address, per name, and per
address. A password is not checked while one of these counts is at its limit. Only the first count matters for
an address from which that name has logged in before. A client's secret cannot be guessed, so it is always
checked; only wrong ones are limited.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from contactory.access.tokens import organization_of
from contactory.model.limits import FAILURES, FAILURES_OF_ADDRESS, FAILURES_OF_NAME
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import guessing
from contactory.store.database import Database, Transaction
from contactory.store.guessing import Failures

_DIGEST_BYTES: Final = 16
_NETWORK_BITS: Final = 64  # of an IPv6 address: one subscriber has a network of this size at least


class Visitor(NamedTuple):
    """Source of a request. `key`: the key with which names and addresses are digested."""

    address: str = ""
    key: bytes = b""


NOWHERE: Final = Visitor()


class Attempt(NamedTuple):
    """Digests under which an attempt is counted, and the limit of each.

    For a login: name and address, name, address. For a client: id and address, address.
    """

    keys: Sequence[bytes]
    limits: Sequence[int]


def login_attempt(visitor: Visitor, name: str) -> Attempt:
    """Make the attempt of a login. `name`: folded, as by `guessing.fold_name`."""
    network = _network(visitor.address)
    words = (("login", name, network), ("name", name), ("address", network))
    return Attempt(
        [_digest(visitor.key, *parts) for parts in words], (FAILURES, FAILURES_OF_NAME, FAILURES_OF_ADDRESS)
    )


def client_attempt(visitor: Visitor, client_id: str) -> Attempt:
    network = _network(visitor.address)
    words = (("client", client_id, network), ("clients", network))
    return Attempt([_digest(visitor.key, *parts) for parts in words], (FAILURES, FAILURES_OF_ADDRESS))


def check(transaction: Transaction, attempt: Attempt) -> Failures:
    """Return the failures so far. Raises Refusal (TOO_MANY; its value: seconds to wait) at a limit."""
    failures = guessing.find_failures(transaction, attempt.keys)
    compared = 1 if failures.is_known else len(attempt.keys)
    waits = [
        wait
        for count, limit, wait in zip(
            failures.counts[:compared], attempt.limits, failures.waits, strict=False
        )
        if count >= limit
    ]
    if waits:
        raise Refusal(Problem(code=Code.TOO_MANY, value=str(int(max(waits)) + 1)))
    return failures


def has_failed(database: Database, attempt: Attempt) -> None:
    with database.transaction(0) as transaction:
        guessing.add_failure(transaction, attempt.keys)


def has_succeeded(database: Database, attempt: Attempt, before: Failures) -> None:
    """Note that the name has logged in from this address, unless that is stored already."""
    if before.counts[0] or not before.is_fresh:
        with database.transaction(0) as transaction:
            guessing.note_login(transaction, attempt.keys[0])


def client_has_failed(database: Database, visitor: Visitor, client_id: str) -> None:
    """Count a wrong secret of a client. Raises Refusal (TOO_MANY) at a limit. A text that cannot be a
    client's id is not counted."""
    if organization_of(client_id) is None:
        return
    attempt = client_attempt(visitor, client_id)
    with database.transaction(0) as transaction:
        check(transaction, attempt)
        guessing.add_failure(transaction, attempt.keys)


def _network(address: str) -> str:
    """Return the part of an address that counts as one address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> _NETWORK_BITS << _NETWORK_BITS))


def _digest(key: bytes, *words: str) -> bytes:
    texts = [word.encode("utf-8", "surrogatepass") for word in words]
    message = b"".join(b"%d:%s" % (len(text), text) for text in texts)
    return blake2b(message, digest_size=_DIGEST_BYTES, key=key).digest()
