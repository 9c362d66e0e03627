"""Encryption of personal numbers: equal texts give equal bytes, so that an unchanged row is seen as one."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contactory.model.problems import Code, Problem, Refusal

_VERSION: Final = b"\x01"
_KEY_BYTES: Final = 64
_PURPOSE: Final = b"contactory personal numbers 1"
FOR_GUESSING: Final = b"contactory guessing 1"
FOR_DIGESTS: Final = b"contactory digests 1"


class UnreadableError(Exception):
    """Encrypted with another key, for another organization, or damaged."""


class Cipher:
    """Without a key only the empty text can be kept; any other is refused."""

    def __init__(self, key: bytes | None) -> None:
        self._siv = AESSIV(derive(key, _PURPOSE)) if key else None

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

    def _with_key(self) -> AESSIV:
        if self._siv is None:
            raise Refusal(Problem(code=Code.NO_ENCRYPTION_KEY))
        return self._siv


def derive(key: bytes, purpose: bytes, size: int = _KEY_BYTES) -> bytes:
    """A key for one purpose, which tells nothing of the others."""
    return HKDF(SHA512(), length=size, salt=None, info=purpose).derive(key)
