"""Characters that nobody sees, in what people and things are known by.

Two keys that look alike are to be one. So what is invisible at the ends of a key is left out, and inside it
is an error: only who sent it can say what was meant. A space is not invisible: keys of other systems are
taken to the letter.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

# Controls and formats (Cc, Cf), separators of lines and paragraphs, what Unicode calls default-ignorable, and
# the mark in place of what could not be read.
_INVISIBLE: Final = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HAS: Final = re.compile(f"[{_INVISIBLE}]")
_KEY_ENDS: Final = re.compile(f"^[{_INVISIBLE}]+|[{_INVISIBLE}]+$")
_ENDS: Final = re.compile(rf"^[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+$")
# In names, as people write them: joiners between letters of scripts that have them and in emoji, and what
# says how a sign before it is drawn.
_JOINED: Final = re.compile(
    "(?<=[^\x00-\u02ff])[\u200c\u200d](?=[^\x00-\u02ff])|(?<=[^\x00-\x7f#*0-9])[\ufe0e\ufe0f]"
)
_HALF: Final = re.compile("[\ud800-\udfff]")


def trim(text: str) -> str:
    """Without spaces and invisible characters at the ends."""
    if text.isascii() and text.isprintable():  # as nearly all are
        return text.strip()
    return _ENDS.sub("", text)


def trim_key(key: str) -> str:
    """Without invisible characters at the ends."""
    return key if key.isascii() and key.isprintable() else _KEY_ENDS.sub("", key)


def find_invisible(text: str) -> str:
    """The first invisible character as its code point, such as U+200B; "" where there is none."""
    if text.isascii() and text.isprintable():
        return ""
    found = _HAS.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def show_invisible(text: str) -> str:
    """Put an escape in place of each invisible character, such as \\u200b."""
    return _HAS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def find_invisible_in_name(name: str) -> str:
    """Find the first invisible character, as `find_invisible` does, in a name that people have given: it may
    have joiners where its script needs them."""
    return find_invisible(_JOINED.sub("", name))


def composed(text: str) -> str:
    """Compose a text in one spelling where Unicode has several (NFC)."""
    return text if text.isascii() else normalize("NFC", text)


def has_half_a_pair(text: str) -> bool:
    """Tell whether a text cannot be written in UTF-8, such as \\ud83d without its other half."""
    return not text.isascii() and _HALF.search(text) is not None
