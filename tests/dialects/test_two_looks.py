"""The fast look at a body and the slow one must agree on what they take."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.propeller.columns import Identity
from contactory.dialects.propeller.decode import decode_bulk
from contactory.dialects.propeller.everit import violations
from contactory.dialects.propeller.resources import COMPANY, CONTACT, Bulk, Resource
from contactory.model.problems import Code, Refusal

scalars = st.sampled_from(["", "x", "NL", "m", "a@b.nl", "28/08/1993", 0, 7, 2**40, 1.5, True, None])
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
pricings = st.fixed_dictionaries(
    {}, optional={"products": st.lists(priced, max_size=2), "categories": scalars, "shopId": scalars}
)


def rows(bulk: Bulk) -> st.SearchStrategy[dict[str, Any]]:
    """Rows of which most are nearly right."""
    shaped = {"parent": parents, "attributes": st.lists(attributes, max_size=2), "pricing": pricings}
    keys = {key: shaped.get(key, scalars) | anything for key in (*bulk.form.layout.fields, "company")}
    likely = {"id": st.just(1), "source": st.just("ERP"), "sourceId": st.just("1") | st.just(1)}
    return st.fixed_dictionaries(
        {key: likely[key] for key in bulk.required},
        optional={key: strategy for key, strategy in keys.items() if key not in bulk.required},
    ) | st.dictionaries(st.sampled_from(sorted(keys)), scalars, max_size=3)


@pytest.mark.parametrize(
    ("resource", "bulk"),
    [(resource, bulk) for resource in (CONTACT, COMPANY) for bulk in resource.bulks],
    ids=lambda value: value.path if isinstance(value, Resource) else value.lookup_key,
)
def test_types_take_a_body_exactly_when_the_schema_does(resource: Resource, bulk: Bulk) -> None:
    @given(st.lists(rows(bulk), max_size=2))
    def agree(sent: list[dict[str, Any]]) -> None:
        body = {resource.path: sent}
        assert is_taken(resource, bulk, msgspec.json.encode(body)) == (violations(bulk.schema, body) == [])

    agree()


def is_taken(resource: Resource, bulk: Bulk, body: bytes) -> bool:
    """A refusal by types alone, in words that are not the schema's, counts as taken: it must not happen."""
    try:
        write, _ = decode_bulk(resource, bulk, body, Identity("NL"), 100)
        if write.unread:
            names = [part for part, _ in write.unread.names()]
            for part in names:  # They are few, and in one.
                write.unread.read(range(part.count), part)
    except Refusal as refusal:
        assert refusal.problem.code is Code.INVALID
        return refusal.problem.texts[0].startswith("#: Object") or refusal.problem.texts[0].startswith(
            "#: Expected"
        )
    return True
