"""Objects of one level of a batch, with the values of their members as columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from contactory.columns.column import BytesColumn, RowNumbers, StringColumn
from contactory.columns.document import Document, Fields, ValueKind, are_kinds
from contactory.columns.jit import Ints
from contactory.columns.values import SEED, number_alike
from contactory.dialects.base import UNREADABLE, json_encode
from contactory.dialects.everbridge.fields import kinds_of
from contactory.dialects.everbridge.values import ItemError, text

Value = TypeVar("Value")
Flags = npt.NDArray[np.bool_]

_MOST_DIGITS: Final = 18  # of a number whose digits are its text
_SIMPLE: Final = (ValueKind.TEXT, ValueKind.INTEGER, ValueKind.NUMBER, ValueKind.TRUE, ValueKind.FALSE)


class _Items(NamedTuple):
    parents: RowNumbers
    starts: Ints
    lengths: Ints
    kinds: npt.NDArray[Any]


class Objects:
    """Objects of one type. `parents`: the row that each is in, ascending. `odd`: those with anything unusual,
    which the exact reader is going to read; their values here may be anything."""

    def __init__(
        self, document: Document, type_: type[msgspec.Struct], fields: Fields, parents: RowNumbers, odd: Flags
    ) -> None:
        self.document = document
        self.parents = parents
        self.odd = odd
        self._type = type_
        self._fields = fields

    @classmethod
    def scan(
        cls,
        document: Document,
        type_: type[msgspec.Struct],
        starts: Ints,
        lengths: Ints,
        parents: RowNumbers,
    ) -> Objects:
        """Make the objects of their ranges. Anything else than an object is odd."""
        children = document.children(starts, lengths)
        names = {name: number for number, name in enumerate(type_.__struct_fields__)}
        fields = children.fields(lambda key: names.get(key, -1), len(names))
        present = [names[name] for name in children.names if name in names]
        kinds, allowed = fields.kinds[present], kinds_of(type_)[present]
        odd = children.odd | fields.repeated
        odd |= ~allowed[np.arange(len(present))[:, None], kinds].all(axis=0)
        odd |= (are_kinds(kinds, ValueKind.INTEGER) & (fields.lengths[present] > _MOST_DIGITS)).any(axis=0)
        return cls(document, type_, fields, parents, odd)

    def __len__(self) -> int:
        return len(self.parents)

    def take(self, rows: RowNumbers) -> Objects:
        source, starts, lengths, kinds, repeated = self._fields
        fields = Fields(source, starts[:, rows], lengths[:, rows], kinds[:, rows], repeated[rows])
        return Objects(self.document, self._type, fields, self.parents[rows], self.odd[rows])

    def adopt(self, items: Objects) -> None:
        """Mark the objects that odd ones of the next level are in."""
        self.odd[items.parents[items.odd]] = True

    def kinds(self, name: str) -> npt.NDArray[np.uint8]:
        kinds: npt.NDArray[np.uint8] = self._fields.kinds[self._number(name)]
        return kinds

    def written(self, name: str) -> BytesColumn[bytes]:
        """Return the values of a member as they are written, texts without quotes and escapes."""
        number = self._number(name)
        return BytesColumn(self._fields.source, self._fields.starts[number], self._fields.lengths[number])

    def texts(self, name: str, most: int) -> StringColumn:
        """Return a member as `values.text` reads it, None where there is none."""
        kinds, column = self.kinds(name), self.written(name)
        if not kinds.any():
            return StringColumn(column.source, column.starts, column.lengths)
        self.odd |= are_kinds(kinds, ValueKind.NUMBER)
        is_text = are_kinds(kinds, ValueKind.TEXT, ValueKind.INTEGER)
        lengths = np.where(is_text, column.lengths, np.minimum(column.lengths, np.int32(0)))
        texts = StringColumn(column.source, column.starts, lengths)
        # The lengths are in bytes, so no fewer than characters.
        long = np.flatnonzero(lengths > most)
        self.odd[find_unusual(texts, long, lambda value: text(value, name, most) == value)] = True
        return texts

    def distinct(
        self, names: Collection[str], read: Callable[[Any], Value]
    ) -> tuple[Ints, list[Value | None]]:
        """Read the distinct combinations of some members. `read` is called with an object that has only
        these. Return the number of its combination for each object, and what was read of each: None where it
        cannot be read."""
        source, starts, lengths, kinds, _ = self._fields
        given = [number for number in map(self._number, names) if kinds[number].any()]
        # Of the same bytes, those of another kind are other values. Negative lengths are compared as such.
        alike, firsts = number_alike(
            source,
            np.concatenate([starts[given], starts[given]]),
            np.concatenate([lengths[given], -1 - kinds[given].astype(np.int32)]),
            SEED,
        )
        values, odd = list[Value | None](), np.zeros(len(firsts), bool)
        for place, row in enumerate(firsts.tolist()):
            try:
                values.append(read(self._read(row, names)))
            except (ItemError, *UNREADABLE):
                odd[place] = True
                values.append(None)
        self.odd |= odd[alike]
        return alike, values

    def mark_unread(self, rows: RowNumbers) -> None:
        """Mark those of some objects odd that have members which need to be read to be known as right."""
        kinds = self._fields.kinds[:, rows]
        unread = are_kinds(kinds, ValueKind.NUMBER, ValueKind.OBJECT, ValueKind.ARRAY)
        self.odd[rows] |= unread.any(axis=0)

    def objects(self, name: str, type_: type[msgspec.Struct], most: int) -> Objects:
        """Return the objects in arrays of a member. One alone may be without its array."""
        items = self._items(name, (ValueKind.OBJECT,), most)
        found = Objects.scan(self.document, type_, items.starts, items.lengths, items.parents)
        found.odd |= ~are_kinds(items.kinds, ValueKind.OBJECT)
        return found

    def values(self, name: str, most: int) -> tuple[RowNumbers, StringColumn, npt.NDArray[Any]]:
        """Return the texts, numbers and flags in arrays of a member, as they are written: the object that
        each is of, the values and their kinds. One alone may be without its array."""
        parents, starts, lengths, kinds = self._items(name, _SIMPLE, most)
        wrong = are_kinds(kinds, ValueKind.INTEGER) & (lengths > _MOST_DIGITS) | ~are_kinds(kinds, *_SIMPLE)
        self.odd[parents[wrong]] = True
        texts = StringColumn(self._fields.source, starts, np.where(wrong, np.int32(0), lengths))
        return parents, texts, kinds

    def _items(self, name: str, alone: Sequence[ValueKind], most: int) -> _Items:
        number, kinds = self._number(name), self.kinds(name)
        starts, lengths = self._fields.starts[number], self._fields.lengths[number]
        arrays = np.flatnonzero(are_kinds(kinds, ValueKind.ARRAY))
        single = np.flatnonzero(are_kinds(kinds, *alone))
        found = self.document.children(starts[arrays], lengths[arrays])
        self.odd[arrays] |= found.odd
        self.odd[arrays] |= np.bincount(found.parents, minlength=len(arrays)) > most
        items = _Items(arrays[found.parents], found.starts, found.lengths, found.kinds)
        if not len(single):
            return items
        added = _Items(single, starts[single], lengths[single], kinds[single])
        order = np.argsort(np.concatenate([items.parents, single]), kind="stable")
        return _Items(*(np.concatenate([items[part], added[part]])[order] for part in range(len(items))))

    def _number(self, name: str) -> int:
        return self._type.__struct_fields__.index(name)

    def _read(self, row: int, names: Collection[str]) -> Any:
        """Decode an object with some of its members only."""
        source, starts, lengths, kinds, _ = self._fields
        members = []
        for name in names:
            number = self._number(name)
            start, kind = starts[number, row], int(kinds[number, row])
            written = source[start : start + max(lengths[number, row], 0)].tobytes()
            if kind == ValueKind.TEXT:
                written = json_encode(written.decode())
            if kind != ValueKind.ABSENT:
                members.append(b'"%b":%b' % (name.encode(), written))
        return _decoder(self._type).decode(b"{%b}" % b",".join(members))


def find_unusual(texts: StringColumn, rows: npt.NDArray[Any], is_usual: Callable[[str], bool]) -> RowNumbers:
    """Find those of some rows whose text is not usual, by a function that may raise ItemError."""
    unusual = []
    for row, value in zip(rows.tolist(), texts.take(rows), strict=True):
        try:
            if is_usual(value or ""):
                continue
        except ItemError:
            pass
        unusual.append(row)
    return np.array(unusual, np.intp)


def find_repeated(parents: RowNumbers, ids: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Find the parents of several objects with the same id."""
    order = np.lexsort((ids, parents))
    parents, ids = parents[order], ids[order]
    repeated: npt.NDArray[Any] = parents[1:][(parents[1:] == parents[:-1]) & (ids[1:] == ids[:-1])]
    return repeated


@cache
def _decoder(type_: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)
