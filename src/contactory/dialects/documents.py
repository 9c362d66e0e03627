"""Reader of JSON documents that follow each other in a stream. It keeps in memory only the value that is
being read, and not the document around it."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from math import isfinite
from typing import Any, Final, Protocol

from contactory.dialects.unreadable import find_unreadable
from contactory.model.limits import LARGEST_RECORD

_PIECE: Final = 1 << 20  # bytes that are read at a time
_SPACE: Final = re.compile(r"[ \t\r\n\ufeff]*")  # files that were concatenated have byte order marks inside
_LITERAL: Final = 16  # characters before the end, in which a value other than a text may be cut off
_GOES_ON: Final = 4  # characters after a number that show that it has ended: "1" may be followed by "e-1"
_HALF_PAIR: Final = re.compile(r"\\u[dD][89a-fA-F]")


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class DocumentError(Exception):
    """The stream is not JSON, or ends too early. `line` is counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Documents:
    """A position in the stream, and methods that read on from it. All values of an array or object must be
    read before anything that follows it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._decode = getincrementaldecoder("utf-8")().decode
        self._read_value = json.JSONDecoder(
            parse_float=_read_float, parse_constant=_refuse_constant, strict=True
        ).raw_decode
        self._text, self._at, self._counted, self._line, self._ended = "", 0, 0, 1, False

    @property
    def line(self) -> int:
        """The line of the next value."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def peek(self) -> str:
        """Return the first character of the next value; "" at the end of the stream."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None  # noqa: S101 (the pattern matches anywhere)
            self._at = found.end()
            if self._at < len(self._text) or not self._fill():
                return self._text[self._at : self._at + 1]

    def items(self) -> Iterator[None]:
        """Enter the next array. Yields once for each item, which must then be read."""
        self._expect("[")
        if self.peek() != "]":
            yield
            while self.peek() == ",":
                self._at += 1
                yield
        self._expect("]", "',' or ']'")

    def members(self) -> Iterator[str]:
        """Enter the next object. Yields the name of each member, whose value must then be read."""
        self._expect("{")
        if self.peek() != "}":
            yield self._name()
            while self.peek() == ",":
                self._at += 1
                yield self._name()
        self._expect("}", "',' or '}'")

    def value(self) -> Any:
        """Read the next value as a whole. Raises DocumentError, also for a number beyond a double, NaN and a
        lone surrogate, as in the bodies of calls."""
        if not self.peek():
            raise self._cut_off()
        while True:
            try:
                value, end = self._read_value(self._text, self._at)
            except json.JSONDecodeError as error:
                self._fill_for(error)
            except RecursionError:
                raise DocumentError(self.line, "is nested too deep") from None
            except ValueError as error:  # a number: the error has no position
                raise DocumentError(self.line, str(error)) from None
            else:
                if len(self._text) - end >= _GOES_ON or not self._fill():
                    break
        if _HALF_PAIR.search(self._text, self._at, end):
            for unreadable in find_unreadable(self._text[self._at : end].encode()):
                raise DocumentError(self.line, unreadable.reason)
        self._at = end
        return value

    def _name(self) -> str:
        if self.peek() != '"':
            raise self._unexpected("the name of a member")
        name = self.value()
        self._expect(":")
        return str(name)

    def _expect(self, character: str, wanted: str = "") -> None:
        if self.peek() != character:
            raise self._unexpected(wanted or f"'{character}'")
        self._at += 1

    def _fill_for(self, error: json.JSONDecodeError) -> None:
        """Read on if the value is incomplete. Raises DocumentError if it is wrong or too large."""
        unfinished = error.msg.startswith("Unterminated") or len(self._text) - error.pos < _LITERAL
        if not unfinished:
            self._at = error.pos
            raise DocumentError(self.line, f"is not JSON ({error.msg})")
        if len(self._text) - self._at > LARGEST_RECORD:
            raise DocumentError(self.line, f"has a value of more than {LARGEST_RECORD} characters")
        if not self._fill():
            raise DocumentError(self.line, f"is not JSON, or is cut off ({error.msg})")

    def _fill(self) -> bool:
        """Add the next piece. Return False at the end of the stream."""
        while not self._ended:
            piece = self._stream.read(_PIECE)
            self._ended = not piece
            line = self.line
            try:
                more = self._decode(piece, self._ended)
            except UnicodeDecodeError as error:
                before = piece[: error.start].count(b"\n")
                raise DocumentError(
                    line + self._text.count("\n", self._at) + before, "has bytes that are not UTF-8"
                ) from None
            if more:
                self._text = self._text[self._at :] + more
                self._at = self._counted = 0
                return True
        return False

    def _unexpected(self, wanted: str) -> DocumentError:
        found = self._text[self._at : self._at + 1]
        if not found:
            return self._cut_off()
        return DocumentError(self.line, f"has {found!r} where {wanted} is expected")

    def _cut_off(self) -> DocumentError:
        return DocumentError(self.line, "ends in the middle of a document: it is cut off")


def _read_float(written: str) -> float:
    value = float(written)
    if not isfinite(value):
        raise ValueError(f"has {written[:40]}, which is a number out of range")
    return value


def _refuse_constant(written: str) -> None:
    raise ValueError(f"has {written}, which is not a number of JSON")
