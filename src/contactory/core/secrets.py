"""Resolve: secret texts are encrypted before they go any further."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from contactory.model.bulk import BulkWrite
from contactory.model.fields import FieldType
from contactory.model.problems import Code, Problem

Seal = Callable[[int, str], bytes]
"""Encrypts a text of an organization; the same text gives the same bytes, so that it compares."""


Unseal = Callable[[int, bytes], str | None]
"""The other way round; None for what cannot be read."""


def seal_secrets(
    bulk: BulkWrite, organization_id: int, seal: Seal | None
) -> tuple[dict[str, Sequence[Any]], dict[int, Problem]]:
    """The secret columns encrypted; without a key, the rows that give one cannot be written."""
    sealed: dict[str, Sequence[Any]] = {}
    problems: dict[int, Problem] = {}
    for field, values in bulk.columns.items():
        if bulk.kind.fields[field] is not FieldType.SECRET:
            continue
        if seal is None:
            sealed[field] = [None if value is None else b"" for value in values]
            refused = Problem(code=Code.NO_ENCRYPTION_KEY, kind=bulk.kind.label, field=field)
            problems |= {row: refused for row, value in enumerate(values) if value}
        else:
            sealed[field] = [None if value is None else seal(organization_id, value) for value in values]
    return sealed, problems
