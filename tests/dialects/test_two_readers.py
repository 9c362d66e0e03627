"""The scanner, the types and the JSON schema of a body accept the same bodies, and read the same values."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.decode import decode_bulk
from contactory.dialects.propeller.everit import violations
from contactory.dialects.propeller.resources import COMPANY, CONTACT, CUSTOMER, Bulk, Resource
from contactory.model.bulk import Rows
from contactory.model.fields import CLEARED_DATE
from contactory.model.problems import Code, Refusal

scalars = st.sampled_from(["", "x", "NL", "m", "U", "a@b.nl", "28/08/1993", 0, -7, 2**40, 1.5, True, None])
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("id"), inner, max_size=1)
)
parents = st.fixed_dictionaries(
    {}, optional={"id": scalars, "source": scalars, "sourceId": scalars, "x": scalars}
)
attributes = st.fixed_dictionaries(
    {"type": st.just("text") | scalars},
    optional={"id": scalars, "class": scalars, "name": scalars, "value": anything},
)
priced = st.fixed_dictionaries(
    {
        "pricing": st.fixed_dictionaries(
            {}, optional={"type": st.sampled_from(["CP", "XX", 1]), "amount": scalars}
        )
    },
    optional={"id": scalars, "source": scalars, "sourceId": scalars},
)
addresses = st.lists(st.dictionaries(st.text(max_size=2), scalars, max_size=2) | scalars, max_size=2)
pricings = st.fixed_dictionaries(
    {}, optional={"products": st.lists(priced, max_size=2), "categories": scalars, "shopId": scalars}
)


def rows(bulk: Bulk) -> st.SearchStrategy[dict[str, Any]]:
    """Generate rows that are valid or nearly so."""
    shaped = {
        "addresses": addresses,
        "parent": parents,
        "attributes": st.lists(attributes, max_size=2),
        "pricing": pricings,
    }
    keys = {key: shaped.get(key, scalars) | anything for key in (*bulk.body_schema.rows.fields, "company")}
    likely = {"id": st.just(1), "source": st.just("ERP"), "sourceId": st.just("1") | st.just(1)}
    return st.fixed_dictionaries(
        {key: likely[key] for key in bulk.required},
        optional={key: strategy for key, strategy in keys.items() if key not in bulk.required},
    ) | st.dictionaries(st.sampled_from(sorted(keys)), scalars, max_size=3)


@pytest.mark.parametrize(
    ("resource", "bulk"),
    [(resource, bulk) for resource in (CONTACT, COMPANY, CUSTOMER) for bulk in resource.bulks],
    ids=lambda value: value.path if isinstance(value, Resource) else value.lookup_key,
)
def test_types_accept_a_body_exactly_if_the_schema_does(resource: Resource, bulk: Bulk) -> None:
    @given(st.lists(rows(bulk), max_size=2))
    def agree(sent: list[dict[str, Any]]) -> None:
        body = {resource.path: sent}
        assert is_taken(resource, bulk, msgspec.json.encode(body)) == (violations(bulk.schema, body) == [])

    agree()


def is_taken(resource: Resource, bulk: Bulk, body: bytes) -> bool:
    """Tell whether a body is accepted. A refusal that only the types raise counts as accepted, since there
    must be none."""
    try:
        write, _ = decode_bulk(resource, bulk, body, KeyOptions("NL"), 100)
        if not isinstance(write.rows, Rows):
            names = [part for part, _ in write.rows.scan_keys()]
            for part in names:  # The rows are few, so there is one slice.
                write.rows.read(range(part.count), part)
    except Refusal as refusal:
        assert refusal.problem.code is Code.INVALID
        return refusal.problem.texts[0].startswith("#: Object") or refusal.problem.texts[0].startswith(
            "#: Expected"
        )
    return True


# Dates of birth as clients write them, and their values; None if the row fails.
DATES: Final = {
    "1993-08-28": date(1993, 8, 28),
    "1993-08-28T23:59:59Z": date(1993, 8, 28),
    "1993-08-28 10:00:00": date(1993, 8, 28),
    "28/08/1993": date(1993, 8, 28),
    "8/2/1993": date(1993, 2, 8),
    "August, 28 1993 00:00:00 +0000": date(1993, 8, 28),
    "0001-01-01": date(1, 1, 1),
    "29/02/2000": date(2000, 2, 29),
    "9999-12-31": date(9999, 12, 31),
    **dict.fromkeys(("19930828", "1993-W10-1", "31/02/1993", "1993-02-29", "0000-01-01", "00/01/1993")),
    **dict.fromkeys(("1993-08-2", "1993/08/28", "28-08-1993", "August, 28 1993", "x", " 1993-08-28")),
    **dict.fromkeys(("\u0661\u0669\u0669\u0663-08-28", "28.08.1993", "28/08/93", "1993-08-28x")),
}
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
numbers = texts | st.integers(-(2**63), 2**64 - 1)
given_addresses = st.lists(
    st.dictionaries(texts, texts | st.integers(0, 9) | st.none(), max_size=2), max_size=2
)
fit_rows = st.lists(
    st.fixed_dictionaries(
        {"source": st.just("S"), "sourceId": st.just(1), "id": st.just(1)},
        optional={
            "gender": st.sampled_from(["M", "m", "F", "f", "U", "u", ""]),
            "language": st.sampled_from(["", "nl", "NL", "De"]),
            "phone": numbers,
            "ssn": numbers,
            "dateOfBirth": st.sampled_from([*DATES, ""]) | st.dates().map(date.isoformat),
            "addresses": given_addresses,
        },
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("bulk", CUSTOMER.bulks, ids=lambda bulk: bulk.lookup_key)
@given(
    sent=fit_rows,
    ensure_ascii=st.booleans(),
    separators=st.sampled_from([(",", ":"), (" ,\n", " : ")]),
    unusual=st.booleans(),
)
def test_scanner_and_types_read_what_plain_python_reads(
    bulk: Bulk, sent: list[dict[str, Any]], *, ensure_ascii: bool, separators: tuple[str, str], unusual: bool
) -> None:
    rows = [{key: value for key, value in row.items() if key in bulk.body_schema.rows.fields} for row in sent]
    body = json.dumps({"customers": rows}, ensure_ascii=ensure_ascii, separators=separators)
    if unusual:  # A repeated key makes the body be read by types.
        body = body.replace('"source"', '"source":"x","source"', 1)
    write, wanted = read(bulk, body.encode()), [expected(row) for row in rows]
    for field in expected({}):
        values = list(write.columns.get(field, [None] * len(rows)))
        if field == "addresses":
            values = [None if value is None else json.loads(value) for value in values]
        assert values == [row[field] for row in wanted], field
    failed = {row for row, given in enumerate(rows) if DATES.get(given.get("dateOfBirth", ""), 1) is None}
    assert write.refused.keys() == failed


def read(bulk: Bulk, body: bytes) -> Rows:
    write, _ = decode_bulk(CUSTOMER, bulk, body, KeyOptions("NL"), 100)
    if not isinstance(write.rows, Rows):
        ((part, _),) = list(write.rows.scan_keys())
        return write.rows.read(range(part.count), part)
    return write.rows


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """Return the values that the columns must have for a row."""

    def text(key: str) -> str | None:
        return None if key not in row else str(row[key])

    gender, birth, day = text("gender"), row.get("dateOfBirth"), None
    if birth == "":
        day = CLEARED_DATE
    elif birth and (found := DATES[birth] if birth in DATES else date.fromisoformat(birth)):
        day = (found - date(2000, 1, 1)).days
    return {
        "gender": gender and gender.upper().replace("U", ""),
        "language": (row.get("language") or "NL").upper(),
        "phone": text("phone"),
        "ssn": text("ssn"),
        "date_of_birth": day,
        "addresses": row.get("addresses"),
    }
