"""Secrets as they are made and as they are stored. None can be read back from what is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_SECRET_BYTES: Final = 32

_passwords = PasswordHasher()


def _nobodys_hash() -> str:
    """Make a hash that no password has, and that costs as much to compare as a real one."""
    p = _passwords
    salt, digest = (b64encode(bytes(size)).decode().rstrip("=") for size in (p.salt_len, p.hash_len))
    return f"$argon2id$v=19$m={p.memory_cost},t={p.time_cost},p={p.parallelism}${salt}${digest}"


_NOBODYS_HASH: Final = _nobodys_hash()
_NO_SECRET: Final = bytes(hashlib.sha256().digest_size)


def new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_secret(secret: str) -> bytes:
    """For secrets that were made at random, which nobody can guess and so need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def hash_password(password: str) -> str:
    """For secrets that people think of."""
    return _passwords.hash(password)


def is_secret(secret: str, stored: bytes | None) -> bool:
    """Tell whether a secret has that hash; where there is no hash, this takes as much work."""
    return hmac.compare_digest(stored or _NO_SECRET, hash_secret(secret)) and stored is not None


def find_right(password: str, hashes: Sequence[str]) -> int | None:
    """The first hash that is the password's, by its place. Where there are none, one is compared all the
    same, so that the time does not tell who has an account."""
    for place, password_hash in enumerate(hashes or [_NOBODYS_HASH]):
        if is_password(password, password_hash):
            return place if hashes else None
    return None


def is_password(password: str, password_hash: str) -> bool:
    try:
        return _passwords.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
