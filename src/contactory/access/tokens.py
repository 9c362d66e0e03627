"""Tokens and client ids. Both begin with their organization's id, so that it is known before any lookup."""

from __future__ import annotations

import re
import secrets
from typing import Final

from contactory.model.fields import LARGEST_ID

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_TOKEN_BYTES: Final = 24
_CLIENT_ID_BYTES: Final = 12
_SHAPE: Final = re.compile(r"c([1-9a-z][0-9a-z]{0,12})_(?:[\w-]{16}|[\w-]{32})", re.ASCII)


def new_token(organization_id: int) -> str:
    return f"c{_base36(organization_id)}_{secrets.token_urlsafe(_TOKEN_BYTES)}"


def new_client_id(organization_id: int) -> str:
    return f"c{_base36(organization_id)}_{secrets.token_urlsafe(_CLIENT_ID_BYTES)}"


def organization_of(text: str) -> int | None:
    """Return the organization's id in a token or a client id, or None for a text that is neither."""
    match = _SHAPE.fullmatch(text)
    organization_id = int(match[1], 36) if match else 0
    return organization_id if 0 < organization_id <= LARGEST_ID else None


def _base36(number: int) -> str:
    if number < 1:
        raise ValueError(f"{number} is not the id of an organization")
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
