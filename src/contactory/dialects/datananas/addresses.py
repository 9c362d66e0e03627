"""E-mail addresses as people write them, with quotes, brackets or mailto: around them."""

from __future__ import annotations

import re
from typing import Final

from contactory.model.characters import trim

# A local part is nearly anything (decision 16 of the spec: no false refusals); a domain is labels, or a
# number in brackets.
_LABEL: Final = r"""[^\s@<>()\[\]{},;:"'\\/|`.]+"""
_ADDRESS: Final = re.compile(
    rf"""(?:[^\s@<>()\[\]{{}},;:"\\]+|"[^\s@"]+")@(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f.:]+\])"""
)
_NAMED: Final = re.compile(r"[^<>]*<([^<>]*)>")
_QUOTES: Final = {'"': '"', "'": "'", "(": ")", "[": "]"}
_PUNCTUATION: Final = ",;. \t"
_SCHEME: Final = "mailto:"


def plain_address(text: str) -> str:
    """Return the address without what mail programs, spreadsheets and web pages put around it. Raises
    ValueError when the text is no address."""
    email = trim(text)
    if not _ADDRESS.fullmatch(email):
        email = _unwrap(email)
        if not _ADDRESS.fullmatch(email):
            raise ValueError("is not an e-mail address")
    return email


def _unwrap(text: str) -> str:
    """Remove separators, a name before <..>, paired quotation marks, and mailto: with its parameters."""
    bare = _strip(text)
    if named := _NAMED.fullmatch(bare):
        bare = trim(named[1])
    if bare[:1] and _QUOTES.get(bare[0]) == bare[-1] and len(bare) > 1:
        bare = trim(bare[1:-1])
    if bare[: len(_SCHEME)].lower() == _SCHEME:
        bare = bare[len(_SCHEME) :].partition("?")[0]
    return _strip(bare)


def _strip(text: str) -> str:
    """Remove separators and invisible characters from both ends, in whatever order they come."""
    while (stripped := trim(text.strip(_PUNCTUATION))) != text:
        text = stripped
    return text
