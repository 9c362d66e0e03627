"""LinkedIn URLs, and the keys of the profiles that they lead to.

The page of a company or school, or the site itself, belongs to many people, so it identifies nobody.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final
from urllib.parse import unquote, urlsplit

import numpy as np

from contactory.columns.column import StringColumn
from contactory.columns.usual import match_names
from contactory.model.characters import composed, find_invisible, trim

MAX_KEY_BYTES: Final = 500

_SITE: Final = "linkedin.com/in/"
_LEAST, _MOST = 3, 100  # characters of a usual name
_USUAL: Final = re.compile(rf"https?://(?:www\.)?linkedin\.com/in/([a-z0-9-]{{{_LEAST},{_MOST}}})/?")
_OPENINGS: Final = [f"{scheme}://{host}{_SITE}" for scheme in ("https", "http") for host in ("www.", "")]
_OPENING_ENDS: Final = np.cumsum([*map(len, _OPENINGS)], dtype=np.int32)
_ALLOWED: Final = np.array([re.match("[a-z0-9-]", chr(byte)) is not None for byte in range(256)], np.uint8)
_HOST: Final = re.compile(r"(?:(?:www|m|touch|mobile|[a-z]{2}|[a-z]{2}-[a-z]{2})\.)*linkedin\.com")
_OLD_NUMBER: Final = re.compile(r"[0-9a-f]{1,3}")
_SUFFIX: Final = re.compile(
    r"[a-z]{2}(?:[-_][a-z]{2,4})?|mobile|public|overlay|detail|details|recent-activity"
)
# Member ids, as LinkedIn's API returns them: they are case-sensitive.
_MEMBER_ID: Final = re.compile(r"A[A-Z][a-zA-Z]A[A-Za-z0-9_-]{16,}")
_APPS: Final = frozenset({"mwlite", "mobile"})
# Pages to which the site redirects for one's own profile or a deleted one; words that programs write for
# none.
_NOBODY: Final = frozenset({"me", "unavailable", "undefined", "null", "none", "nan"})
_SALES: Final = frozenset({"people", "lead", "profile"})


def find_names(urls: StringColumn) -> StringColumn:
    """Return the names of profiles in URLs of the usual form, None for other texts."""
    openings = np.frombuffer("".join(_OPENINGS).encode(), np.uint8)
    found = match_names(
        urls.source, urls.starts, urls.lengths, openings, _OPENING_ENDS, _ALLOWED, _LEAST, _MOST
    )
    return StringColumn(urls.source, *found)


def find_keys(urls: StringColumn) -> StringColumn:
    """Return the keys of URLs of the usual form, None for other texts: each is part of its URL."""
    names = find_names(urls)
    named = names
    for word in _NOBODY:
        named = named.null_if(word.encode())
    size = np.int32(len(_SITE))
    lengths = np.where(named.lengths >= 0, named.lengths + size, named.lengths)
    return StringColumn(urls.source, names.starts - size, lengths)


def read_linkedin(text: str) -> str:
    """Return a URL as it is stored. Raises ValueError when the text is none."""
    if _USUAL.fullmatch(text):
        return text
    url = trim(text)
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ValueError("is not an absolute http or https URL")
    if invisible := find_invisible(url) or find_invisible("".join(_segments(parts.path))):
        raise ValueError(f"contains the character {invisible}")
    return url


def linkedin_key(url: str) -> str:
    """Return the key of the profile, the same for all spellings of its URL; "" if it is no person's."""
    usual = _USUAL.fullmatch(url)
    if usual and usual[1] not in _NOBODY:
        return f"{_SITE}{usual[1]}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    if not _HOST.fullmatch(host):
        return ""
    segments = _segments(parts.path)
    if segments and segments[0].lower() in _APPS:
        segments = segments[1:]
    path = _profile_path(segments)
    if not path:
        return ""
    key = f"linkedin.com/{path}"
    if len(key.encode()) > MAX_KEY_BYTES:
        return f"linkedin.com/#{sha256(key.encode()).hexdigest()}"
    return key


def _segments(path: str) -> list[str]:
    """Return the segments of a path, decoded and in one Unicode form."""
    return [part for segment in path.split("/") if (part := composed(trim(_unquote(segment))))]


def _unquote(segment: str) -> str:
    """Decode a segment. One that is not UTF-8 stays as it is written, so that different ones stay
    different."""
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        return segment


def _profile_path(segments: list[str]) -> str:
    match [segment.lower() for segment in segments]:
        case ["in", name, *_] if name not in _NOBODY:
            return f"in/{_name(segments[1])}"
        case ["pub", name, *rest] if name != "dir" and name not in _NOBODY:
            return _old_profile(name, rest)
        case ["sales", kind, _, *_] if kind in _SALES:
            id_ = segments[2].partition(",")[0]
            return f"sales/{_name(id_)}" if id_ else ""
        case ["talent", "profile", _, *_]:
            return f"talent/{_name(segments[2].partition(',')[0])}"
    return ""


def _old_profile(name: str, rest: list[str]) -> str:
    """Return the path of an old profile: a name, alone or with the three numbers that make it unique."""
    numbers = rest[:3]
    if len(numbers) == 3 and all(map(_OLD_NUMBER.fullmatch, numbers)):
        return "/".join(("pub", name, *numbers))
    return f"pub/{name}" if not rest or _SUFFIX.fullmatch(rest[0]) else ""


def _name(segment: str) -> str:
    return segment if _MEMBER_ID.fullmatch(segment) else composed(segment.lower())
