"""Proof of the secret key: a known text, stored encrypted, which shows whether a key is the one that the
stored personal numbers are encrypted with."""

from __future__ import annotations

from typing import NamedTuple

import psycopg

from contactory.store.queries import QUERIES


class Proof(NamedTuple):
    """Encrypted known text or, where there is none yet, an encrypted personal number and its organization."""

    sealed: bytes | None
    organization_id: int
    number: bytes | None


def find(url: str) -> Proof | None:
    """Find the proof, as the owner, who sees all organizations; None where the schema has no table for it
    yet."""
    with psycopg.connect(url, autocommit=True) as owner:
        row = owner.execute(QUERIES["has_proof_table"].encode()).fetchone()
        if not row or not row[0]:
            return None
        row = owner.execute(QUERIES["find_proof"].encode()).fetchone()
        if row:
            return Proof(row[0], 0, None)
        number = owner.execute(QUERIES["find_any_secret"].encode()).fetchone()
        return Proof(None, *number) if number else Proof(None, 0, None)


def keep(url: str, sealed: bytes) -> None:
    """Store a proof where there is none yet."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(QUERIES["add_proof"].encode(), {"sealed": sealed})


def replace(url: str, sealed: bytes) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(QUERIES["replace_proof"].encode(), {"sealed": sealed})
