"""The encryption of personal numbers, for a command that works beside the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contactory.cli.key import key_of, place_of

if TYPE_CHECKING:
    from contactory.core.execute import Vault
    from contactory.settings import Settings


def open_vault(settings: Settings, url: str) -> tuple[Vault, str]:
    """Return a vault with the key that `serve` uses, and what is wrong with that key, "" for nothing. Nothing
    is encrypted with a key that does not fit what was encrypted before."""
    from contactory.access.cipher import Cipher
    from contactory.access.proof import examine_key, find_fault
    from contactory.core.execute import Vault

    key = key_of(settings)
    cipher = Cipher(key)
    fault = find_fault(examine_key(url, key, keep=False), place_of(settings))
    return Vault(cipher.encrypt if cipher.has_key and not fault else None, cipher.read), fault


def closed_vault() -> Vault:
    """Return a vault for what has no personal numbers."""
    from contactory.core.execute import Vault

    return Vault(seal=None, unseal=lambda _, __: None)
