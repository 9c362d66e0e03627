"""The rows of a batch, read as far as they are needed. Rows that were sent before need not be read again
(docs/decisions/0027-repeated-rows-of-everbridge.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import phonenumbers
from xxhash import xxh3_128_digest

from contactory.columns.column import RowSelection, StringColumn, as_words, take
from contactory.columns.jit import IS_EXACT, Words
from contactory.dialects.base import UNREADABLE
from contactory.dialects.everbridge.bodies import check_items, decode_items
from contactory.dialects.everbridge.column_reader import Columns, read_columns, replace_rows
from contactory.dialects.everbridge.columns import Row, read_rows
from contactory.dialects.everbridge.disabled import is_disabled, uses_disabled
from contactory.dialects.everbridge.items import Contact, Outline, contacts
from contactory.dialects.everbridge.names import ATTRIBUTE, GROUP, RECORD_TYPE, find_named, required_lookups
from contactory.dialects.everbridge.quiet import number_of_zones
from contactory.dialects.everbridge.row_keys import NeedsStored, read_keys, scan_rows
from contactory.dialects.everbridge.targets import SCHEME, WriteOptions
from contactory.dialects.everbridge.values import given
from contactory.dialects.everbridge.write import check_identity, write_contacts
from contactory.model.bulk import BulkWrite, RowDigests, RowKeys, Rows
from contactory.model.commands import Chain, Command
from contactory.model.directory import PATH, Directory, FindEntries
from contactory.model.fields import CONTACTS
from contactory.model.keys import Keys
from contactory.model.limits import MOST_NAMES
from contactory.model.problems import Problem

# Another number makes rows that were sent before be read again: for when they come to mean something else.
MEANING: Final = 1
FEWEST_ROWS: Final = 50  # Fewer are read sooner than the directory is compared.
FEWEST_COLUMNAR: Final = 25  # Fewer are read sooner one by one.
# The entries of a directory that is compared are few, or no more than there are rows, and never more than a
# quarter of the names of a call: so rows can name each by its number and by its name, and as much beside.
_FEW_ENTRIES: Final = 100
_MOST_ENTRIES: Final = MOST_NAMES // 4
_KINDS: Final = (RECORD_TYPE, GROUP, ATTRIBUTE, PATH)


_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_OUTLINES: Final = msgspec.json.Decoder(list[Outline])
_SORTED: Final = msgspec.json.Encoder(order="deterministic")


def write_batch(body: bytes, options: WriteOptions, organization_id: int, max_rows: int) -> Command:
    """Make the write of a batch. Raises Refusal."""
    check_items(body, max_rows, "contacts")
    rows = BatchRows.of(body, options, organization_id)
    if rows is None:
        return write_contacts(decode_items(contacts, body), options)
    most = min(max(rows.count, _FEW_ENTRIES), _MOST_ENTRIES)
    return Chain(FindEntries(kinds=_KINDS, to_refer=True, at_most=most), rows.write)


class BatchRows:
    """Rows that are known by externalId, and judged without what is stored of their contacts."""

    has_attributes = False
    renews_digests = True

    def __init__(self, body: bytes, options: WriteOptions, organization_id: int) -> None:
        """Raises NeedsStored, and UNREADABLE errors."""
        self._sent = _RAWS.decode(body)
        self.count = len(self._sent)
        if self.count < FEWEST_ROWS:
            raise NeedsStored
        self._body = body
        self._options = options
        self._organization_id = organization_id
        self._rows = scan_rows(body)
        if len(self._rows) < self.count:
            raise NeedsStored
        self._keys = _as_keys(read_keys(self._rows, self._sent, options))
        self._words = as_words(b"".join(map(xxh3_128_digest, self._sent)))
        self._directory = Directory(())
        self._named = set[tuple[str, int | str]]()  # beside what is in the directory
        self._is_counted = False

    @classmethod
    def of(cls, body: bytes, options: WriteOptions, organization_id: int) -> BatchRows | None:
        """Return the rows, or None where all of them have to be read at once."""
        try:
            return cls(body, options, organization_id)
        except (*UNREADABLE, NeedsStored):
            return None

    def write(self, directory: Directory) -> Command:
        """Make the write. Where a row gives a path of a disabled method, or the directory is too large to be
        compared, all rows are read at once."""
        if not directory.is_complete or self._uses_disabled(directory):
            return write_contacts(self._read_all(), self._options)
        self._directory, self._named, self._is_counted = directory, set(), False
        self._row_digests = self._words ^ self._meaning()
        return BulkWrite(
            kind=CONTACTS,
            key_name="id" if self._options.by_id else "externalId",
            may_create=self._options.creates,
            rows=self,
        )

    def scan_keys(self) -> Iterator[tuple[RowKeys, RowDigests]]:
        yield RowKeys(count=self.count, keys=self._keys), self.digests

    def digests(self, rows: RowSelection) -> bytes:
        return take(self._row_digests, rows).tobytes()

    def read(self, rows: RowSelection, keys: RowKeys) -> Rows:
        part = self._rows.take(np.asarray(rows))
        columns: Columns = {}
        if is_columnar(len(rows)):
            columns = read_columns(part, self._directory, full=self._options.full, note=self._count_groups)
        else:
            part.odd[:] = True
        odd = np.flatnonzero(part.odd)
        refused: dict[int, Problem] = {}
        if len(odd):
            exact, refused = self._read_exactly(take(self._sent, np.asarray(rows)[odd]))
            columns = replace_rows(columns, odd, exact, len(rows))
        return Rows.of(keys, columns, refused={int(odd[row]): problem for row, problem in refused.items()})

    def _read_exactly(self, sent: Sequence[msgspec.Raw]) -> tuple[Columns, dict[int, Problem]]:
        try:
            found = [contacts.one.decode(row) for row in sent]
        except UNREADABLE:
            self._read_all()
            raise
        read = read_rows(
            found, self._directory, full=self._options.full, mark=self._check_identity, check=_allow
        )
        self._count_names(found, read[1])
        return read

    def _uses_disabled(self, directory: Directory) -> bool:
        """Tell whether a row gives a path of a disabled method, or cannot be decoded."""
        if not any(map(is_disabled, directory)):
            return False
        try:
            return any(uses_disabled(row, directory) for row in _OUTLINES.decode(self._body))
        except UNREADABLE:
            return True

    def _read_all(self) -> list[Contact]:
        """Raises Refusal, which names every row that cannot be decoded."""
        return decode_items(contacts, self._body)

    def _check_identity(self, contact: Contact) -> None:
        check_identity(contact, self._options, None)

    def _count_names(self, found: Sequence[Contact], refused: Collection[int]) -> None:
        """Refuse a call that names too much, as `needed` does. Rows that are taken name what is in the
        directory, each entry by its number or by its name; only those that are refused may name more, and
        those whose groupsName counts for nothing."""
        self._named |= find_named(found[row] for row in refused)
        self._named |= find_named(row for row in found if given(row.groups) and given(row.groupsName))
        if 2 * len(self._directory) + len(self._named) > MOST_NAMES and not self._is_counted:
            self._is_counted = True
            required_lookups(self._read_all())

    def _count_groups(self, contact: Contact) -> None:
        self._count_names([contact], ())

    def _meaning(self) -> Words:
        """Everything but its bytes that decides what a row does to a contact."""
        entries = sorted((entry.kind, entry.number, entry.name, entry.details) for entry in self._directory)
        rules = (MEANING, phonenumbers.__version__, number_of_zones())
        rules_of_rows = ("everbridge", self._organization_id, self._options.full, rules, entries)
        return as_words(xxh3_128_digest(_SORTED.encode(rules_of_rows)))


def is_columnar(count: int) -> bool:
    """Tell whether so many rows are read by columns, and only odd ones by the exact reader."""
    return count >= FEWEST_COLUMNAR and not IS_EXACT


def _as_keys(keys: StringColumn) -> Keys:
    columns: Any = np.zeros(len(keys), np.int32), keys
    return Keys([SCHEME], *columns)


def _allow(_: Contact, __: Row) -> None:
    """Nothing that is stored forbids a row."""
