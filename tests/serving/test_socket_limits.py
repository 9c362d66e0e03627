"""The limits on open sockets of users, organizations and unauthenticated clients."""

from __future__ import annotations

from contextlib import ExitStack

from contactory.model.caller import Caller
from contactory.model.limits import (
    SOCKETS_OF_ORGANIZATION,
    SOCKETS_OF_USER,
    SOCKETS_UNKNOWN,
    SOCKETS_UNKNOWN_HERE,
)
from contactory.serving.socket_limits import SocketLimits


def caller(organization_id: int, user_id: int | None) -> Caller:
    return Caller(organization_id, user_id, None, frozenset(), "")


def test_sockets_of_a_user_and_of_an_organization_are_bounded() -> None:
    limits = SocketLimits()
    with ExitStack() as stack:
        for number in range(SOCKETS_OF_ORGANIZATION):
            assert stack.enter_context(limits.known(caller(1, number // SOCKETS_OF_USER)))
        for user in (0, 1000, None):
            with limits.known(caller(1, user)) as has_room:
                assert not has_room
        for _ in range(SOCKETS_OF_USER):
            assert stack.enter_context(limits.known(caller(2, None)))
        with limits.known(caller(2, None)) as token, limits.known(caller(2, 1)) as user:
            assert (token, user) == (False, True)
    with limits.known(caller(1, 0)) as has_room:
        assert has_room


def test_unauthenticated_sockets_are_bounded() -> None:
    limits = SocketLimits()
    with ExitStack() as stack:
        for number in range(SOCKETS_UNKNOWN):
            with limits.unknown(f"192.0.2.{number // SOCKETS_UNKNOWN_HERE}") as has_room:
                assert has_room
            assert stack.enter_context(limits.unknown(f"192.0.2.{number // SOCKETS_UNKNOWN_HERE}"))
            if number == SOCKETS_UNKNOWN_HERE - 1:
                with limits.unknown("192.0.2.0") as has_room:
                    assert not has_room
        with limits.unknown("192.0.2.255") as has_room:
            assert not has_room
    with limits.unknown("192.0.2.0") as has_room:
        assert has_room
