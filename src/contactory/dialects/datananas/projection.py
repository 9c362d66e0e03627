"""`projectionFields`: the references that are shown as objects instead of ids or e-mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from contactory.dialects.datananas.problems import wrong
from contactory.model.caller import Caller
from contactory.model.problems import Code, Problem, Refusal

NAME: Final = "projectionFields"
_SCOPES: Final = {"list": "lists:read", "owner": "users:read"}


def read_projection(
    caller: Caller, query: Mapping[str, Sequence[str]], fields: Sequence[str] = ("list", "owner")
) -> frozenset[str]:
    """Read the names of fields, separated by commas or in several parameters.

    Raises Refusal (INVALID) for an unknown name, and (FORBIDDEN) when the token may not read what a field
    refers to.
    """
    names = {word.strip() for text in query.get(NAME, ()) for word in text.split(",")} - {""}
    unknown = sorted(names - set(fields))
    if unknown:
        raise wrong(NAME, f"{', '.join(unknown)[:200]}: only {' and '.join(fields)} can be shown as objects")
    for field in sorted(names):
        if not caller.may(_SCOPES[field]):
            raise Refusal(Problem(code=Code.FORBIDDEN, value=_SCOPES[field]))
    return frozenset(names)
