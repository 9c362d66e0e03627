"""Check whether the secret key is the one that personal numbers in the database were encrypted with."""

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
        " cannot be read, and new ones are refused. Put the former key back ({place}); if it is lost, run"
        " `contactory key accept`."
    ),
    KeyState.MISSING: (
        "There are personal numbers in the database, and no secret key: they cannot be read, and new ones are"
        " refused. Put the key back ({place})."
    ),
}


def find_fault(state: KeyState, place: str) -> str:
    """Say what is wrong with the key, "" where nothing is; `place`: where an operator puts the key back."""
    return _WRONG[state].format(place=place) if state in _WRONG else ""


def examine_key(url: str, key: bytes | None, *, keep: bool) -> KeyState:
    """`url`: the owner's. keep: a key that fits is the one to compare with from now on."""
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
    """Compare with this one from now on, whatever was encrypted with another."""
    proof.replace(url, Cipher(key).encrypt(_NOBODY, _TEXT))
