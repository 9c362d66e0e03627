"""The encryption of personal numbers, for a command that works beside the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contactory.cli.key import key_of, key_source

if TYPE_CHECKING:
    from contactory.core.execute import Encryption
    from contactory.settings import Settings


def open_encryption(settings: Settings, url: str) -> tuple[Encryption, str]:
    """Return an encryption with the key that `serve` uses, and what is wrong with that key ("" for nothing).
    A key that does not fit what was encrypted before does not encrypt."""
    from contactory.access.cipher import Cipher
    from contactory.access.proof import examine_key, find_fault
    from contactory.core.execute import Encryption

    key = key_of(settings)
    cipher = Cipher(key)
    fault = find_fault(examine_key(url, key, keep=False), key_source(settings))
    return Encryption(cipher.encrypt if cipher.has_key and not fault else None, cipher.read), fault


def no_encryption() -> Encryption:
    """Return an encryption without a key, for records without personal numbers."""
    from contactory.core.execute import Encryption

    return Encryption(encrypt=None, decrypt=lambda _, __: None)
