"""Random secrets, passwords and their hashes. Only hashes are stored."""

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
    """Hash a random secret. Nobody can guess it, so that it needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def hash_password(password: str) -> str:
    """Hash a password with Argon2id, which is slow, since people choose passwords that can be guessed."""
    return _passwords.hash(password)


def is_secret(secret: str, stored: bytes | None) -> bool:
    """Tell whether a secret has that hash. It takes as long where there is no hash."""
    return hmac.compare_digest(stored or _NO_SECRET, hash_secret(secret)) and stored is not None


def find_right(password: str, hashes: Sequence[str]) -> int | None:
    """Return the index of the first hash that is the password's, or None. Where there are no hashes, one is
    compared all the same, so that the time does not reveal which names have an account."""
    for index, password_hash in enumerate(hashes or [_NOBODYS_HASH]):
        if is_password(password, password_hash):
            return index if hashes else None
    return None


def is_password(password: str, password_hash: str) -> bool:
    try:
        return _passwords.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
