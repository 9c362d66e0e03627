"""JSON by regular expressions, and by the standard library's decoder."""

from __future__ import annotations

import json
import re
from typing import Final

from contactory.columns.jit import Bytes, Ints, OutBuffer

TEXT: Final = rb'"(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"'
INTEGER: Final = rb"(?:0|-?[1-9][0-9]{0,4299})(?![0-9])"  # canonical, of as many digits as Python reads
OPENING: Final = rb"(?P<object>\{)|\["
_NESTED: Final = re.compile(rb'%s|["{}\[\]]' % TEXT, re.DOTALL)


class Unusual(Exception):
    """The bytes are no JSON, or not in the usual form."""


class Cursor:
    """A position in `source`, up to `end`."""

    def __init__(self, source: Bytes, at: int, end: int) -> None:
        self.at = at
        self.end = end
        self._source = source.data

    def take(self, pattern: bytes) -> re.Match[bytes] | None:
        """Move behind blanks and the pattern, whose bytes are the group `token`, if that is what follows."""
        found = re.compile(rb"[ \t\n\r]*(?P<token>%s)" % pattern, re.DOTALL).match(
            self._source, self.at, self.end
        )
        if found:
            self.at = found.end()
        return found

    def expect(self, pattern: bytes) -> re.Match[bytes]:
        """Take what must follow. Raises Unusual."""
        if found := self.take(pattern):
            return found
        raise Unusual

    def take_nested(self, start: int) -> tuple[int, int]:
        """Move behind the object or array at `start`, and return its start and length; its insides are not
        checked, and brackets of both kinds count alike. Raises Unusual."""
        depth = 0
        for found in _NESTED.finditer(self._source, start, self.end):
            if found[0] == b'"':
                break  # A text without an end.
            depth += (found[0] in (b"{", b"[")) - (found[0] in (b"}", b"]"))
            if depth == 0:
                self.at = found.end()
                return start, self.at - start
        raise Unusual


class Texts:
    """A place for texts without their escapes: `out`, of which `used[0]` bytes are used, is the source from
    `base` on."""

    def __init__(self, out: OutBuffer, used: Ints, base: int) -> None:
        self._out = out
        self._used = used
        self._base = base

    def place(self, found: re.Match[bytes]) -> tuple[int, int]:
        """Return start and length of a TEXT in UTF-8. Raises Unusual where it is not valid, has U+0000, or
        has escapes and all bytes up to the end might not find place."""
        text, start = decode(found["token"]), found.start("text")
        if b"\\" not in found["text"]:
            return start, len(text)
        used = int(self._used[0])
        if used + found.endpos - start > len(self._out):
            raise Unusual
        self._out[used : used + len(text)] = bytearray(text)
        self._used[0] += len(text)
        return self._base + used, len(text)


def decode(written: bytes) -> bytes:
    """Return in UTF-8 what a text in quotes says. Raises Unusual."""
    try:
        text: bytes = json.loads(written.decode()).encode()
    except ValueError:
        raise Unusual from None
    if b"\0" in text:
        raise Unusual
    return text
