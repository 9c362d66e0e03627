"""Failures to log in, counted for all processes; `keys` are digests of 16 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contactory.model.limits import COUNTED_FAILURES, FAILURE_SECONDS, LOGIN_PLACE_DAYS
from contactory.store.database import Transaction


class Failures(NamedTuple):
    """Failures of each key, and the seconds until they are forgotten; of the first key, whether somebody has
    logged in there, and whether that was noted lately."""

    counts: Sequence[int]
    waits: Sequence[float]
    is_known: bool
    is_fresh: bool


def fold_name(transaction: Transaction, name: str) -> str:
    """A name of a user as all its spellings are looked up: by the database's own rules, as in `find_user`."""
    return str(transaction.row("fold_name", name=name)[0])


def find_failures(transaction: Transaction, keys: Sequence[bytes]) -> Failures:
    return Failures(*transaction.row("find_failures", keys=list(keys)))


def add_failure(transaction: Transaction, keys: Sequence[bytes], most: int = COUNTED_FAILURES) -> None:
    transaction.run("add_failures", keys=list(keys), seconds=FAILURE_SECONDS, most=most)


def note_login(transaction: Transaction, place: bytes) -> None:
    transaction.run("note_login", place=place, days=LOGIN_PLACE_DAYS)
