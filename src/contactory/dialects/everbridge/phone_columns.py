"""The phone numbers of many paths: those that `phones.read_phone` would take by their pattern alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from contactory.columns.column import RowNumbers, StringColumn
from contactory.columns.jit import Ints
from contactory.columns.values import SEED, number_alike, read_digits
from contactory.dialects.everbridge.phones import LONGEST_CODE, find_country, plain_numbers


def match_phones(
    values: StringColumn, countries: Sequence[str], number_of: Ints
) -> tuple[RowNumbers, StringColumn, StringColumn]:
    """Match numbers with `countries[number_of[...]]` of each. Return those that match, and the number and the
    country that is stored for each of these."""
    source, starts, lengths, has_plus = read_digits(values.source, values.starts, values.lengths)
    is_international = has_plus.astype(bool)
    # Numbers of one pattern begin with the same digits, or have the same country. Negative lengths are
    # compared as such.
    codes = np.where(is_international, np.minimum(lengths, LONGEST_CODE), -1).astype(np.int32)
    others = np.where(is_international, -1, -2 - number_of).astype(np.int32)
    alike, firsts = number_alike(source, np.stack([starts, starts]), np.stack([codes, others]), SEED)
    digits, ends = source.tobytes().decode(), starts + lengths
    matches, found = np.zeros(len(values), bool), list[str]()
    nationals = starts.copy()
    for rows, first in zip(_group(alike, len(firsts)), firsts.tolist(), strict=True):
        country, length = countries[number_of[first]].strip().upper(), 0
        if is_international[first]:
            begin = starts[first]
            country, length = find_country(digits[begin : begin + codes[first]])
        found.append(country)
        nationals[rows] += length
        if pattern := plain_numbers(country):
            places = zip(nationals[rows].tolist(), ends[rows].tolist(), strict=True)
            matches[rows] = [pattern.fullmatch(digits, *place) is not None for place in places]
    matched = np.flatnonzero(matches)
    column = StringColumn(source, nationals, ends - nationals)
    return matched, column.take(matched), StringColumn.from_values(found).take(alike[matched])


def _group(numbers: Ints, count: int) -> list[npt.NDArray[np.intp]]:
    """Return the rows of each number."""
    bounds = np.cumsum(np.bincount(numbers, minlength=count))
    return np.split(np.argsort(numbers, kind="stable"), bounds)[:count]
