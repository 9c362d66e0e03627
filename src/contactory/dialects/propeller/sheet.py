"""The rows of a bulk body as a sheet of values that still lie in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from contactory.compiled import Ints
from contactory.compiled.lexer import QUOTE
from contactory.compiled.rows import Layout, Scanned, Scanner, Shape, Unusual
from contactory.compiled.values import SEED, number_alike
from contactory.model.packed import Packed, SomeRows, Texts, take

_BLANK: Final = rb"[ \t\n\r]*"
_CLOSING: Final = re.compile(_BLANK + rb"\}" + _BLANK)


class Unclosed(Exception):
    """A body has more than rows, or less than its end."""


class Unfit(Exception):
    """A value is not as it must be."""


class Form(NamedTuple):
    """What a body looks like up to its rows, and what they may have."""

    opening: re.Pattern[bytes]
    layout: Layout


def make_form(rows_key: str, shapes: Mapping[str, Shape]) -> Form:
    opening = rb"\{%s\"%s\"%s:%s" % (_BLANK, rows_key.encode(), _BLANK, _BLANK)
    return Form(re.compile(_BLANK + opening), Layout(shapes))


class Sheet:
    """Columns are asked for by their wire names. `sent`: the rows as they were sent, where the body is one
    that was written anew of them."""

    def __init__(
        self, body: bytes, fields: Mapping[str, int], scanned: Scanned, sent: Sequence[bytes] = ()
    ) -> None:
        self._body = body
        self._fields = fields
        self._scanned = scanned
        self._sent = sent

    @classmethod
    def join(cls, sheets: Sequence[Sheet]) -> Sheet:
        """The rows of some sheets of one body."""
        first = sheets[0]
        scanned = first._scanned._replace(
            objects=np.concatenate([sheet._scanned.objects for sheet in sheets]),
            starts=np.concatenate([sheet._scanned.starts for sheet in sheets], axis=1),
            lengths=np.concatenate([sheet._scanned.lengths for sheet in sheets], axis=1),
        )
        return cls(first._body, first._fields, scanned, [row for sheet in sheets for row in sheet._sent])

    def __len__(self) -> int:
        return len(self._scanned.objects)

    def take(self, rows: SomeRows | Ints) -> Sheet:
        place: Any = slice(rows.start, rows.stop) if isinstance(rows, range) else rows
        source, objects, starts, lengths = self._scanned
        scanned = Scanned(source, objects[place], starts[:, place], lengths[:, place])
        sent = [self._sent[row] for row in rows] if self._sent else ()
        return Sheet(self._body, self._fields, scanned, sent)

    def written_from(self, sent: Sequence[bytes]) -> Sheet:
        """Return the same rows, with the objects `sent` that they were written anew from."""
        return Sheet(self._body, self._fields, self._scanned, sent)

    def given(self) -> set[str]:
        """The keys that some row has."""
        are_given: list[bool] = np.any(self._scanned.lengths >= 0, axis=1).tolist()
        return {key for key, is_given in zip(self._fields, are_given, strict=True) if is_given}

    def has(self, key: str) -> bool:
        """Whether some row gives it."""
        return self.texts(key).has_any()

    def has_in_all(self, key: str) -> bool:
        """Whether all rows give it."""
        return bool(self._lengths(key).min(initial=0) >= 0)

    def has_empty(self, key: str) -> bool:
        """Whether some row gives nothing more than "" for it."""
        return 0 in self._lengths(key)

    def texts(self, key: str) -> Texts:
        """Numbers are the texts that they are written as."""
        return Texts(self._scanned.source, self._scanned.starts[self._fields[key]], self._lengths(key))

    def documents(self, key: str) -> Packed[bytes]:
        """Objects or arrays as they are written, which may be wrong in themselves."""
        return Packed(self._scanned.source, self._scanned.starts[self._fields[key]], self._lengths(key))

    def as_sent(self, key: str) -> Packed[bytes]:
        """Texts with their quotes, and numbers; where all rows give it."""
        texts = self.texts(key)
        is_quoted = texts.source[texts.starts - 1] == QUOTE
        sent = Packed[bytes](texts.source, texts.starts - is_quoted, texts.lengths + 2 * is_quoted)
        are_escaped = (texts.starts >= len(self._body)).tolist()
        if not any(are_escaped):
            return sent
        rows = zip(are_escaped, texts, sent, strict=True)
        return Packed.of([msgspec.json.encode(text) if is_ else written for is_, text, written in rows])

    def number_alike(self, *keys: str) -> tuple[Ints, Sheet]:
        """A number for each row, the same where what it has under the keys is written the same, and the first
        row of each number."""
        chosen = [self._fields[key] for key in keys]
        source, _, starts, lengths = self._scanned
        numbers, firsts = number_alike(source, starts[chosen], lengths[chosen], SEED)
        return numbers, self.take(firsts)

    def digests(self, seed: int, rows: SomeRows) -> bytes:
        """16 bytes of each of some rows, by how they were sent."""
        if self._sent:
            return b"".join([xxh3_128_digest(row, seed) for row in take(self._sent, rows)])
        body, objects = memoryview(self._body), take(self._scanned.objects, rows).tolist()
        return b"".join([xxh3_128_digest(body[start:end], seed) for start, end in objects])

    def give_any(self, keys: Sequence[str], rows: SomeRows) -> npt.NDArray[np.bool_]:
        """Tell for each of some rows whether it gives more than "" for one of the keys."""
        given = np.zeros(len(rows), bool)
        for key in keys:
            given |= take(self._lengths(key), rows) > 0
        return given

    def _lengths(self, key: str) -> Ints:
        lengths: Ints = self._scanned.lengths[self._fields[key]]
        return lengths


def read_sheets(form: Form, body: bytes, most: int) -> Iterator[Sheet]:
    """Of at most so many rows each, one at least. Raises Unusual where these are not as in the form, or
    Unclosed where more follows."""
    opening = form.opening.match(body)
    if opening is None:
        raise Unusual
    scanner = Scanner(body, opening.end(), form.layout)
    for scanned in scanner.slices(most):
        yield Sheet(body, form.layout.fields, scanned)
    if not _CLOSING.fullmatch(body, scanner.at):
        raise Unclosed
