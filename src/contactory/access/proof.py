"""A check that the secret key is the one that personal numbers in the database were encrypted with."""

from __future__ import annotations

from enum import Enum
from typing import Final

from contactory.access.cipher import Cipher
from contactory.store import proof

_TEXT: Final = "contactory"
_NOBODY: Final = 0  # No organization has that id.


class KeyState(Enum):
    FITS = "fits"
    OTHER = "other"
    MISSING = "missing"  # though something was encrypted
    UNUSED = "unused"  # no key, and nothing that needs one


_WRONG: Final = {
    KeyState.OTHER: (
        "The secret key is not the one that the personal numbers in the database were encrypted with: they"
        " cannot be read, and new ones are refused. Put the former key back ({source}); if it is lost, run"
        " `contactory key accept`."
    ),
    KeyState.MISSING: (
        "There are personal numbers in the database, and no secret key: they cannot be read, and new ones are"
        " refused. Put the key back ({source})."
    ),
}


def find_fault(state: KeyState, source: str) -> str:
    """Describe what is wrong with the key, or return "". `source`: the variable or file that has the key."""
    return _WRONG[state].format(source=source) if state in _WRONG else ""


def examine_key(url: str, key: bytes | None, *, keep: bool) -> KeyState:
    """Compare the key with the database. `url`: with the rights of the owner of the tables. `keep`: store a
    proof of a key that fits, with which keys are compared from now on."""
    found, cipher = proof.find(url), Cipher(key)
    has_secrets = found is not None and bool(found.sealed or found.number)
    if not cipher.has_key:
        return KeyState.MISSING if has_secrets else KeyState.UNUSED
    if found is None:
        return KeyState.UNUSED
    if found.sealed:
        return KeyState.FITS if cipher.read(_NOBODY, found.sealed) == _TEXT else KeyState.OTHER
    if found.number and cipher.read(found.organization_id, found.number) is None:
        return KeyState.OTHER
    if keep:
        proof.keep(url, cipher.encrypt(_NOBODY, _TEXT))
    return KeyState.FITS


def accept_key(url: str, key: bytes) -> None:
    """Make this the key that keys are compared with, whatever was encrypted with another."""
    proof.replace(url, Cipher(key).encrypt(_NOBODY, _TEXT))
