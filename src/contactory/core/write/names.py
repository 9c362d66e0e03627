"""Keys of rows as numbers, so that equal ones are found without a dictionary of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.columns.column import Ids, StringColumn
from contactory.columns.jit import Ints
from contactory.columns.values import SEED, number_alike
from contactory.core.write.targets import Lookup
from contactory.model.bulk import RowKeys
from contactory.model.keys import Keys


class Names(NamedTuple):
    """The columns of keys: the first one, and those of fallback keys.

    scheme_ids [column][row]: the scheme in which a new key is stored.
    numbers [column, row]: the same number for the same key in the same scheme, -1 for none.
    owners [column, row]: the stored record that has the key, 0 for none.
    first_rows [row]: the first row with the same first key; the row itself where it has none.
    """

    columns: Sequence[Keys]
    scheme_ids: Sequence[Ints]
    numbers: npt.NDArray[np.int32]
    owners: Ids
    first_rows: npt.NDArray[np.intp]


def number_names(keys: RowKeys, lookup: Lookup) -> Names:
    """Number the keys of rows, each of which may be found in one scheme only."""
    columns = [column for column in (keys.keys, *keys.fallback_keys) if column]
    scheme_ids = [
        np.array([match.default for match in matches], np.int32)[column.scheme_of]
        for column, matches in zip(columns, (lookup.matches, *lookup.fallback_matches), strict=True)
    ]
    stored, held, count = lookup.stored_keys, len(lookup.stored_keys.keys), keys.count
    texts = [column.texts for column in columns]
    joined = StringColumn.concatenate([stored.keys, *(column.compact() for column in texts)])
    schemes = np.concatenate([stored.scheme_ids, *scheme_ids])
    places = np.arange(len(schemes), dtype=np.int32) * schemes.itemsize + np.int32(len(joined.source))
    numbers, firsts = number_alike(
        np.concatenate([joined.source, schemes.view(np.uint8)]),
        np.stack([joined.starts, places]),
        np.stack([joined.lengths, np.full_like(places, schemes.itemsize)]),
        SEED,
    )
    owner_of = np.zeros(len(firsts), np.int64)
    owner_of[numbers[:held]] = stored.record_ids
    by_column = numbers[held:].reshape(len(columns), count)
    has_none = np.stack([column.lengths <= 0 for column in texts])
    owners = np.where(has_none, 0, owner_of[by_column])
    # A stored key stands before all rows, and counts as the first for none of them.
    first_rows = np.where(has_none[0] | (owners[0] > 0), np.arange(count), firsts[by_column[0]] - held)
    return Names(columns, scheme_ids, np.where(has_none, np.int32(-1), by_column), owners, first_rows)
