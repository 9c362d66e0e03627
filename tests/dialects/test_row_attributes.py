"""The attributes that the scanner reads are those that a decoder reads."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns.column import BytesColumn
from contactory.dialects.propeller.row_attributes import read_attributes
from contactory.dialects.propeller.rows import AttributeRow
from contactory.model.attributes import AttributeValues

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
values = (
    texts
    | st.integers()
    | st.decimals(-99, 99, places=2).map(float)
    | st.lists(texts | st.none(), max_size=2)
)
attributes = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "list"]), "class": texts, "name": texts},
    optional={"id": st.integers(0, 9), "value": values | st.booleans()},
)
rows = st.lists(st.none() | st.lists(attributes, max_size=3), min_size=1, max_size=6)

_decode = msgspec.json.Decoder(list[AttributeRow] | None).decode


def plain(found: AttributeValues) -> list[Any]:
    """Return the row, attribute and value of each."""
    named = zip(found.rows.tolist(), found.name_of.tolist(), found.values, strict=True)
    return [(row, found.names[name], json.loads(value or b"null")) for row, name, value in named]


@given(rows, st.booleans(), st.sampled_from([None, 1]))
def test_scanner_reads_the_attributes_that_were_sent(
    sent: list[Any], is_ascii: bool, indent: int | None
) -> None:
    documents = [
        None if row is None else json.dumps(row, ensure_ascii=is_ascii, indent=indent).encode()
        for row in sent
    ]
    decoded = AttributeValues.of([_decode(document or b"null") for document in documents])
    assert plain(read_attributes(BytesColumn[bytes].from_values(documents))) == plain(decoded)


@pytest.mark.parametrize(
    "document",
    [
        *(
            b"[}",
            b"[{}]",
            b"[1]",
            b"[{]}",
            b"[,]",
            b'[{"type":"text","id":1},]',
            b'[{"type":"text","id":1}{}]',
        ),
        *(b'[{"type":"text","id":1,"value":[1}]]', b'[{"type":"text","id":1,"value":null}]'),
        *(b'[{"type":"text","name":"A"}]', b'[{"id":1}]', b'[{"type":"text","id":1,"value":--1.5}]'),
    ],
)
def test_wrong_attributes_are_refused(document: bytes) -> None:
    fine = b'[{"type":"text","id":1,"value":"x"}]'
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        read_attributes(BytesColumn[bytes].from_values([fine, document, None, fine]))
