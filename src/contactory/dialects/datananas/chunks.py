"""The rows of a chunk, which repeat what their contacts' last writer gave where their digests are equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
from xxhash import xxh3_128_digest

from contactory.columns.column import RowSelection, as_words, take
from contactory.columns.jit import Words
from contactory.dialects.datananas.write import Rules
from contactory.model.bulk import RowDigests, RowKeys, Rows

# Another number makes rows that were sent before be written again: for when they come to mean something else.
MEANING: Final = 1


class ChunkRows(Rows, kw_only=True):
    """Rows with a digest of all that decides what each does to a contact that is stored."""

    row_digests: Words

    @classmethod
    def with_digests(cls, rows: Rows, hashes: bytes, rules: Rules) -> ChunkRows:
        """Return rows with digests. Those that are refused, or are known by an id, have none.

        What only new contacts get does not matter: the moment of the call, and unless they are replaced, the
        list and the owner.
        """
        words = as_words(hashes)
        has_digest = np.asarray(words.any(axis=1))
        has_digest[[*rows.refused]] = False
        if rows.ids is not None:
            has_digest &= np.array([id_ is None for id_ in rows.ids], bool)
        owners = rows.columns.get("owner_id") if rules.replaces_owner else None
        owners = owners or [None] * rows.count
        marks = {owner: _mark(rules, owner) for owner in set(owners)}
        words = words ^ as_words(b"".join([marks[owner] for owner in owners]))
        words[~has_digest] = 0
        return cls(**msgspec.structs.asdict(rows), row_digests=words)

    def scan_keys(self) -> Iterator[tuple[RowKeys, RowDigests]]:  # type: ignore[override]
        yield self, self.digests

    def digests(self, rows: RowSelection) -> bytes:
        return take(self.row_digests, rows).tobytes()


def _mark(rules: Rules, owner: int | None) -> bytes:
    """Hash what decides what a row does, beside its bytes. `owner`: the id of the one that it replaces."""
    said = ("datananas", MEANING, rules.list_id if rules.moves else 0, owner)
    return xxh3_128_digest(msgspec.json.encode(said))
