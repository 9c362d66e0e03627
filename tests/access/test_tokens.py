from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.access.tokens import new_client_id, new_token, organization_of

IDS = st.integers(1, 2**63 - 1)


@given(IDS)
def test_token_and_client_id_contain_their_organization(organization_id: int) -> None:
    assert organization_of(new_token(organization_id)) == organization_id
    assert organization_of(new_client_id(organization_id)) == organization_id


def test_tokens_differ() -> None:
    assert len({new_token(1) for _ in range(1000)}) == 1000


@given(st.text())
def test_malformed_token_has_no_organization(text: str) -> None:
    assert organization_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c_" + "a" * 32,
        "c0_" + "a" * 32,
        "c01_" + "a" * 32,
        "C1_" + "a" * 32,
        "c1_" + "a" * 31,
        "c1_" + "a" * 32 + "\n",
        "c1_" + "é" * 32,
        "c٣_" + "a" * 32,
        "c1y2p0ij32e8e8_" + "a" * 32,  # 2**63
        "czzzzzzzzzzzzzz_" + "a" * 32,
    ],
)
def test_almost_wellformed_token_has_no_organization(text: str) -> None:
    assert organization_of(text) is None


@pytest.mark.parametrize("organization_id", [0, -5])
def test_invalid_organization_id_gets_no_token(organization_id: int) -> None:
    with pytest.raises(ValueError, match="not the id of an organization"):
        new_token(organization_id)
