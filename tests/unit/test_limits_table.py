"""The table of limits: it has every constant, and only constants and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

from contactory.model import limits

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "reference" / "limits.md").read_text()
CONSTANTS = {name for name in vars(limits) if name.isupper()}


def test_every_limit_is_in_the_table() -> None:
    assert {name for name in CONSTANTS if f"`{name}`" not in TABLE} == set()


def test_tests_named_in_the_table_exist() -> None:
    named = set(re.findall(r"`((?:tests/)?[a-z_/]*test_[a-z_]+\.py)`", TABLE))
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    missing = {name for name in named if not any(path.endswith("/" + name) or path == name for path in found)}
    assert len(named) > 20 and missing == set()
