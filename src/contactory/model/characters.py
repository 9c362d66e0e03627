"""Invisible characters in keys and names.

Two keys that look the same should be the same. So invisible characters are removed from the ends of a key,
and inside it they are an error: only the sender can know the intended key. A space is not invisible: keys of
other systems are stored exactly.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

# Control and format characters (Cc, Cf), line and paragraph separators, the default-ignorable ones of
# Unicode, and the replacement character.
_INVISIBLE: Final = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HAS: Final = re.compile(f"[{_INVISIBLE}]")
_KEY_ENDS: Final = re.compile(f"^[{_INVISIBLE}]+|[{_INVISIBLE}]+$")
_ENDS: Final = re.compile(rf"^[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+$")
# In names as people write them: joiners between letters of scripts that use them and in emoji, and variation
# selectors.
_JOINED: Final = re.compile(
    "(?<=[^\x00-\u02ff])[\u200c\u200d](?=[^\x00-\u02ff])|(?<=[^\x00-\x7f#*0-9])[\ufe0e\ufe0f]"
)
_HALF: Final = re.compile("[\ud800-\udfff]")


def trim(text: str) -> str:
    """Remove spaces and invisible characters from both ends."""
    if text.isascii() and text.isprintable():  # as nearly all are
        return text.strip()
    return _ENDS.sub("", text)


def trim_key(key: str) -> str:
    """Remove invisible characters from both ends."""
    return key if key.isascii() and key.isprintable() else _KEY_ENDS.sub("", key)


def find_invisible(text: str) -> str:
    """Return the first invisible character as its code point, such as U+200B; "" where there is none."""
    if text.isascii() and text.isprintable():
        return ""
    found = _HAS.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def show_invisible(text: str) -> str:
    """Replace each invisible character by its escape, such as \\u200b."""
    return _HAS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def find_invisible_in_name(name: str) -> str:
    """Return the first invisible character, as `find_invisible` does, of a name of a person or a thing: it
    may have joiners where its script needs them."""
    return find_invisible(_JOINED.sub("", name))


def composed(text: str) -> str:
    """Normalize a text to NFC, where Unicode has several encodings of it."""
    return text if text.isascii() else normalize("NFC", text)


def has_half_a_pair(text: str) -> bool:
    """Tell whether a text cannot be encoded in UTF-8, such as a single surrogate \\ud83d."""
    return not text.isascii() and _HALF.search(text) is not None
