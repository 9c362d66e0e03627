"""Resolve: secret texts are encrypted before they go any further."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contactory.model.fields import FieldType, Kind
from contactory.model.problems import Code, Problem

Encrypt = Callable[[int, str], bytes]
"""Function that encrypts a text of an organization; the same text gives the same bytes, so that they can be
compared."""


Decrypt = Callable[[int, bytes], str | None]
"""Function that decrypts a text of an organization; None for one that cannot be read."""


def encrypt_secrets(
    kind: Kind, given: Mapping[str, Sequence[Any]], organization_id: int, encrypt: Encrypt | None
) -> tuple[dict[str, Sequence[Any]], dict[int, Problem]]:
    """Encrypt the secret columns. Without a key, the rows that give a secret have the problem
    NO_ENCRYPTION_KEY."""
    encrypted: dict[str, Sequence[Any]] = {}
    problems: dict[int, Problem] = {}
    for field, values in given.items():
        if kind.fields[field] is not FieldType.SECRET:
            continue
        if encrypt is None:
            encrypted[field] = [None if value is None else b"" for value in values]
            refused = Problem(code=Code.NO_ENCRYPTION_KEY, kind=kind.label, field=field)
            problems |= {row: refused for row, value in enumerate(values) if value}
        else:
            encrypted[field] = [
                None if value is None else encrypt(organization_id, value) for value in values
            ]
    return encrypted, problems
