"""Failed logins, counted for all processes. `keys` are digests of 16 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contactory.model.limits import COUNTED_FAILURES, FAILURE_SECONDS, LOGIN_PLACE_DAYS
from contactory.store.database import Transaction


class Failures(NamedTuple):
    """Failures of each key, and the seconds until they no longer count; for the first key, whether there was
    a successful login, and whether it was recorded lately."""

    counts: Sequence[int]
    waits: Sequence[float]
    is_known: bool
    is_fresh: bool


def fold_name(transaction: Transaction, name: str) -> str:
    """Fold the case of a user's name by the rules of the database, as `find_user` does."""
    return str(transaction.row("fold_name", name=name)[0])


def find_failures(transaction: Transaction, keys: Sequence[bytes]) -> Failures:
    return Failures(*transaction.row("find_failures", keys=list(keys)))


def add_failure(transaction: Transaction, keys: Sequence[bytes], most: int = COUNTED_FAILURES) -> None:
    transaction.run("add_failures", keys=list(keys), seconds=FAILURE_SECONDS, most=most)


def note_login(transaction: Transaction, place: bytes) -> None:
    transaction.run("note_login", place=place, days=LOGIN_PLACE_DAYS)
