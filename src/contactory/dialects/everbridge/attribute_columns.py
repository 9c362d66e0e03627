"""The contact attributes of many rows, read into a column of documents as `attributes.py` reads those of
one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from contactory.columns.column import BytesColumn, RowNumbers, StringColumn
from contactory.columns.document import ValueKind, are_kinds
from contactory.columns.jit import Ints
from contactory.columns.json_arrays import Member, write_arrays
from contactory.columns.values import SEED, number_alike
from contactory.dialects.everbridge.attributes import as_text, check_values, takes_any, takes_one
from contactory.dialects.everbridge.items import AttributeValues
from contactory.dialects.everbridge.names import find_attribute
from contactory.dialects.everbridge.objects import Objects, find_repeated, find_unusual
from contactory.dialects.everbridge.values import ItemError, text
from contactory.model.directory import Directory, Entry
from contactory.model.limits import LONGEST_TEXT, MOST_ATTRIBUTE_ITEMS, MOST_ATTRIBUTES


def read_attributes(rows: Objects, directory: Directory) -> BytesColumn[bytes]:
    """Read the attributes of rows, and mark the odd ones."""
    attributes = rows.objects("contactAttributes", AttributeValues, MOST_ATTRIBUTES)
    numbers, entries = attributes.distinct(
        ["orgAttrId", "name"], lambda one: find_attribute(one, "", directory)
    )
    owners, texts = _read_values(attributes)
    attributes.odd[owners[_find_wrong(numbers[owners], texts, entries, directory)]] = True
    counts = np.bincount(owners, minlength=len(attributes))
    takes_one_of = np.array([entry is not None and takes_one(entry) for entry in entries], bool)
    attributes.odd |= takes_one_of[numbers] & (counts > 1)
    rows.adopt(attributes)
    given = np.flatnonzero(counts)
    ids = np.array([entry.number if entry else 0 for entry in entries], np.int64)[numbers[given]]
    parents = attributes.parents[given]
    rows.odd[find_repeated(parents, ids)] = True
    encoded = BytesColumn[bytes].from_values([b"%d" % (entry.number if entry else 0) for entry in entries])
    documents = write_arrays([Member(b"", texts, is_text=True)], owners, len(attributes), are_objects=False)
    members = [
        Member(b'"orgAttrId":', encoded.take(numbers[given])),
        Member(b'"values":', documents.take(given)),
    ]
    return write_arrays(members, parents, len(rows))


def _read_values(attributes: Objects) -> tuple[RowNumbers, StringColumn]:
    """Read the values of attributes as texts. Return also the attribute that each is of."""
    owners, texts, kinds = attributes.values("values", MOST_ATTRIBUTE_ITEMS)
    floats = np.flatnonzero(are_kinds(kinds, ValueKind.NUMBER))
    if len(floats):
        read = [as_text(msgspec.json.decode(value or "")) for value in texts.take(floats)]
        texts = texts.compact().replace_rows(floats.tolist(), StringColumn.from_values(read))
    long = np.flatnonzero(texts.lengths > LONGEST_TEXT)
    wrong = find_unusual(texts, long, lambda value: text(value, "", LONGEST_TEXT) == value)
    attributes.odd[owners[wrong]] = True
    return owners, texts


def _find_wrong(
    numbers: Ints, texts: StringColumn, entries: Sequence[Entry | None], directory: Directory
) -> RowNumbers:
    """Find values that their attributes do not take. Each distinct one is checked once."""
    is_checked = np.array([entry is not None and not takes_any(entry) for entry in entries], bool)
    checked = np.flatnonzero(is_checked[numbers])
    starts, lengths = texts.starts[checked], texts.lengths[checked]
    # Negative lengths are compared as such: the same text is another value of another attribute.
    alike, firsts = number_alike(
        texts.source, np.stack([starts, starts]), np.stack([lengths, -1 - numbers[checked]]), SEED
    )
    is_wrong = np.zeros(len(firsts), bool)
    for place, first in enumerate(checked[firsts].tolist()):
        entry = entries[numbers[first]]
        try:
            if entry is not None:
                check_values(entry, directory, [texts[first] or ""], "")
        except ItemError:
            is_wrong[place] = True
    return checked[is_wrong[alike]]
