"""The bounds of what is taken; docs/reference/limits.md says what each is for."""

from __future__ import annotations

from typing import Final

# What is told of a body that cannot be read.
MOST_PLACES: Final = 100
