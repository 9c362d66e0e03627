"""Encryption of personal numbers: equal texts give equal bytes, so that an unchanged row is seen as one. And
of the digests of rows that have one, so that nobody can search them for it."""

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
    """Encrypted with another key, for another organization, or damaged."""


class Cipher:
    """Without a key only the empty text can be kept; any other is refused."""

    def __init__(self, key: bytes | None) -> None:
        self._siv = AESSIV(derive(key, _PURPOSE)) if key else None
        self._digest_key = derive(key, _FOR_DIGESTS) if key else b""

    @property
    def has_key(self) -> bool:
        return self._siv is not None

    def encrypt(self, organization_id: int, text: str) -> bytes:
        if not text:
            return b""
        return _VERSION + self._with_key().encrypt(text.encode(), [str(organization_id).encode()])

    def decrypt(self, organization_id: int, stored: bytes) -> str:
        if not stored:
            return ""
        if stored[:1] != _VERSION:
            raise UnreadableError(f"encrypted in a way that is not known ({stored[0]})")
        try:
            text = self._with_key().decrypt(stored[1:], [str(organization_id).encode()])
        except (InvalidTag, ValueError) as error:
            raise UnreadableError("encrypted with another key, or damaged") from error
        return text.decode()

    def read(self, organization_id: int, stored: bytes) -> str | None:
        """Decrypt like `decrypt`, but answer None for what cannot be read, for want of a key too."""
        try:
            return self.decrypt(organization_id, stored)
        except (UnreadableError, Refusal):
            return None

    def hide(self, organization_id: int, digests: bytes) -> bytes:
        """Digests of 16 bytes each, encrypted one by one: a keyed permutation of them, so that they compare,
        and tell nothing to who lacks the key."""
        key = derive(self._digest_key + str(organization_id).encode(), _FOR_DIGESTS, _AES_BYTES)
        return BlockCipher(AES(key), ECB()).encryptor().update(digests)  # noqa: S305 (each is a single block)

    def _with_key(self) -> AESSIV:
        if self._siv is None:
            raise Refusal(Problem(code=Code.NO_ENCRYPTION_KEY))
        return self._siv


def derive(key: bytes, purpose: bytes, size: int = _KEY_BYTES) -> bytes:
    """A key for one purpose, which tells nothing of the others."""
    return HKDF(SHA512(), length=size, salt=None, info=purpose).derive(key)
