"""The text of key options, of which the digests of stored rows are made."""

from __future__ import annotations

import pytest

from contactory.dialects.propeller.columns import KeyOptions


@pytest.mark.parametrize("pair", [False, True])
def test_text_of_key_options_is_that_of_earlier_versions(pair: bool) -> None:
    """The text is part of stored digests: with another one no row would be recognised as repeated."""
    assert f"{KeyOptions('NL', pair=pair)}" == f"Identity(default_language='NL', pair={pair})"
