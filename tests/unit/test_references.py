"""A column of references, concatenated and sliced in all ways."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contactory.model.fields import COMPANIES
from contactory.model.keys import Reference, References

named = st.none() | st.builds(Reference, st.just(COMPANIES), st.just("s"), key=st.sampled_from("abcd"))


def column(values: list[Reference | None]) -> References:
    """Make a column with one reference per row."""
    return References(values, np.arange(len(values), dtype=np.int32))


def rows(references: References) -> list[Reference | None]:
    return [references.named[number] for number in references.number_of.tolist()]


@given(st.lists(st.lists(named, min_size=1), min_size=1), st.data())
def test_references_are_concatenated_and_sliced(
    parts: list[list[Reference | None]], data: st.DataObject
) -> None:
    together = [value for part in parts for value in part]
    joined = References.concatenate([column(part) for part in parts])
    assert rows(joined) == together
    assert len(joined.named) == len(set(together))
    some = data.draw(st.lists(st.integers(0, len(together) - 1), unique=True))
    assert rows(joined.take(np.array(some, np.intp))) == [together[row] for row in some]
    assert rows(column(together).take(np.array(some, np.intp))) == [together[row] for row in some]
    assert rows(References.none(len(together))) == [None] * len(together)


@given(st.lists(named, min_size=1))
def test_meanings_of_references_are_given_by_row(values: list[Reference | None]) -> None:
    known = {value: key for key, value in enumerate(values) if value}
    assert column(values).look_up(known) == [known.get(value) if value else None for value in values]
