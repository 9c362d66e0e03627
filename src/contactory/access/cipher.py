"""Encryption of personal numbers, and of the digests of rows that have one.

Equal texts give equal bytes, so that an unchanged row is recognized. Digests are encrypted so that nobody can
find a personal number by trying all of them.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contactory.model.problems import Code, Problem, Refusal

_VERSION: Final = b"\x01"
_KEY_BYTES: Final = 64
_PURPOSE: Final = b"contactory personal numbers 1"
FOR_GUESSING: Final = b"contactory guessing 1"
_FOR_DIGESTS: Final = b"contactory digests 1"
_AES_BYTES: Final = 32


class UnreadableError(Exception):
    """Stored bytes that were encrypted with another key or for another organization, or that are damaged."""


class Cipher:
    """Encryption with one secret key. Without a key only the empty text can be encrypted."""

    def __init__(self, key: bytes | None) -> None:
        self._siv = AESSIV(derive(key, _PURPOSE)) if key else None
        self._digest_key = derive(key, _FOR_DIGESTS) if key else b""

    @property
    def has_key(self) -> bool:
        return self._siv is not None

    def encrypt(self, organization_id: int, text: str) -> bytes:
        """Raises Refusal (NO_ENCRYPTION_KEY) when there is no key."""
        if not text:
            return b""
        return _VERSION + self._with_key().encrypt(text.encode(), [str(organization_id).encode()])

    def decrypt(self, organization_id: int, stored: bytes) -> str:
        """Raises UnreadableError, or Refusal (NO_ENCRYPTION_KEY) when there is no key."""
        if not stored:
            return ""
        if stored[:1] != _VERSION:
            raise UnreadableError(f"encrypted in an unknown way ({stored[0]})")
        try:
            text = self._with_key().decrypt(stored[1:], [str(organization_id).encode()])
        except (InvalidTag, ValueError) as error:
            raise UnreadableError("encrypted with another key, or damaged") from error
        return text.decode()

    def read(self, organization_id: int, stored: bytes) -> str | None:
        """Decrypt like `decrypt`, but return None when that fails or there is no key."""
        try:
            return self.decrypt(organization_id, stored)
        except (UnreadableError, Refusal):
            return None

    def hide(self, organization_id: int, digests: bytes) -> bytes:
        """Encrypt digests of 16 bytes each, one by one. Equal digests stay equal, and are useless to anyone
        without the key."""
        key = derive(self._digest_key + str(organization_id).encode(), _FOR_DIGESTS, _AES_BYTES)
        return BlockCipher(AES(key), ECB()).encryptor().update(digests)  # noqa: S305 (each is a single block)

    def _with_key(self) -> AESSIV:
        if self._siv is None:
            raise Refusal(Problem(code=Code.NO_ENCRYPTION_KEY))
        return self._siv


def derive(key: bytes, purpose: bytes, size: int = _KEY_BYTES) -> bytes:
    """Derive the key for one purpose, from which no other key can be computed."""
    return HKDF(SHA512(), length=size, salt=None, info=purpose).derive(key)
